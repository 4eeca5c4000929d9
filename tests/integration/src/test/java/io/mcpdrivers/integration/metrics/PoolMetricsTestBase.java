package io.mcpdrivers.integration.metrics;

import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpTelemetry;
import io.mcpdrivers.integration.Await;
import io.mcpdrivers.integration.Connections;
import io.mcpdrivers.pool.McpPool;
import io.mcpdrivers.pool.PoolBuilder;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Pools that are measured, and what a registry shows of them. */
abstract class PoolMetricsTestBase {

    /** What the pools are called in their meters. */
    static final String POOL = "shop";

    @RegisterExtension
    final Connections connections = Connections.perTest();

    final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    /** A pool that looks after its connections all the time. */
    final PoolBuilder builder() {
        return McpPool.builder()
                .shutdownTimeout(Duration.ZERO)
                .set("timeBetweenEvictionRuns", "50ms")
                .set("jmxNamePrefix", POOL)
                .telemetry(McpTelemetry.of(registry));
    }

    /** Makes a pool, which is closed at the end. */
    final McpPool build(PoolBuilder builder) {
        return connections.closing(builder.build());
    }

    static void use(McpPool pool, String server) {
        try (McpConnection lease = pool.getConnection(server)) {
            lease.callTool("echo", Map.of("message", "hi"));
        }
    }

    /** What a meter of a server shows; its count, if it is a timer. It must be there. */
    final double value(String name, String server) {
        return registry.get(name)
                .tags("pool", POOL, "server", server)
                .meter()
                .measure()
                .iterator()
                .next()
                .getValue();
    }

    final Timer timer(String name, String server) {
        return registry.get(name).tags("pool", POOL, "server", server).timer();
    }

    /** How many connections have left, by the reasons that there were. */
    final Map<String, Double> evictions(String server) {
        Map<String, Double> evictions = new TreeMap<>();
        registry.find("mcp.pool.connections.evictions").tag("server", server).functionCounters().stream()
                .filter(counter -> counter.count() > 0)
                .forEach(counter -> evictions.put(String.valueOf(counter.getId().getTag("reason")), counter.count()));
        return evictions;
    }

    final void awaitEvictions(String server, Map<String, Double> expected) {
        if (!Await.within(Await.PATIENCE, () -> evictions(server).equals(expected))) {
            throw new AssertionError(
                    "Connections to " + server + " left for " + evictions(server) + ", not for " + expected);
        }
    }

    /** The servers of which any meter is left. */
    final Set<String> servers() {
        Set<String> names = new TreeSet<>();
        for (Meter meter : registry.getMeters()) {
            String server = meter.getId().getTag("server");
            if (server != null) {
                names.add(server);
            }
        }
        return names;
    }
}
