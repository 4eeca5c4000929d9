package io.mcpdrivers.schema;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A tool that a server offers.
 *
 * @param name what it is called by; unique within the server
 * @param title what to show to people; null if the server gives none
 * @param description what it does, for models; null if the server gives none
 * @param inputSchema the JSON Schema of its arguments; an object
 * @param outputSchema the JSON Schema of its structured content; null if it promises none
 * @param annotations hints at its behaviour; null if the server gives none
 * @param meta the {@code _meta} of the tool; null if it has none
 * @see <a href="https://modelcontextprotocol.io/specification/2026-07-28/server/tools#tool">Specification: Tool</a>
 */
public record Tool(
        String name,
        @Nullable String title,
        @Nullable String description,
        JsonNode inputSchema,
        @Nullable JsonNode outputSchema,
        @Nullable ToolAnnotations annotations,
        @Nullable JsonNode meta) {

    /** Checks what must not be null. */
    public Tool {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(inputSchema, "inputSchema");
    }

    /**
     * Whether the server says that calling the tool again does no harm: it is marked read-only or idempotent. A hint of
     * the server, not a fact.
     *
     * @return true if so
     */
    public boolean isHarmlessToRepeat() {
        return annotations != null
                && (Boolean.TRUE.equals(annotations.readOnlyHint())
                        || Boolean.TRUE.equals(annotations.idempotentHint()));
    }
}
