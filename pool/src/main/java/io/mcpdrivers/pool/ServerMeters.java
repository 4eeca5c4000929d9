package io.mcpdrivers.pool;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/** The meters of all servers of one name. What they show is put together when somebody looks. Thread-safe. */
final class ServerMeters {

    private static final String PREFIX = "mcp.pool.connections";

    /** For so long one look at the servers does for all meters, since they are read one after the other. */
    private static final long FRESH_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    final Timer acquire;
    final Timer usage;
    final Timer creation;
    final Counter leaks;

    private final MeterRegistry registry;
    private final String name;
    private final Tags tags;
    private final List<Meter> meters = new ArrayList<>();
    /**
     * With what was counted for each before it came here. Guarded by this, which may be held when a server's lock is taken.
     */
    private final Map<ServerPool, ServerTotals> servers = new LinkedHashMap<>();
    /** What was counted for servers that have gone. Guarded likewise. */
    private final ServerTotals gone = new ServerTotals();

    private ServerTotals seen = gone;
    private long seenAt;

    ServerMeters(MeterRegistry registry, String pool, String name) {
        this.registry = registry;
        this.name = name;
        this.tags = Tags.of("pool", pool, "server", name);
        try {
            gauge("", "Connections that count against the limits", totals -> totals.connections);
            gauge(".active", "Connections in use", totals -> totals.active);
            gauge(".idle", "Connections that wait for a use", totals -> totals.idle);
            gauge(".pending", "Callers that wait for a connection", totals -> totals.pending);
            gauge(".max", "The most connections; -1 for no limit", totals -> totals.max);
            gauge(".min", "How many connections are kept warm", totals -> totals.min);
            acquire = timer(".acquire", "How long callers waited for their lease");
            usage = timer(".usage", "How long leases were out");
            creation = timer(".creation", "How long starts took that succeeded");
            leaks = kept(Counter.builder(PREFIX + ".leaks")
                    .description("Leases that were out for longer than leakThreshold")
                    .tags(tags)
                    .register(registry));
            counter(".creation.failures", "Starts that failed", totals -> totals.failures);
            counter(".timeout", "Callers that waited in vain", totals -> totals.timeouts);
            counter(".hits", "Leases that were given out at once", totals -> totals.hits);
            counter(".misses", "Leases that had to be waited for", totals -> totals.misses);
            counter(".retries", "Calls made once more on a fresh connection", totals -> totals.retries);
            for (EvictionReason reason : EvictionReason.values()) {
                kept(FunctionCounter.builder(
                                PREFIX + ".evictions", this, it -> it.now().evictions(reason))
                        .description("Connections that left the pool")
                        .tags(tags.and("reason", reason.name().toLowerCase(Locale.ROOT)))
                        .register(registry));
            }
        } catch (RuntimeException | Error e) {
            // All or none: of a part nobody would ever take care.
            close();
            throw e;
        }
    }

    private void gauge(String suffix, String description, ToDoubleFunction<ServerTotals> value) {
        kept(Gauge.builder(PREFIX + suffix, this, it -> value.applyAsDouble(it.now()))
                .description(description)
                .tags(tags)
                .register(registry));
    }

    private void counter(String suffix, String description, ToDoubleFunction<ServerTotals> value) {
        kept(FunctionCounter.builder(PREFIX + suffix, this, it -> value.applyAsDouble(it.now()))
                .description(description)
                .tags(tags)
                .register(registry));
    }

    private Timer timer(String suffix, String description) {
        return kept(Timer.builder(PREFIX + suffix)
                .description(description)
                .tags(tags)
                .register(registry));
    }

    private <M extends Meter> M kept(M meter) {
        meters.add(meter);
        return meter;
    }

    /** The name that the servers share. */
    String name() {
        return name;
    }

    synchronized List<ServerPool> servers() {
        return List.copyOf(servers.keySet());
    }

    /**
     * Adds a server.
     *
     * @param before what was counted for it under another name, which keeps that
     */
    synchronized void add(ServerPool server, ServerTotals before) {
        servers.put(server, before);
        seenAt = 0;
    }

    /**
     * Removes a server, and keeps what was counted for it here, so that the sums never shrink.
     *
     * @return what was counted for it until now, under any name
     */
    synchronized ServerTotals remove(ServerPool server) {
        ServerTotals counts = ServerTotals.countsOf(server);
        ServerTotals before = servers.remove(server);
        if (before != null) {
            gone.addCounts(counts, before);
        }
        seenAt = 0;
        return counts;
    }

    synchronized boolean isEmpty() {
        return servers.isEmpty();
    }

    /** Removes the meters. */
    void close() {
        meters.forEach(registry::remove);
    }

    private synchronized ServerTotals now() {
        if (seenAt == 0 || System.nanoTime() - seenAt > FRESH_NANOS) {
            ServerTotals totals = new ServerTotals(gone);
            ServerTotals none = new ServerTotals();
            servers.forEach((server, before) -> {
                totals.add(server);
                totals.addCounts(none, before);
            });
            seen = totals;
            // Only now, since looking may itself take longer than what was seen is good for.
            seenAt = System.nanoTime();
        }
        return seen;
    }
}
