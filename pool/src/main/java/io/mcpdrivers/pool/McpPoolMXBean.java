package io.mcpdrivers.pool;

import java.util.List;
import java.util.Map;

/**
 * What JMX shows of a pool, beside what Commons Pool shows of its idle connections: how it stands, and what an operator can
 * do. It is registered as {@code io.mcpdrivers:type=McpPool,name=pool,view=operations} by default. Shows no secret.
 *
 * @see McpPool
 */
public interface McpPoolMXBean {

    /**
     * See {@link PoolStatus#leases()}.
     *
     * @return the number now
     */
    int getLeases();

    /**
     * See {@link PoolStatus#connections()}.
     *
     * @return the number now
     */
    int getConnections();

    /**
     * See {@link PoolStatus#active()}.
     *
     * @return the number now
     */
    int getActive();

    /**
     * See {@link PoolStatus#idle()}.
     *
     * @return the number now
     */
    int getIdle();

    /**
     * See {@link PoolStatus#waiting()}.
     *
     * @return the number now
     */
    int getWaiting();

    /**
     * See {@link PoolStatus#maxTotal()}.
     *
     * @return the limit, or -1 for none
     */
    int getMaxTotal();

    /**
     * See {@link McpPool#suspend()}.
     *
     * @return whether callers wait
     */
    boolean isSuspended();

    /**
     * See {@link McpPool#health()}.
     *
     * @return whether the pool and its servers are healthy
     */
    boolean isHealthy();

    /**
     * How each server stands, in words.
     *
     * @return a line of text for each server, by name
     */
    Map<String, String> getServers();

    /**
     * See {@link McpPool#warmUp()}.
     *
     * @return a line of text for each server
     */
    List<String> warmUp();

    /**
     * See {@link McpPool#softEvict}.
     *
     * @param uriOrServerName a configured name, or a URI
     */
    void softEvict(String uriOrServerName);

    /**
     * See {@link McpPool#enable}.
     *
     * @param uriOrServerName a configured name, or a URI
     */
    void enable(String uriOrServerName);

    /**
     * See {@link McpPool#disable}.
     *
     * @param uriOrServerName a configured name, or a URI
     */
    void disable(String uriOrServerName);

    /**
     * See {@link McpPool#remove}.
     *
     * @param serverName a configured name
     */
    void remove(String serverName);

    /**
     * See {@link McpPool#reload()}.
     *
     * @return a line of text for each change and each broken entry
     */
    List<String> reload();

    /** See {@link McpPool#suspend()}. */
    void suspend();

    /** See {@link McpPool#resume()}. */
    void resume();
}
