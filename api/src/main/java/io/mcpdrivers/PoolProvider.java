package io.mcpdrivers;

import io.mcpdrivers.spi.DriverProperty;
import io.mcpdrivers.spi.McpUri;
import java.util.List;

/**
 * How {@link McpDrivers} finds the pool, by {@link java.util.ServiceLoader}, without depending on it. An application
 * never calls this. Thread-safe.
 */
public interface PoolProvider {

    /**
     * The settings of the pool that a URI may carry.
     *
     * @return the settings; never null
     */
    List<DriverProperty> properties();

    /**
     * Leases a connection from the default pool.
     *
     * @param uri the URI, its placeholders not resolved, its parameters checked
     * @return the lease
     */
    McpConnection getConnection(McpUri uri);

    /**
     * The URI behind {@code mcp:server:<name>} in the configuration of the default pool.
     *
     * @param name the server's name
     * @return its URI, placeholders not resolved, settings of the server included
     * @throws McpConfigurationException if no server has that name, or its entry is broken
     */
    McpUri serverUri(String name);
}
