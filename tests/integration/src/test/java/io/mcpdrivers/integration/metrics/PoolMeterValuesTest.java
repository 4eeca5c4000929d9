package io.mcpdrivers.integration.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpException;
import io.mcpdrivers.McpInterruptedException;
import io.mcpdrivers.McpTelemetry;
import io.mcpdrivers.integration.Await;
import io.mcpdrivers.integration.Connections;
import io.mcpdrivers.integration.Leftovers;
import io.mcpdrivers.integration.Threads;
import io.mcpdrivers.pool.McpPool;
import io.mcpdrivers.pool.PoolBuilder;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** That each meter of a pool shows what it is named after, and not only that it is there. */
class PoolMeterValuesTest {

    @RegisterExtension
    final Connections connections = Connections.perTest();

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    private PoolBuilder builder() {
        return McpPool.builder()
                .shutdownTimeout(Duration.ZERO)
                .set("timeBetweenEvictionRuns", "50ms")
                .telemetry(McpTelemetry.of(registry));
    }

    private static void use(McpPool pool, String server) {
        try (McpConnection lease = pool.getConnection(server)) {
            lease.callTool("echo", Map.of("message", "hi"));
        }
    }

    private double value(String name, String server) {
        Meter found = registry.find("mcp.pool.connections" + name)
                .tag("server", server)
                .meter();
        return found == null ? 0 : found.measure().iterator().next().getValue();
    }

    private Timer timer(String name, String server) {
        return registry.get("mcp.pool.connections" + name).tag("server", server).timer();
    }

    /** How many connections have left, by the reasons that there were. */
    private Map<String, Double> evictions(String server) {
        Map<String, Double> evictions = new TreeMap<>();
        registry.find("mcp.pool.connections.evictions").tag("server", server).functionCounters().stream()
                .filter(counter -> counter.count() > 0)
                .forEach(counter -> evictions.put(String.valueOf(counter.getId().getTag("reason")), counter.count()));
        return evictions;
    }

    private void awaitEvictions(String server, Map<String, Double> expected) {
        Await.until("the connections have left", () -> evictions(server).equals(expected));
    }

    private Set<String> servers() {
        Set<String> names = new TreeSet<>();
        registry.find("mcp.pool.connections")
                .gauges()
                .forEach(gauge -> names.add(String.valueOf(gauge.getId().getTag("server"))));
        return names;
    }

    @Test
    void callers_that_wait_are_pending() {
        McpPool pool = connections.closing(
                builder().server("one", Leftovers.fixture()).maxTotalPerKey(1).build());
        McpConnection lease = pool.getConnection("one");
        Threads.Caller<McpConnection> caller = Threads.call(() -> pool.getConnection("one"));
        Await.until("the caller is pending", () -> value(".pending", "one") == 1);
        caller.interrupt();
        assertThat(caller.failure()).isInstanceOf(McpInterruptedException.class);
        Await.until("nobody is pending", () -> value(".pending", "one") == 0);
        lease.close();
    }

    @Test
    void the_limits_of_servers_of_one_name_are_added_unless_one_has_none() {
        McpPool pool =
                connections.closing(builder().maxTotalPerKey(3).minIdle(1).build());
        String uri = Leftovers.fixture() + "&name=mail&env.TOKEN=";
        use(pool, uri + "first");
        assertThat(value(".max", "mail")).isEqualTo(3);
        assertThat(value(".min", "mail")).isEqualTo(1);
        use(pool, uri + "second&minIdle=2");
        Await.until("both are added", () -> value(".max", "mail") == 6);
        assertThat(value(".min", "mail")).isEqualTo(3);
        use(pool, uri + "third&maxTotalPerKey=-1");
        Await.until("there is no limit", () -> value(".max", "mail") == -1);
        use(pool, uri + "fourth");
        Await.until("another one is added", () -> value(".min", "mail") == 5);
        assertThat(value(".max", "mail")).isEqualTo(-1);
    }

    @Test
    void leases_that_are_out_for_too_long_are_leaks() {
        McpPool pool = connections.closing(builder()
                .server("one", Leftovers.fixture())
                .set("leakThreshold", "1ms")
                .build());
        McpConnection lease = pool.getConnection("one");
        Await.until("the leak is counted", () -> value(".leaks", "one") == 1);
        lease.close();
    }

