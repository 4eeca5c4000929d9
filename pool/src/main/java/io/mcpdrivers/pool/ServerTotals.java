package io.mcpdrivers.pool;

import java.util.EnumMap;
import java.util.Map;

/** The sums over several servers, at some moment. Not thread-safe. */
final class ServerTotals {

    int connections;
    int active;
    int idle;
    int pending;
    int max;
    int min;
    long failures;
    long timeouts;
    long hits;
    long misses;
    long retries;
    private final Map<EvictionReason, Long> evictions = new EnumMap<>(EvictionReason.class);

    ServerTotals() {}

    /** Begins with the counts of others. */
    ServerTotals(ServerTotals counts) {
        failures = counts.failures;
        timeouts = counts.timeouts;
        hits = counts.hits;
        misses = counts.misses;
        retries = counts.retries;
        evictions.putAll(counts.evictions);
    }

    long evictions(EvictionReason reason) {
        return evictions.getOrDefault(reason, 0L);
    }

    /** Adds all of a server. */
    void add(ServerPool server) {
        ServerStatus status = addCounts(server);
        connections += status.connections();
        active += status.active();
        idle += status.idle();
        pending += status.waiting();
        int limit = server.settings().maxConnections();
        max = max < 0 || limit == Integer.MAX_VALUE ? -1 : max + limit;
        min += server.minIdle();
    }

    /** What was counted for a server until now. */
    static ServerTotals countsOf(ServerPool server) {
        ServerTotals counts = new ServerTotals();
        counts.addCounts(server);
        return counts;
    }

    /** Adds what was counted by one moment and not yet by an earlier one. */
    void addCounts(ServerTotals until, ServerTotals from) {
        failures += until.failures - from.failures;
        timeouts += until.timeouts - from.timeouts;
        hits += until.hits - from.hits;
        misses += until.misses - from.misses;
        retries += until.retries - from.retries;
        for (EvictionReason reason : EvictionReason.values()) {
            evictions.merge(reason, until.evictions(reason) - from.evictions(reason), Long::sum);
        }
    }

    /** Adds what only ever grows. */
    ServerStatus addCounts(ServerPool server) {
        ServerStatus status = server.lending().status();
        failures += status.errors();
        timeouts += status.timeouts();
        hits += status.hits();
        misses += status.misses();
        retries += server.statistics().retries();
        for (EvictionReason reason : EvictionReason.values()) {
            evictions.merge(reason, server.statistics().evictions(reason), Long::sum);
        }
        return status;
    }
}
