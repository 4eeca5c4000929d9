package io.mcpdrivers.integration.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.McpTelemetry;
import io.mcpdrivers.integration.Await;
import io.mcpdrivers.integration.Connections;
import io.mcpdrivers.integration.Leftovers;
import io.mcpdrivers.pool.McpPool;
import io.mcpdrivers.pool.ServerStatus;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import io.micrometer.core.instrument.distribution.pause.PauseDetector;
import io.micrometer.core.instrument.noop.NoopTimer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What measures is the application's. Whatever it throws, a pool loses no start and no lease by that. */
class FailingMetersTest {

    @RegisterExtension
    final Connections connections = Connections.perTest();

    private final AtomicInteger failures = new AtomicInteger();

    private static final class AsTold extends Error {
        private static final long serialVersionUID = 1L;

        AsTold() {
            super("a meter fails as told", null, false, false);
        }
    }

    /** A pool whose timer of this name fails when it is told of something. */
    private McpPool pool(String timer) {
        SimpleMeterRegistry registry = new SimpleMeterRegistry() {
            @Override
            protected Timer newTimer(Meter.Id id, DistributionStatisticConfig distribution, PauseDetector pauses) {
                if (!id.getName().equals("mcp.pool.connections" + timer)) {
                    return super.newTimer(id, distribution, pauses);
                }
                return new NoopTimer(id) {
                    @Override
                    public void record(long amount, TimeUnit unit) {
                        failures.incrementAndGet();
                        throw new AsTold();
                    }
                };
            }
        };
        return connections.closing(McpPool.builder()
                .server("one", Leftovers.fixture())
                .shutdownTimeout(Duration.ZERO)
                .telemetry(McpTelemetry.of(registry))
                .build());
    }

    private static ServerStatus status(McpPool pool) {
        return pool.status().servers().get("one");
    }

    @Test
    void a_start_that_cannot_be_measured_ends_all_the_same() {
        McpPool pool = pool(".creation");
        pool.getConnection("one").close();
        Await.until("the start was measured", () -> failures.get() == 1);
        assertThat(status(pool).starting()).isZero();
        assertThat(status(pool).idle()).isEqualTo(1);
    }

    @Test
    void a_lease_that_cannot_be_measured_is_not_lost() {
        McpPool pool = pool(".acquire");
        for (int i = 1; i <= 3; i++) {
            try {
                pool.getConnection("one").close();
            } catch (AsTold e) {
                // Whoever borrows may be told, or not.
                assertThat(pool.status().leases()).isZero();
            }
            assertThat(failures).hasValue(i);
            assertThat(status(pool).idle()).isEqualTo(1);
        }
    }
}
