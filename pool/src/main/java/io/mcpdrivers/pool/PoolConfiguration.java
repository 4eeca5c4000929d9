package io.mcpdrivers.pool;

import io.mcpdrivers.McpConfigurationException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a pool was told: settings, and servers by name.
 *
 * @param settings the settings of the pool, which are also the defaults of its servers
 * @param servers the servers, in the order of their names
 * @param where where that was written, for error messages
 */
record PoolConfiguration(SettingValues settings, Map<String, ServerEntry> servers, String where) {

    PoolConfiguration {
        servers = Collections.unmodifiableMap(new LinkedHashMap<>(servers));
    }

    /** The same without one server. */
    PoolConfiguration without(String name) {
        Map<String, ServerEntry> left = new LinkedHashMap<>(servers);
        left.remove(name);
        return new PoolConfiguration(settings, left, where);
    }

    /** The same with other servers. */
    PoolConfiguration with(Map<String, ServerEntry> others) {
        return new PoolConfiguration(settings, others, where);
    }

    /**
     * The entry of a server.
     *
     * @throws McpConfigurationException if there is none
     */
    ServerEntry server(String name) {
        ServerEntry entry = servers.get(name);
        if (entry == null) {
            throw new McpConfigurationException(
                    "No server '" + name + "' is configured (" + where + "). "
                            + (servers.isEmpty()
                                    ? "None is; give a URI such as mcp:stdio:npx?arg=-y, or configure mcp.server."
                                            + name + ".uri."
                                    : "Configured: " + String.join(", ", servers.keySet()) + "."
                                            + NearestName.suggestion(name, servers.keySet())),
                    null);
        }
        return entry;
    }
}
