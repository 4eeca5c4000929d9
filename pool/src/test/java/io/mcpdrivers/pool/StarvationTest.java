package io.mcpdrivers.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** Sick servers cost a healthy one nothing. Medians, since a machine that is busy otherwise spoils single times. */
class StarvationTest extends PoolTestBase {

    private static final int SAMPLES = 4_000;
    /** The medians of a borrow and return are microseconds; anything that waits for another server takes milliseconds. */
    private static final double MOST_RATIO = 20;
    /** As long as who waits for one of the sick servers waits at least. */
    private static final long LEAST_WAIT_NANOS = 30_000_000;

    @Test
    void servers_that_never_start_hang_in_validation_or_take_long_to_close_cost_a_fourth_one_nothing()
            throws Exception {
        MemoryServer neverStarts = legacy();
        MemoryServer hangsInValidation = legacy();
        MemoryServer closesSlowly = legacy();
        MemoryServer healthy = legacy();
        McpPool pool = build(builder().maxTotal(12).maxTotalPerKey(3).set("validationTimeout", "10s"));
        pool.getConnection(healthy.uri()).close();
        String hanging = hangsInValidation.uri() + "?aliveBypass=0";
        pool.getConnection(hanging).close();
        times(pool, healthy);
        long undisturbed = times(pool, healthy)[SAMPLES / 2];

        // Connections count as silent by the clock of the test.
        clock.advance(Duration.ofMinutes(1));
        neverStarts.startGate = new CountDownLatch(1);
        hangsInValidation.silentPing = true;
        closesSlowly.closeGate = new CountDownLatch(1);
        AtomicBoolean stop = new AtomicBoolean();
        List<CompletableFuture<Void>> crowd = new ArrayList<>();
        for (String uri : new String[] {
            neverStarts.uri() + "?maxWait=30ms",
            hanging + "&maxWait=30ms",
            closesSlowly.uri() + "?maxUses=1&maxWait=30ms"
        }) {
            for (int i = 0; i < 4; i++) {
                crowd.add(async(() -> {
                    while (!stop.get()) {
                        borrow(pool, uri);
                        // Not more often, so that it is the pool that is measured and not the processor.
                        LockSupport.parkNanos(2_000_000);
                    }
                    return null;
                }));
            }
        }
        eventually(() -> status(pool, neverStarts) != null
                && status(pool, neverStarts).timeouts() > 10
                && status(pool, closesSlowly) != null
                && status(pool, closesSlowly).closing() == 3
                && hangsInValidation.pings.get() > 0);
        long[] beside = times(pool, healthy);
        long disturbed = beside[SAMPLES / 2];
        long late = beside[SAMPLES * 99 / 100];
        stop.set(true);
        double ratio = (double) disturbed / undisturbed;
        System.out.printf(
                Locale.ROOT,
                "starvation: median of borrow and return %d ns undisturbed, %d ns beside sick servers, ratio %.2f;"
                        + " p99 beside them %d ns%n",
                undisturbed,
                disturbed,
                ratio,
                late);
        assertThat(late).as("p99").isLessThan(LEAST_WAIT_NANOS);
        assertThat(ratio).isLessThan(MOST_RATIO);
        assertThat(healthy.startAttempts).hasValue(1);
        MemoryServer.releaseAll();
        for (CompletableFuture<Void> each : crowd) {
            each.get(2 * SOON.toSeconds(), TimeUnit.SECONDS);
        }
    }

    private static void borrow(McpPool pool, String uri) {
        try (McpConnection lease = pool.getConnection(uri)) {
            lease.isClosed();
        } catch (McpException e) {
            Thread.onSpinWait();
        }
    }

    /** How long borrowing and giving back takes, from the shortest to the longest time. */
    private long[] times(McpPool pool, MemoryServer server) {
        long[] nanos = new long[SAMPLES];
        for (int i = 0; i < SAMPLES; i++) {
            long begun = System.nanoTime();
            pool.getConnection(server.uri()).close();
            nanos[i] = System.nanoTime() - begun;
        }
        clock.advance(Duration.ofMillis(1));
        Arrays.sort(nanos);
        return nanos;
    }
}
