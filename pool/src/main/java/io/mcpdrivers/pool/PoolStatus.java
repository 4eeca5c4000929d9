package io.mcpdrivers.pool;

import java.util.Map;

/**
 * How a pool stands at some moment. The servers are looked at one after the other, so the numbers of a busy pool need not
 * fit each other exactly. Holds no secret.
 *
 * @param servers the configured servers by name, and those that were used by URI, by a name made up from it; each by its
 *     {@link ServerStatus#name}
 * @param closed whether the pool was closed
 * @param suspended whether callers wait until the pool is resumed
 * @param maxTotal the most connections there may be; -1 for no limit
 * @param leases connections that callers hold; those that share one count each
 * @param connections those that count against the limits: active, idle, starting and closing ones
 * @param active connections in use
 * @param idle connections that wait for a use
 * @param starting connections that are being started
 * @param waiting callers that wait
 */
public record PoolStatus(
        Map<String, ServerStatus> servers,
        boolean closed,
        boolean suspended,
        int maxTotal,
        int leases,
        int connections,
        int active,
        int idle,
        int starting,
        int waiting) {

    /** Makes the map immutable. */
    public PoolStatus {
        servers = Map.copyOf(servers);
    }
}
