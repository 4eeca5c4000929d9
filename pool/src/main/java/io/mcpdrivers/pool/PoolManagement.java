package io.mcpdrivers.pool;

import io.mcpdrivers.McpException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.ObjectName;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Shows a pool in JMX, beside what Commons Pool shows there. */
final class PoolManagement implements McpPoolMXBean {

    private static final Logger log = LoggerFactory.getLogger(PoolManagement.class);

    private final McpPool pool;
    private final @Nullable ObjectName name;

    private PoolManagement(McpPool pool, @Nullable ObjectName name) {
        this.pool = pool;
        this.name = name;
    }

    /**
     * Registers a pool.
     *
     * @param store the name under which Commons Pool is registered; null if it is not, and then this is not either
     */
    static PoolManagement register(McpPool pool, @Nullable ObjectName store) {
        if (store == null) {
            return new PoolManagement(pool, null);
        }
        try {
            PoolManagement bean = new PoolManagement(pool, new ObjectName(store + ",view=operations"));
            ManagementFactory.getPlatformMBeanServer().registerMBean(bean, bean.name);
            return bean;
        } catch (JMException | SecurityException e) {
            log.warn("The pool's operations cannot be shown in JMX beside {}", store, e);
            return new PoolManagement(pool, null);
        }
    }

    void unregister() {
        if (name == null) {
            return;
        }
        try {
            ManagementFactory.getPlatformMBeanServer().unregisterMBean(name);
        } catch (InstanceNotFoundException e) {
            log.trace("Somebody else has removed {}", name, e);
        } catch (JMException | SecurityException e) {
            log.debug("{} cannot be removed from JMX", name, e);
        }
    }

    @Override
    public int getLeases() {
        return pool.status().leases();
    }

    @Override
    public int getConnections() {
        return pool.status().connections();
    }

    @Override
    public int getActive() {
        return pool.status().active();
    }

    @Override
    public int getIdle() {
        return pool.status().idle();
    }

    @Override
    public int getWaiting() {
        return pool.status().waiting();
    }

    @Override
    public int getMaxTotal() {
        return pool.status().maxTotal();
    }

    @Override
    public boolean isSuspended() {
        return pool.status().suspended();
    }

    @Override
    public boolean isHealthy() {
        return pool.health().healthy();
    }

    @Override
    public Map<String, String> getServers() {
        Map<String, String> servers = new TreeMap<>();
        pool.status().servers().forEach((server, status) -> servers.put(server, describe(status)));
        return servers;
    }

    private static String describe(ServerStatus status) {
        return status.state() + (status.enabled() ? "" : ", disabled") + ", " + status.active() + " active, "
                + status.idle() + " idle, " + status.starting() + " starting, " + status.waiting() + " waiting, "
                + status.hits() + " hits, " + status.misses() + " misses, " + status.errors() + " errors"
                + (status.lastError() == null ? "" : "; the last: " + status.lastError());
    }

    @Override
    public List<String> warmUp() {
        return pool.warmUp().stream()
                .map(result -> result.server() + ": "
                        + (result.failure() == null
                                ? "ready"
                                : String.valueOf(result.failure().getMessage())))
                .toList();
    }

    @Override
    public void softEvict(String uriOrServerName) {
        local(() -> pool.softEvict(uriOrServerName));
    }

    @Override
    public void enable(String uriOrServerName) {
        local(() -> pool.enable(uriOrServerName));
    }

    @Override
    public void disable(String uriOrServerName) {
        local(() -> pool.disable(uriOrServerName));
    }

    @Override
    public void remove(String serverName) {
        local(() -> pool.remove(serverName));
    }

    @Override
    public List<String> reload() {
        List<String> changes = new ArrayList<>();
        local(() -> {
            ReloadResult result = pool.reload();
            result.added().forEach(server -> changes.add(server + ": added"));
            result.changed().forEach(server -> changes.add(server + ": changed"));
            result.removed().forEach(server -> changes.add(server + ": removed"));
            result.failed().forEach((server, reason) -> changes.add(server + ": " + reason));
            result.settings().forEach(setting -> changes.add("mcp.pool." + setting + ": changed"));
            result.ignoredSettings()
                    .forEach(setting -> changes.add("mcp.pool." + setting + ": counts only when a pool is made"));
        });
        return changes;
    }

    @Override
    public void suspend() {
        pool.suspend();
    }

    @Override
    public void resume() {
        pool.resume();
    }

    /** A console at the other end need not have our exceptions. */
    private static void local(Runnable operation) {
        try {
            operation.run();
        } catch (McpException e) {
            throw new IllegalArgumentException(e.getMessage());
        }
    }
}
