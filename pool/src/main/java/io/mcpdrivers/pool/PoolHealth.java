package io.mcpdrivers.pool;

import java.util.Map;

/**
 * Whether a pool and its servers can be used, as far as is known without asking them. Made for the health checks of
 * frameworks. Holds no secret.
 *
 * @param healthy whether the pool gives out leases and each server that is enabled is healthy
 * @param suspended whether callers wait until the pool is resumed
 * @param closed whether the pool was closed
 * @param servers the servers by name, as in {@link PoolStatus}
 */
public record PoolHealth(boolean healthy, boolean suspended, boolean closed, Map<String, ServerHealth> servers) {

    /** Makes the map immutable. */
    public PoolHealth {
        servers = Map.copyOf(servers);
    }
}
