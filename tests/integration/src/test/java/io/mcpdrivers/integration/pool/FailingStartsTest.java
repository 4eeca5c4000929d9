package io.mcpdrivers.integration.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpConnectionException;
import io.mcpdrivers.McpException;
import io.mcpdrivers.fixture.Fixture;
import io.mcpdrivers.integration.Await;
import io.mcpdrivers.integration.Connections;
import io.mcpdrivers.integration.Leftovers;
import io.mcpdrivers.integration.Threads;
import io.mcpdrivers.pool.McpPool;
import io.mcpdrivers.spi.McpUri;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that do not start, in numbers. */
class FailingStartsTest {

    private static final int STARTS = 100;
    private static final int PERMITS = 6;

    @RegisterExtension
    final Connections connections = Connections.perTest();

    @TempDir
    Path folder;

    /** A server of its own each, so that every one is started. */
    private static String broken(int number) {
        String name = "stderr.line=server-" + number + "-";
        String uri = switch (number % 3) {
            case 0 -> Leftovers.fixture("start.exit=" + number, name);
            case 1 -> Leftovers.fixture("start.hang=1", name) + "&connectTimeout=600ms";
            default -> Leftovers.fixture("handshake.delay=60000", name) + "&connectTimeout=600ms";
        };
        return uri + "&closeTimeout=100ms&killTimeout=1s";
    }

    @Test
    void a_hundred_starts_that_fail_or_hang_leave_no_process_thread_descriptor_or_permit() {
        McpPool pool = connections.pool("maxTotal=" + PERMITS, "maxWait=60s");
        fail(pool, 0, PERMITS);
        Await.until("the first have ended", () -> pool.status().connections() == 0);
        int descriptors = Leftovers.descriptors();

        fail(pool, PERMITS, STARTS);

        Await.until("no connection counts any more", () -> pool.status().connections() == 0);
        assertThat(pool.status().starting()).isZero();
        assertThat(pool.status().waiting()).isZero();
        Await.until("no process is left", () -> Leftovers.processes().isEmpty());
        Await.until(
                "no thread is left",
                () -> Leftovers.threads().stream()
                        .noneMatch(name -> name.startsWith("mcp-read") || name.startsWith("mcp-pool-start")));
        Await.until("no descriptor is left", () -> Leftovers.descriptors() <= descriptors + 3);
        assertThatAllPermitsAreThere(pool);
    }

    private static void fail(McpPool pool, int from, int to) {
        AtomicInteger next = new AtomicInteger(from);
        Threads.join(Threads.start(2 * PERMITS, caller -> () -> {
            for (int number = next.getAndIncrement(); number < to; number = next.getAndIncrement()) {
                String uri = broken(number);
                assertThatThrownBy(() -> pool.getConnection(uri))
                        .isInstanceOf(McpConnectionException.class)
                        .hasMessageContaining("server-" + number + "-");
            }
            return null;
        }));
    }

    private static void assertThatAllPermitsAreThere(McpPool pool) {
        List<McpConnection> leases = new ArrayList<>();
        for (int i = 0; i < PERMITS; i++) {
            leases.add(pool.getConnection(Leftovers.fixture("stderr.line=healthy " + i)));
        }
        leases.forEach(lease -> assertThat(
                        lease.callTool("echo", Map.of("message", "ok")).text())
                .isEqualTo("ok"));
        Connections.assertNoneIsFree(pool, Leftovers.fixture("stderr.line=one too many"));
        leases.forEach(McpConnection::close);
    }

    @ParameterizedTest
    @ValueSource(strings = {"start.exit=1", "start.hang=1"})
    void fifty_callers_of_a_broken_server_start_it_a_few_times_and_a_healthy_one_notices_nothing(String how) {
        Path log = folder.resolve("calls.log");
        String broken = Leftovers.fixture(how, "calls.log=" + log) + "&connectTimeout=1s&closeTimeout=100ms";
        String healthy = Leftovers.fixture();
        McpPool pool = connections.pool("maxTotal=10");
        List<Long> undisturbed = callFor(pool, healthy, Duration.ofMillis(1_500));

        AtomicBoolean stop = new AtomicBoolean();
        AtomicInteger refused = new AtomicInteger();
        List<Threads.Caller<Object>> callers = Threads.start(50, number -> () -> {
            while (!stop.get()) {
                assertThatThrownBy(() -> pool.getConnection(broken)).isInstanceOf(McpException.class);
                refused.incrementAndGet();
                // As an application does that tries again and again.
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            }
            return null;
        });
        List<Long> disturbed = callFor(pool, healthy, Duration.ofSeconds(4));
        stop.set(true);
        Threads.join(callers);

        assertThat(refused.get()).isGreaterThan(100);
        // The pauses are at least 1 s and 2 s, so in these 4 s there is time for three attempts; those that exit may
        // be opened twice each, since that could be a dislike of the first question. One that hangs may be given up
        // before it has logged its start.
        assertThat(Fixture.log(log, "start ")).hasSizeLessThanOrEqualTo(8);
        assertThat(percentile(disturbed, 50))
                .as("median in us, undisturbed " + percentile(undisturbed, 50))
                .isLessThan(10 * percentile(undisturbed, 50) + 50_000);
        assertThat(percentile(disturbed, 100)).as("longest call in us").isLessThan(10_000_000);
    }

    /** The microseconds that calls took, each with a lease of its own. */
    private static List<Long> callFor(McpPool pool, String uri, Duration time) {
        List<Long> micros = new ArrayList<>();
        pool.getConnection(uri).close();
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() - end < 0) {
            long start = System.nanoTime();
            try (McpConnection lease = pool.getConnection(uri)) {
                assertThat(lease.callTool("echo", Map.of("message", "hi")).text())
                        .isEqualTo("hi");
            }
            micros.add(TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - start));
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
        Collections.sort(micros);
        return micros;
    }

    private static long percentile(List<Long> sorted, int percent) {
        return sorted.get((sorted.size() - 1) * percent / 100);
    }

    @Test
    void a_broken_server_that_is_mended_is_found_to_be() throws Exception {
        Path mended = folder.resolve("mended");
        String script = "test -e " + mended + " || exit 9; exec " + String.join(" ", Fixture.command());
        String uri = Leftovers.marked(McpUri.builder("stdio", "sh")
                .add("arg", "-c")
                .add("arg", script)
                .build()
                .canonical());
        McpPool pool = connections.pool("backoff=50ms", "maxBackoff=100ms");
        assertThatThrownBy(() -> pool.getConnection(uri))
                .isInstanceOf(McpConnectionException.class)
                .hasMessageMatching("(?s).*(exited with code 9|still running).*");
        Files.createFile(mended);
        Await.until("it is tried again", () -> {
            try (McpConnection lease = pool.getConnection(uri)) {
                return lease.isValid(Await.PATIENCE);
            } catch (McpConnectionException e) {
                return false;
            }
        });
    }
}
