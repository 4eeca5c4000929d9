package io.mcpdrivers.integration.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpConnectionLostException;
import io.mcpdrivers.McpException;
import io.mcpdrivers.fixture.Fixture;
import io.mcpdrivers.fixture.HttpFixtureServer;
import io.mcpdrivers.integration.Await;
import io.mcpdrivers.integration.Threads;
import io.mcpdrivers.pool.McpPool;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that forget their sessions, or are started anew. */
class SessionLossTest extends HttpTestBase {

    @TempDir
    Path folder;

    private static Set<String> sessions(HttpFixtureServer server) {
        return server.requests().stream()
                .map(request -> request.header("Mcp-Session-Id"))
                .filter(Objects::nonNull)
                .collect(Collectors.toSet());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_session_that_is_lost_between_calls_is_replaced_and_nobody_notices(boolean pooled) {
        HttpFixtureServer server = server();
        McpConnection connection =
                pooled ? connections.pool().getConnection(uri(server)) : connections.open(uri(server));
        assertWorks(connection);
        for (int lost = 1; lost <= 3; lost++) {
            server.forgetSessions();
            assertWorks(connection);
            assertThat(requests(server, "initialize")).hasSize(1 + lost);
            assertThat(requests(server, "notifications/initialized")).hasSize(1 + lost);
        }
        assertThat(sessions(server)).hasSize(4);
    }

    @Test
    void a_call_that_met_a_lost_session_is_made_once() {
        Path counter = folder.resolve("counter");
        HttpFixtureServer server = server();
        McpConnection connection = connections.open(uri(server));
        for (int i = 1; i <= 3; i++) {
            server.forgetSessions();
            assertThat(connection
                            .callTool("counter", Map.of("file", counter.toString()))
                            .text())
                    .isEqualTo(String.valueOf(i));
        }
    }

    @Test
    void callers_who_meet_a_lost_session_at_the_same_time_share_one_new_one() {
        HttpFixtureServer server = server("handshake.delay=100");
        McpConnection connection = connections.open(uri(server));
        for (int round = 1; round <= 3; round++) {
            server.forgetSessions();
            Threads.join(Threads.start(16, caller -> () -> {
                for (int i = 0; i < 5; i++) {
                    String message = caller + "-" + i;
                    assertThat(connection
                                    .callTool("echo", Map.of("message", message))
                                    .text())
                            .isEqualTo(message);
                }
                return null;
            }));
            assertThat(requests(server, "initialize")).hasSize(1 + round);
        }
    }

    @Test
    void a_server_that_loses_each_session_at_once_is_given_up() {
        HttpFixtureServer server = server("fault.call=session:lost");
        McpConnection connection = connections.open(uri(server));
        assertThat(failure(() -> assertWorks(connection)))
                .isInstanceOf(McpConnectionLostException.class)
                .hasMessageContainingAll(server.url(), "404")
                .satisfies(e -> assertThat(((McpException) e).mayHaveExecuted()).isFalse());
        assertThat(requests(server, "initialize")).hasSizeLessThanOrEqualTo(3);
    }

    @Test
    void calls_in_flight_when_the_server_is_restarted_fail_at_once_and_later_ones_work() {
        HttpFixtureServer server = server();
        McpConnection connection = connections.open(uri(server));
        List<CompletableFuture<?>> calls = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            calls.add(connection.callToolAsync("sleep", Map.of("ms", 60_000)));
        }
        Await.until("they run", () -> requests(server, "tools/call").size() == 8);
        server.restart();
        for (CompletableFuture<?> call : calls) {
            McpException failure = failure(() -> Await.result(call));
            assertThat(failure).isInstanceOf(McpConnectionLostException.class);
            assertThat(failure.mayHaveExecuted()).isTrue();
        }
        assertWorks(connection);
        assertThat(requests(server, "initialize")).hasSize(2);
    }

