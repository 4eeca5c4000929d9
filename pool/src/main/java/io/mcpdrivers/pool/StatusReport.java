package io.mcpdrivers.pool;

import java.util.Map;
import java.util.TreeMap;

/** Puts together how a pool stands. */
final class StatusReport {

    private final PoolServices services;
    private final ServerDirectory directory;

    StatusReport(PoolServices services, ServerDirectory directory) {
        this.services = services;
        this.directory = directory;
    }

    PoolStatus status() {
        Map<String, ServerStatus> servers = new TreeMap<>();
        int leases = 0;
        int active = 0;
        int idle = 0;
        int starting = 0;
        int waiting = 0;
        for (ServerPool server : directory.servers()) {
            ServerStatus status = server.lending().status();
            leases += status.leases();
            active += status.active();
            idle += status.idle();
            starting += status.starting();
            waiting += status.waiting();
            String name = server.name();
            servers.put(servers.containsKey(name) ? server.key().toString() : name, status);
        }
        for (ServerEntry entry : directory.configuration().servers().values()) {
            ServerPool used = directory.used(entry.name());
            if (used != null) {
                servers.put(entry.name(), used.lending().status());
            } else if (!servers.containsKey(entry.name())) {
                servers.put(entry.name(), unused(entry));
            }
        }
        return new PoolStatus(
                servers,
                services.isClosing(),
                services.isSuspended(),
                directory.configuration().settings().integer(PoolSetting.MAX_TOTAL),
                leases,
                // Those that the limit counts, at one moment.
                services.permits().used(),
                active,
                idle,
                starting,
                waiting);
    }

    private ServerStatus unused(ServerEntry entry) {
        ServerState state = services.isClosing()
                ? ServerState.SHUTDOWN
                : entry.error() == null ? ServerState.INITIALIZING : ServerState.ERROR;
        return ServerStatus.unused(entry.name(), directory.isEnabled(entry), state, entry.error());
    }

    /** Also has those tried again that failed and that nobody has tried since, so that the next answer says more. */
    PoolHealth health() {
        PoolStatus status = status();
        for (ServerPool server : directory.servers()) {
            if (server.isEnabled() && !server.isRetired() && !services.permits().isRoomNeeded()) {
                server.lending().tryAgain();
            }
        }
        Map<String, ServerHealth> servers = new TreeMap<>();
        status.servers().forEach((name, server) -> servers.put(name, ServerHealth.of(name, server)));
        boolean healthy = !status.closed()
                && !status.suspended()
                && servers.values().stream().allMatch(ServerHealth::healthy);
        return new PoolHealth(healthy, status.suspended(), status.closed(), servers);
    }
}
