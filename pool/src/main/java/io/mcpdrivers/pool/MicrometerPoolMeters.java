package io.mcpdrivers.pool;

import io.mcpdrivers.McpTelemetry;
import io.mcpdrivers.engine.MicrometerTelemetry;
import io.mcpdrivers.engine.Telemetry;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Metrics;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.WeakHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Measures a pool with Micrometer, and is loaded only where that is used. Servers of the same name share their meters: a URI
 * with another user's token leads to another server of the same name.
 */
final class MicrometerPoolMeters extends PoolMeters {

    /** How many names there may be; the servers of further ones share the meters of {@value #OTHER}. */
    static final int MOST_NAMES = 1_000;

    static final String OTHER = "_OTHER";

    private final MicrometerTelemetry telemetry;
    private final MeterRegistry registry;
    private final String pool;
    /** By name; guarded by this, which may be held when a server's lock is taken. */
    private final Map<String, ServerMeters> meters = new HashMap<>();

    /** What was counted for servers when they left a name; under the next one they begin anew. Guarded by this. */
    private final Map<ServerPool, ServerTotals> counted = new WeakHashMap<>();

    private boolean closed;

    private MicrometerPoolMeters(MicrometerTelemetry telemetry, String pool) {
        this.telemetry = telemetry;
        this.registry = Objects.requireNonNull(telemetry.meterRegistry());
        this.pool = pool;
    }

    /** See {@link PoolMeters#globalTelemetry}. */
    static McpTelemetry globalTelemetry() {
        return McpTelemetry.of(Metrics.globalRegistry);
    }

    static PoolMeters of(Telemetry telemetry, String poolName) {
        return new MicrometerPoolMeters((MicrometerTelemetry) telemetry, PoolNames.take(poolName));
    }

    @Override
    void created(ServerPool server, long nanos) {
        record(server, each -> each.creation.record(nanos, TimeUnit.NANOSECONDS));
    }

    @Override
    void borrowed(ServerPool server, long nanos) {
        record(server, each -> each.acquire.record(nanos, TimeUnit.NANOSECONDS));
    }

    @Override
    void returned(ServerPool server, long nanos) {
        record(server, each -> each.usage.record(nanos, TimeUnit.NANOSECONDS));
    }

    @Override
    void leaked(ServerPool server) {
        record(server, each -> each.leaks.increment());
    }

    private void record(ServerPool server, Consumer<ServerMeters> recording) {
        telemetry.guarded(() -> {
            ServerMeters known = (ServerMeters) server.meters();
            if (known == null) {
                known = join(server);
            }
            if (known != null) {
                recording.accept(known);
            }
        });
    }

    /** Measures a server; null if the pool was closed. */
    private synchronized @Nullable ServerMeters join(ServerPool server) {
        if (closed) {
            return null;
        }
        ServerMeters known = (ServerMeters) server.meters();
        if (known != null) {
            // Another thread was first. The server may have another name by now, but must not be measured twice.
            return known;
        }
        String name = server.name();
        String admitted = meters.containsKey(name) || meters.size() < MOST_NAMES ? name : OTHER;
        ServerMeters joined = meters.computeIfAbsent(admitted, key -> new ServerMeters(registry, pool, key));
        joined.add(server, counted.getOrDefault(server, new ServerTotals()));
        server.meters(joined);
        return joined;
    }

    private synchronized void leave(ServerPool server) {
        ServerMeters known = (ServerMeters) server.meters();
        if (known != null) {
            server.meters(null);
            counted.put(server, known.remove(server));
            if (known.isEmpty()) {
                meters.remove(known.name(), known);
                known.close();
            }
        }
    }

    @Override
    synchronized void update(Collection<ServerPool> servers) {
        telemetry.guarded(() -> {
            for (ServerMeters each : meters.values().toArray(ServerMeters[]::new)) {
                for (ServerPool server : each.servers()) {
                    boolean renamed = !each.name().equals(OTHER) && !each.name().equals(server.name());
                    if (renamed || server.isGone() || server.isRemoved() && server.hasNone()) {
                        leave(server);
                    }
                }
            }
            for (ServerPool server : servers) {
                if (server.meters() == null && !server.isGone() && !server.isRemoved()) {
                    join(server);
                }
            }
        });
    }

    @Override
    synchronized void close() {
        if (!closed) {
            closed = true;
            telemetry.guarded(() -> meters.values().forEach(ServerMeters::close));
            meters.clear();
            PoolNames.free(pool);
        }
    }
}