    @Test
    void each_reason_for_leaving_is_counted_for_itself() {
        McpPool pool = connections.closing(builder()
                .server("used", Leftovers.fixture(), Map.of("maxUses", "1"))
                .server("many", Leftovers.fixture("era=modern"), Map.of("maxIdle", "0"))
                .server("lazy", Leftovers.fixture() + "&env.SERVER=lazy", Map.of("idleTimeout", "1ms"))
                .server("lost", Leftovers.fixture() + "&env.SERVER=lost")
                .server("off", Leftovers.fixture() + "&env.SERVER=off")
                .build());
        for (String server : new String[] {"used", "many", "lazy", "off"}) {
            use(pool, server);
        }
        use(pool, "used");
        pool.disable("off");
        try (McpConnection lease = pool.getConnection("lost")) {
            assertThatThrownBy(() -> lease.callTool("crash", Map.of())).isInstanceOf(McpException.class);
        }
        awaitEvictions("used", Map.of("uses", 2.0));
        awaitEvictions("many", Map.of("excess", 1.0));
        awaitEvictions("lazy", Map.of("idle", 1.0));
        awaitEvictions("off", Map.of("withdrawn", 1.0));
        awaitEvictions("lost", Map.of("lost", 1.0));
    }

    @Test
    void timers_hold_the_time_that_things_took() {
        McpPool pool =
                connections.closing(builder().server("one", Leftovers.fixture()).build());
        long before = System.nanoTime();
        try (McpConnection lease = pool.getConnection("one")) {
            lease.callTool("sleep", Map.of("ms", 200));
        }
        double all = System.nanoTime() - before;
        double acquired = timer(".acquire", "one").totalTime(TimeUnit.NANOSECONDS);
        double used = timer(".usage", "one").totalTime(TimeUnit.NANOSECONDS);
        assertThat(acquired).isPositive().isLessThanOrEqualTo(all);
        assertThat(used).isBetween((double) TimeUnit.MILLISECONDS.toNanos(200), all);
        // No process is started and shakes hands in less than this.
        assertThat(timer(".creation", "one").totalTime(TimeUnit.NANOSECONDS))
                .isBetween((double) TimeUnit.MILLISECONDS.toNanos(1), all);
    }

    @Test
    void what_was_counted_for_a_server_stays_when_another_of_its_name_takes_its_place(@TempDir Path folder)
            throws IOException {
        Path file = folder.resolve("mcp.properties");
        Files.writeString(file, "mcp.server.mail.uri=" + Leftovers.fixture() + "&env.VERSION=1\n");
        McpPool pool = connections.closing(builder().properties(file).build());
        McpConnection kept = pool.getConnection(Leftovers.fixture() + "&name=mail&env.VERSION=other");
        try (McpConnection lease = pool.getConnection("mail")) {
            assertThatThrownBy(() -> lease.callTool("crash", Map.of())).isInstanceOf(McpException.class);
            assertThat(lease.request("tools/list", null)).isNotEmpty();
        }
        use(pool, "mail");
        Await.until("the retry is counted", () -> value(".retries", "mail") == 1);
        double hits = value(".hits", "mail");
        double misses = value(".misses", "mail");
        assertThat(hits).isPositive();
        assertThat(misses).isGreaterThanOrEqualTo(2);
        assertThat(value(".max", "mail")).isGreaterThanOrEqualTo(16);

        Files.writeString(file, "mcp.server.other.uri=" + Leftovers.fixture() + "&env.VERSION=2\n");
        pool.reload();
        Await.until("only the server that is in use is left", () -> value(".max", "mail") == 8);
        assertThat(value("", "mail")).isEqualTo(1);
        assertThat(value(".hits", "mail")).isEqualTo(hits);
        assertThat(value(".misses", "mail")).isEqualTo(misses);
        assertThat(value(".retries", "mail")).isEqualTo(1);
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
        McpPool pool = connections.closing(builder().server("configured", uri).build());
        Threads.Caller<Boolean> first = Threads.run(() -> use(pool, uri + "&name=made-up"));
        await(entered);
        Threads.Caller<Boolean> second = Threads.run(() -> use(pool, "configured"));
        Await.until(
                "the server is renamed",
                () -> pool.status().servers().get("configured").waiting() == 2);
        Await.until("another thread is about to measure it, too", PoolMeterValuesTest::isOneHeldUp);
        released.countDown();
        Threads.join(List.of(first, second));
        Await.until("there is one set of meters", () -> servers().equals(Set.of("configured")));
        Await.until("both connections are counted", () -> value("", "configured") == 2);
    }

    /** Whether the thread that starts a connection waits for the pool's regular one at the meters, or that for it. */
    private static boolean isOneHeldUp() {
        return Thread.getAllStackTraces().entrySet().stream()
                .anyMatch(each -> each.getKey().getState() == Thread.State.BLOCKED
                        && each.getValue().length > 0
                        && each.getValue()[0].getClassName().endsWith(".MicrometerPoolMeters"));
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
