package io.mcpdrivers.schema;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Text.
 *
 * @param text the text; may be empty
 * @param annotations see {@link ContentBlock#annotations()}
 * @param meta see {@link ContentBlock#meta()}
 */
public record TextContent(
        String text,
        @Nullable JsonNode annotations,
        @Nullable JsonNode meta) implements ContentBlock {

    @Override
    public String type() {
        return "text";
    }
}
