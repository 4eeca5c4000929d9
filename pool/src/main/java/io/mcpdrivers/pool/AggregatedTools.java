package io.mcpdrivers.pool;

import io.mcpdrivers.McpException;
import java.util.List;
import java.util.Map;

/**
 * The tools of many servers, and what became of those servers that could not be asked.
 *
 * @param tools the tools of all servers that could be asked, by server in the order of their names, and then as listed
 * @param unreachable why the others could not be asked, by server
 */
public record AggregatedTools(List<AggregatedTool> tools, Map<String, McpException> unreachable) {

    /** Makes both immutable. */
    public AggregatedTools {
        tools = List.copyOf(tools);
        unreachable = Map.copyOf(unreachable);
    }
}
