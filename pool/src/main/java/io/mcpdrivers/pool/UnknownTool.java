package io.mcpdrivers.pool;

import io.mcpdrivers.McpException;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** What a caller is told whose tool is not among those that an aggregate can call. */
final class UnknownTool {

    private UnknownTool() {}

    /**
     * Why a tool cannot be called.
     *
     * @param name its name in the aggregate
     * @param directory the servers of the pool
     * @param all whether the aggregate has all servers that are configured and enabled
     * @param failures why servers could not be asked, by the servers' names
     * @param tools the tools that are known, perhaps some of servers that are no longer used
     */
    static McpException refusal(
            String name,
            ServerDirectory directory,
            boolean all,
            Map<String, McpException> failures,
            Collection<AggregatedTool> tools) {
        Map<String, ServerEntry> configured = directory.configuration().servers();
        if (all) {
            for (ServerEntry entry : configured.values()) {
                if (AggregateNames.mayBeOf(entry.name(), name) && !directory.isEnabled(entry)) {
                    return entry.isEnabled(directory.configuration().settings())
                            ? Refusals.switchedOff(entry.name())
                            : Refusals.disabled(entry.name());
                }
            }
        }
        for (Map.Entry<String, McpException> failure : failures.entrySet()) {
            if (AggregateNames.mayBeOf(failure.getKey(), name)) {
                return new McpException(
                        "Whether server '" + failure.getKey() + "' has a tool '" + name
                                + "' is not known, since its tools could not be listed: "
                                + failure.getValue().getMessage(),
                        failure.getValue());
            }
        }
        List<String> others = tools.stream()
                .filter(tool -> !all || configured.containsKey(tool.server()))
                .map(AggregatedTool::name)
                .toList();
        McpException unknown = new McpException(
                "No server has a tool '" + name + "'." + NearestName.suggestion(name, others)
                        + (failures.isEmpty()
                                ? ""
                                : " Not asked, since they cannot be reached: " + String.join(", ", failures.keySet())
                                        + "."),
                null);
        failures.values().forEach(unknown::addSuppressed);
        return unknown;
    }
}
