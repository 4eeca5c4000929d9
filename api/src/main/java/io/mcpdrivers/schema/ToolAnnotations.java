package io.mcpdrivers.schema;

import org.jspecify.annotations.Nullable;

/**
 * Hints of a server at what a tool does. They are not to be trusted unless the server is.
 *
 * @param title what to show to people; null if the server gives none
 * @param readOnlyHint whether the tool changes nothing; null means false
 * @param destructiveHint whether what it changes may be destroyed rather than added to; null means true
 * @param idempotentHint whether calling it again with the same arguments changes nothing more; null means false
 * @param openWorldHint whether it deals with things outside of the server; null means true
 * @see <a href="https://modelcontextprotocol.io/specification/2026-07-28/schema#toolannotations">Specification:
 *     ToolAnnotations</a>
 */
public record ToolAnnotations(
        @Nullable String title,
        @Nullable Boolean readOnlyHint,
        @Nullable Boolean destructiveHint,
        @Nullable Boolean idempotentHint,
        @Nullable Boolean openWorldHint) {}
