package io.mcpdrivers.integration.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpException;
import io.mcpdrivers.McpInterruptedException;
import io.mcpdrivers.McpPoolExhaustedException;
import io.mcpdrivers.integration.Await;
import io.mcpdrivers.integration.Leftovers;
import io.mcpdrivers.integration.Stacks;
import io.mcpdrivers.integration.Threads;
import io.mcpdrivers.pool.McpPool;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.config.MeterFilter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That each meter of a pool shows what it is named after, and not only that it is there. */
class PoolMeterValuesTest extends PoolMetricsTestBase {

    /** Where the thread that starts a connection waits for the pool's regular one, or that for it. */
    private static final String METERS = "io.mcpdrivers.pool.MicrometerPoolMeters";

    @Test
    void callers_that_wait_are_pending() {
        McpPool pool = build(builder().server("one", Leftovers.fixture()).maxTotalPerKey(1));
        McpConnection lease = pool.getConnection("one");
        Threads.Caller<McpConnection> caller = Threads.call(() -> pool.getConnection("one"));
        Await.until("the caller is pending", () -> value("mcp.pool.connections.pending", "one") == 1);
        caller.interrupt();
        assertThat(caller.failure()).isInstanceOf(McpInterruptedException.class);
        Await.until("nobody is pending", () -> value("mcp.pool.connections.pending", "one") == 0);
        lease.close();
    }

    @Test
    void the_limits_of_servers_of_one_name_are_added_unless_one_has_none() {
        McpPool pool = build(builder().maxTotalPerKey(3).minIdle(1));
        String uri = Leftovers.fixture() + "&name=mail&env.TOKEN=";
        use(pool, uri + "first");
        assertThat(value("mcp.pool.connections.max", "mail")).isEqualTo(3);
        assertThat(value("mcp.pool.connections.min", "mail")).isEqualTo(1);
        use(pool, uri + "second&minIdle=2");
        Await.until("both are added", () -> value("mcp.pool.connections.max", "mail") == 6);
        assertThat(value("mcp.pool.connections.min", "mail")).isEqualTo(3);
        use(pool, uri + "third&maxTotalPerKey=-1");
        Await.until("there is no limit", () -> value("mcp.pool.connections.max", "mail") == -1);
        use(pool, uri + "fourth");
        Await.until("another one is added", () -> value("mcp.pool.connections.min", "mail") == 5);
        assertThat(value("mcp.pool.connections.max", "mail")).isEqualTo(-1);
    }

    @Test
    void what_servers_of_one_name_show_is_added_up() {
        McpPool pool = build(builder().maxTotalPerKey(1));
        String mail = "&name=mail&env.TOKEN=";
        String first = Leftovers.fixture() + mail + "first";
        String second = Leftovers.fixture() + mail + "second";
        List<McpConnection> leases = new ArrayList<>();
        for (String each : List.of(first, second)) {
            use(pool, each);
            McpConnection lease = pool.getConnection(each);
            leases.add(lease);
            assertThatThrownBy(() -> lease.callTool("crash", Map.of())).isInstanceOf(McpException.class);
            assertThat(lease.request("tools/list", null)).isNotEmpty();
            assertThatThrownBy(() -> pool.getConnection(each + "&maxWait=0"))
                    .isInstanceOf(McpPoolExhaustedException.class);
            String broken = "mcp:stdio:no-such-command-anywhere?" + mail.substring(1) + leases.size();
            assertThatThrownBy(() -> pool.getConnection(broken)).isInstanceOf(McpException.class);
        }
        use(pool, Leftovers.fixture() + mail + "third");
        List<Threads.Caller<McpConnection>> callers = new ArrayList<>();
        for (String each : List.of(first, second)) {
            callers.add(Threads.call(() -> pool.getConnection(each)));
        }
        Await.until("all five are measured", () -> value("mcp.pool.connections.max", "mail") == 5);
        Await.until("both wait", () -> value("mcp.pool.connections.pending", "mail") == 2);
        Await.until("what was lost has ended", () -> value("mcp.pool.connections", "mail") == 3);
        assertThat(value("mcp.pool.connections.active", "mail")).isEqualTo(2);
        assertThat(value("mcp.pool.connections.idle", "mail")).isEqualTo(1);
        assertThat(value("mcp.pool.connections.hits", "mail")).isEqualTo(2);
        assertThat(value("mcp.pool.connections.timeout", "mail")).isEqualTo(2);
        assertThat(value("mcp.pool.connections.creation.failures", "mail")).isEqualTo(2);
        assertThat(value("mcp.pool.connections.retries", "mail")).isEqualTo(2);
        assertThat(evictions("mail")).isEqualTo(Map.of("lost", 2.0));
        callers.forEach(Threads.Caller::interrupt);
        callers.forEach(caller -> assertThat(caller.failure()).isInstanceOf(McpInterruptedException.class));
        leases.forEach(McpConnection::close);
    }

