package io.mcpdrivers.pool;

import io.mcpdrivers.McpException;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts together how a pool stands. */
final class StatusReport {

    private static final Logger log = LoggerFactory.getLogger(StatusReport.class);

    private final PoolServices services;
    private final ServerDirectory directory;

    StatusReport(PoolServices services, ServerDirectory directory) {
        this.services = services;
        this.directory = directory;
    }

    PoolStatus status() {
        Map<ServerPool, ServerStatus> used = new LinkedHashMap<>();
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
            used.put(server, status);
        }
        Map<String, ServerStatus> servers = named(used);
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

    /** A configured name is that of the server it leads to; other servers that share a name are told apart by a hash. */
    private Map<String, ServerStatus> named(Map<ServerPool, ServerStatus> used) {
        Map<String, ServerStatus> named = new TreeMap<>();
        Map<ServerPool, ServerStatus> others = new LinkedHashMap<>(used);
        Collection<ServerEntry> entries = directory.configuration().servers().values();
        for (ServerEntry entry : entries) {
            ServerPool server = directory.used(entry.name());
            if (server != null) {
                others.remove(server);
                ServerStatus status = used.get(server);
                named.put(
                        entry.name(), status != null ? status : server.lending().status());
            }
        }
        Map<String, Integer> sharing = new HashMap<>();
        others.forEach((server, status) -> sharing.merge(status.name(), 1, Integer::sum));
        Set<String> taken = Set.copyOf(named.keySet());
        others.forEach((server, status) -> {
            boolean shared =
                    taken.contains(status.name()) || !Integer.valueOf(1).equals(sharing.get(status.name()));
            named.put(shared ? server.key().toString() : status.name(), status);
        });
        for (ServerEntry entry : entries) {
            ServerStatus status = named.computeIfAbsent(entry.name(), name -> unused(entry));
            ServerEntry.Failure failure = entry.failure();
            if (failure != null) {
                named.put(entry.name(), status.broken(failure));
            }
        }
        named.replaceAll((name, status) -> status.named(name));
        return named;
    }

    private ServerStatus unused(ServerEntry entry) {
        ServerState state = services.isClosing() ? ServerState.SHUTDOWN : ServerState.INITIALIZING;
        return ServerStatus.unused(entry.name(), directory.isEnabled(entry), state);
    }

    /**
     * Also has those configured ones tried again that failed and that nobody has tried since, so that the next answer says
     * more. Whatever else was asked for by URI is forgotten in time.
     */
    PoolHealth health() {
        PoolStatus status = status();
        for (ServerPool server : directory.configured()) {
            if (server.isEnabled() && !server.isRetired() && !services.permits().isRoomNeeded()) {
                server.lending().tryAgain();
            }
        }
        if (!status.closed()) {
            directory.configuration().servers().values().forEach(this::lookAgain);
        }
        Map<String, ServerHealth> servers = new TreeMap<>();
        status.servers().forEach((name, server) -> servers.put(name, ServerHealth.of(server)));
        boolean healthy = !status.closed()
                && !status.suspended()
                && servers.values().stream().allMatch(ServerHealth::healthy);
        return new PoolHealth(healthy, status.suspended(), status.closed(), servers);
    }

    /** Has an entry tried again that could not be used, since a file or a variable was missing; connects to nothing. */
    private void lookAgain(ServerEntry entry) {
        if (entry.error() != null || entry.failure() == null || entry.asks() || !directory.isEnabled(entry)) {
            return;
        }
        services.background().execute(() -> {
            try {
                directory.route(entry.name());
            } catch (McpException e) {
                log.debug("Server '{}' still cannot be used: {}", entry.name(), e.getMessage());
            }
        });
    }
}
