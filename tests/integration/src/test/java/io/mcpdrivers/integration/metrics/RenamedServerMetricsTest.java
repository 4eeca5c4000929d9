package io.mcpdrivers.integration.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpTelemetry;
import io.mcpdrivers.integration.Await;
import io.mcpdrivers.integration.Connections;
import io.mcpdrivers.integration.Leftovers;
import io.mcpdrivers.pool.McpPool;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What the meters show of a server that gets another name while it is used. */
class RenamedServerMetricsTest {

    @RegisterExtension
    final Connections connections = Connections.perTest();

    @TempDir
    Path folder;

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    /** The sum of a meter over all servers of that name, or over all. */
    private double sum(String name, String... tags) {
        double sum = 0;
        for (Meter meter :
                registry.find("mcp.pool.connections." + name).tags(tags).meters()) {
            sum += meter.measure().iterator().next().getValue();
        }
        return sum;
    }

    private double leases(String... tags) {
        return sum("hits", tags) + sum("misses", tags);
    }

    private static void use(McpPool pool, String server, int times) {
        for (int i = 0; i < times; i++) {
            try (McpConnection lease = pool.getConnection(server)) {
                assertThat(lease.isClosed()).isFalse();
            }
        }
    }

    private McpPool pool(Path file) throws IOException {
        Files.writeString(file, "");
        return connections.closing(McpPool.builder()
                .properties(file)
                .shutdownTimeout(Duration.ZERO)
                .set("timeBetweenEvictionRuns", "50ms")
                .telemetry(McpTelemetry.of(registry))
                .build());
    }

    @Test
    void nothing_is_counted_under_both_names() throws Exception {
        Path file = folder.resolve("mcp.properties");
        McpPool pool = pool(file);
        String first = Leftovers.fixture() + "&name=mail&env.SERVER=first";
        use(pool, first, 5);
        use(pool, Leftovers.fixture() + "&name=mail&env.SERVER=second", 3);
        Await.until("all leases are counted", () -> leases("server", "mail") == 8);
        Files.writeString(file, "mcp.server.configured.uri=" + first + "\n");
        pool.reload();
        use(pool, "configured", 1);
        Await.until(
                "the server is measured under its new name",
                () -> !registry.find("mcp.pool.connections.hits")
                        .tags("server", "configured")
                        .meters()
                        .isEmpty());
        Await.until("each lease is counted once", () -> leases() == 9);
        assertThat(sum("misses")).as("as many as connections").isEqualTo(2);
        // The first lease by the new name may have been there before the meters were looked after.
        double before = leases("server", "mail");
        assertThat(before).isBetween(8.0, 9.0);
        use(pool, "configured", 2);
        Await.until("what comes later is counted by the new name", () -> leases("server", "configured") == 11 - before);
        assertThat(leases("server", "mail")).isEqualTo(before);
    }
}