    @Test
    void leases_that_are_out_for_too_long_are_leaks() {
        McpPool pool = build(builder().server("one", Leftovers.fixture()).set("leakThreshold", "1ms"));
        McpConnection lease = pool.getConnection("one");
        Await.until("the leak is counted", () -> value("mcp.pool.connections.leaks", "one") == 1);
        lease.close();
    }

    @Test
    void timers_hold_the_time_that_things_took() {
        McpPool pool = build(builder().server("one", Leftovers.fixture()));
        long before = System.nanoTime();
        try (McpConnection lease = pool.getConnection("one")) {
            lease.callTool("sleep", Map.of("ms", 200));
        }
        double all = System.nanoTime() - before;
        double acquired = timer("mcp.pool.connections.acquire", "one").totalTime(TimeUnit.NANOSECONDS);
        double used = timer("mcp.pool.connections.usage", "one").totalTime(TimeUnit.NANOSECONDS);
        assertThat(acquired).isPositive().isLessThanOrEqualTo(all);
        assertThat(used).isBetween((double) TimeUnit.MILLISECONDS.toNanos(200), all);
        // No process is started and shakes hands in less than this.
        assertThat(timer("mcp.pool.connections.creation", "one").totalTime(TimeUnit.NANOSECONDS))
                .isBetween((double) TimeUnit.MILLISECONDS.toNanos(1), all);
    }

    @Test
    void what_was_counted_for_a_server_stays_when_another_of_its_name_takes_its_place(@TempDir Path folder)
            throws IOException {
        Path file = folder.resolve("mcp.properties");
        Files.writeString(file, "mcp.server.mail.uri=" + Leftovers.fixture() + "&env.VERSION=1\n");
        McpPool pool = build(builder().properties(file));
        McpConnection kept = pool.getConnection(Leftovers.fixture() + "&name=mail&env.VERSION=other");
        try (McpConnection lease = pool.getConnection("mail")) {
            assertThatThrownBy(() -> lease.callTool("crash", Map.of())).isInstanceOf(McpException.class);
            assertThat(lease.request("tools/list", null)).isNotEmpty();
        }
        use(pool, "mail");
        Await.until("the retry is counted", () -> value("mcp.pool.connections.retries", "mail") == 1);
        double hits = value("mcp.pool.connections.hits", "mail");
        double misses = value("mcp.pool.connections.misses", "mail");
        assertThat(hits).isPositive();
        assertThat(misses).isGreaterThanOrEqualTo(2);
        assertThat(value("mcp.pool.connections.max", "mail")).isGreaterThanOrEqualTo(16);

        Files.writeString(file, "mcp.server.other.uri=" + Leftovers.fixture() + "&env.VERSION=2\n");
        pool.reload();
        Await.until("only the server that is in use is left", () -> value("mcp.pool.connections.max", "mail") == 8);
        assertThat(value("mcp.pool.connections", "mail")).isEqualTo(1);
        assertThat(value("mcp.pool.connections.hits", "mail")).isEqualTo(hits);
        assertThat(value("mcp.pool.connections.misses", "mail")).isEqualTo(misses);
        assertThat(value("mcp.pool.connections.retries", "mail")).isEqualTo(1);
        assertThat(evictions("mail")).containsEntry("lost", 1.0).containsEntry("withdrawn", 1.0);
        kept.close();
    }

    @Test
    void two_first_uses_around_a_renaming_leave_one_set_of_meters() {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        registry.config().meterFilter(new MeterFilter() {
            @Override
            public Meter.Id map(Meter.Id id) {
                if ("made-up".equals(id.getTag("server"))) {
                    entered.countDown();
                    await(released);
                }
                return id;
            }
        });
        String uri = Leftovers.fixture();
        McpPool pool = build(builder().server("configured", uri));
        Threads.Caller<Boolean> first = Threads.run(() -> use(pool, uri + "&name=made-up"));
        await(entered);
        Threads.Caller<Boolean> second = Threads.run(() -> use(pool, "configured"));
        Await.until(
                "the server is renamed",
                () -> pool.status().servers().get("configured").waiting() == 2);
        Await.until("another thread is about to measure it, too", () -> Stacks.isAnyIn(METERS));
        released.countDown();
        Threads.join(List.of(first, second));
        Await.until("there is one set of meters", () -> servers().equals(Set.of("configured")));
        Await.until("both connections are counted", () -> value("mcp.pool.connections", "configured") == 2);
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(Await.PATIENCE.toMillis(), TimeUnit.MILLISECONDS))
                    .isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
