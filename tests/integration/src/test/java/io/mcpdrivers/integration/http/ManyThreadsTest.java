package io.mcpdrivers.integration.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.McpConnection;
import io.mcpdrivers.fixture.HttpFixtureServer;
import io.mcpdrivers.integration.Await;
import io.mcpdrivers.integration.Threads;
import io.mcpdrivers.pool.McpPool;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ManyThreadsTest extends HttpTestBase {

    private static final int THREADS = 64;
    private static final int CALLS = 20_000;

    /** Every caller gets its own answer, none fails. */
    private static void callFromManyThreads(UnaryOperator<String> echo) {
        AtomicInteger left = new AtomicInteger(CALLS);
        AtomicInteger answered = new AtomicInteger();
        Threads.join(Threads.start(THREADS, caller -> () -> {
            for (int number = left.decrementAndGet(); number >= 0; number = left.decrementAndGet()) {
                String message = "call " + number + " of caller " + caller;
                assertThat(echo.apply(message)).isEqualTo(message);
                answered.incrementAndGet();
            }
            return null;
        }));
        assertThat(answered).hasValue(CALLS);
    }

    private static String echo(McpConnection connection, String message) {
        return connection.callTool("echo", Map.of("message", message)).text();
    }

    @ParameterizedTest
    @CsvSource({"legacy, json", "modern, sse"})
    void sixty_four_threads_make_20000_calls_on_one_connection_and_each_gets_its_own_answers(
            String era, String answer) {
        HttpFixtureServer server = server("era=" + era, "answer=" + answer);
        McpConnection connection = connections.open(uri(server));
        callFromManyThreads(message -> echo(connection, message));
        connection.close();
        assertThat(requests(server, "initialize")).hasSizeLessThanOrEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"legacy, sse, 64", "modern, json, auto"})
    void sixty_four_threads_make_20000_calls_each_with_a_lease_of_its_own_on_shared_connections(
            String era, String answer, String streams) {
        HttpFixtureServer server = server("era=" + era, "answer=" + answer);
        McpPool pool = connections.pool("maxTotalPerKey=3", "streams=" + streams);
        callFromManyThreads(message -> {
            try (McpConnection lease = pool.getConnection(uri(server))) {
                return echo(lease, message);
            }
        });
        assertThat(pool.status().leases()).isZero();
        assertThat(pool.status().connections()).isBetween(1, 3);
        assertThat(server.sessions()).isLessThanOrEqualTo(3);
        pool.close();
        Await.until("no session is left", () -> server.sessions() == 0);
    }
}
