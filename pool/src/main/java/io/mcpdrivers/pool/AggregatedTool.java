package io.mcpdrivers.pool;

import io.mcpdrivers.schema.Tool;
import java.util.Objects;

/**
 * A tool of one of many servers.
 *
 * @param name what it is called by in the {@link McpAggregate}: {@code server__tool}, unique, at most 64 letters, digits,
 *     underscores and hyphens
 * @param server the server that has it
 * @param original the tool as its server lists it, with its original name
 */
public record AggregatedTool(String name, String server, Tool original) {

    /** Checks what must not be null. */
    public AggregatedTool {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(server, "server");
        Objects.requireNonNull(original, "original");
    }

    /**
     * The tool as a model is told of it: by its name here, with its original name for a title if it has none.
     *
     * @return the tool, otherwise as its server lists it
     */
    public Tool tool() {
        return new Tool(
                name,
                original.title() == null ? original.name() : original.title(),
                original.description(),
                original.inputSchema(),
                original.outputSchema(),
                original.annotations(),
                original.meta());
    }
}