    @Test
    void a_restart_in_the_midst_of_many_calls_costs_none_that_is_harmless_and_doubles_none() {
        Path counter = folder.resolve("counter");
        HttpFixtureServer server = server();
        McpPool pool = connections.pool("maxTotalPerKey=4", "backoff=20ms");
        try (McpConnection lease = pool.getConnection(uri(server))) {
            // So that it is known which tools are harmless.
            lease.listTools();
        }
        AtomicIntegerArray rounds = new AtomicIntegerArray(8);
        List<Threads.Caller<Integer>> callers = Threads.start(8, caller -> () -> {
            int counted = 0;
            for (int i = 0; i < 30; i++) {
                rounds.set(caller, i);
                try (McpConnection lease = pool.getConnection(uri(server))) {
                    lease.listTools();
                    assertWorks(lease);
                    if (caller == 0) {
                        counted += count(lease, counter);
                    }
                }
            }
            return counted;
        });
        for (int restarts = 0; restarts < 3; restarts++) {
            int[] before = IntStream.range(0, 8).map(rounds::get).toArray();
            // No call may be hit by two restarts, since it is made only once more.
            Await.until(
                    "every caller has gone on",
                    () -> IntStream.range(0, 8)
                            .allMatch(caller -> rounds.get(caller) >= before[caller] + 2
                                    || callers.get(caller).isDone()));
            server.restart();
        }
        int counted = Threads.join(callers).get(0);
        long made = Long.parseLong(Fixture.log(counter, "").get(0).trim());
        assertThat(made).as("counted, and those of which it is not known").isBetween((long) counted, 30L);
    }

    /** 1 if it was counted; 0 if that is not known, since the answer was lost. */
    private static int count(McpConnection lease, Path counter) {
        try {
            lease.callTool("counter", Map.of("file", counter.toString()));
            return 1;
        } catch (McpConnectionLostException e) {
            assertThat(e.mayHaveExecuted()).isTrue();
            return 0;
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_server_that_is_gone_is_reported_and_found_again_when_it_is_back(boolean pooled) {
        HttpFixtureServer server = server();
        McpPool pool = connections.pool("backoff=20ms", "maxBackoff=50ms");
        McpConnection connection = pooled ? pool.getConnection(uri(server)) : connections.open(uri(server));
        assertWorks(connection);
        server.close();
        assertThat(failure(() -> assertWorks(connection))).hasMessageContainingAll(server.url(), "cannot be reached");
        server.listen();
        Await.until("it is used again", () -> {
            try {
                assertWorks(connection);
                return true;
            } catch (McpException e) {
                return false;
            }
        });
    }

    @Test
    void the_session_of_the_old_transport_ends_with_its_stream() {
        HttpFixtureServer server = server("transport=sse");
        McpConnection connection = connections.open("mcp:sse:" + server.url());
        CompletableFuture<?> call = connection.callToolAsync("sleep", Map.of("ms", 60_000));
        Await.until("it runs", () -> !requests(server, "tools/call").isEmpty());
        server.restart();
        assertThat(failure(() -> Await.result(call))).isInstanceOf(McpConnectionLostException.class);
        Await.until("the end is seen", connection::isClosed);
        assertThatThrownBy(() -> assertWorks(connection)).isInstanceOf(McpConnectionLostException.class);
        McpConnection lease = connections.pool().getConnection("mcp:sse:" + server.url());
        // So that it is known that the call below is harmless: it may be on its way when the stream ends.
        lease.listTools();
        server.restart();
        assertWorks(lease);
    }

    @Test
    void what_the_old_session_answers_late_is_nobody_s() {
        HttpFixtureServer server = server();
        McpConnection connection = connections.open(uri(server));
        CompletableFuture<?> old = connection.callToolAsync("sleep", Map.of("ms", 400));
        Await.until("it runs", () -> requests(server, "tools/call").size() == 1);
        server.fault("call", "status:404,times:1");
        assertWorks(connection);
        assertThat(requests(server, "initialize")).hasSize(2);
        // It was asked in the old session, which the server still knows, and is answered or fails, once.
        Await.within(Await.PATIENCE, old::isDone);
        assertThat(old.isDone()).isTrue();
        assertWorks(connection);
        assertThat(requests(server, "initialize")).hasSize(2);
        server.forgetSessions();
    }
}
