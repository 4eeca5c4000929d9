package io.mcpdrivers.schema;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A piece of what a tool returns. A kind that this library does not know is an {@link UnknownContent}, so that later
 * revisions of the protocol break nothing.
 *
 * @see <a href="https://modelcontextprotocol.io/specification/2026-07-28/server/tools#tool-result">Specification: Tool
 *     result</a>
 */
public sealed interface ContentBlock
        permits TextContent, ImageContent, AudioContent, ResourceLink, EmbeddedResource, UnknownContent {

    /**
     * The kind of the block on the wire.
     *
     * @return for example {@code text}
     */
    String type();

    /**
     * For whom the block is, how important, and when it changed.
     *
     * @return the annotations as the server sent them; null if it sent none
     */
    @Nullable
    JsonNode annotations();

    /**
     * The {@code _meta} of the block.
     *
     * @return as the server sent it; null if it sent none
     */
    @Nullable
    JsonNode meta();
}
