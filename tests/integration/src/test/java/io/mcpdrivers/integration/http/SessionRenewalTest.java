package io.mcpdrivers.integration.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.CallOptions;
import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpConnectionException;
import io.mcpdrivers.McpConnectionLostException;
import io.mcpdrivers.McpException;
import io.mcpdrivers.fixture.HttpFixtureServer;
import io.mcpdrivers.integration.Await;
import io.mcpdrivers.integration.Connections;
import io.mcpdrivers.integration.Threads;
import io.mcpdrivers.pool.McpPool;
import io.mcpdrivers.schema.CallToolResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Legacy servers that forget their sessions, amid work and between. */
class SessionRenewalTest {

    private static final int THREADS = 64;
    private static final CallOptions PATIENT = CallOptions.timeout(Await.PATIENCE);

    @RegisterExtension
    final Connections connections = Connections.perTest();

    private HttpFixtureServer server(String... options) {
        return connections.server(HttpFixtureServer.start(options));
    }

    private static String echo(McpConnection connection, String text) {
        return connection.callTool("echo", Map.of("message", text), PATIENT).text();
    }

    private static long posts(HttpFixtureServer server, String method) {
        return server.requests().stream()
                .filter(request ->
                        request.method().equals("POST") && request.body().contains("\"method\":\"" + method + "\""))
                .count();
    }

    @ParameterizedTest
    @ValueSource(strings = {"json", "sse"})
    void a_session_that_is_lost_between_calls_is_begun_anew(String answer) {
        HttpFixtureServer server = server("answer=" + answer);
        McpConnection connection = connections.open("mcp:" + server.url());
        assertThat(connection.callTool("session_counter", null).text()).isEqualTo("1");
        for (int loss = 1; loss <= 3; loss++) {
            if (loss == 2) {
                server.restart();
                Await.until("no connection is left", () -> server.connections() == 0);
            } else {
                server.forgetSessions();
            }
            assertThat(connection.callTool("session_counter", null, PATIENT).text())
                    .isEqualTo("1");
            assertThat(posts(server, "initialize")).isEqualTo(1 + loss);
            assertThat(posts(server, "notifications/initialized")).isEqualTo(1 + loss);
            assertThat(server.sessions()).isEqualTo(1);
        }
        connection.close();
        Await.until("the last session is deleted", () -> server.sessions() == 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"json", "sse"})
    void many_threads_that_meet_a_lost_session_begin_one(String answer) {
        HttpFixtureServer server = server("answer=" + answer);
        McpConnection connection = connections.open("mcp:" + server.url());
        for (int round = 1; round <= 3; round++) {
            CyclicBarrier start = new CyclicBarrier(THREADS, server::forgetSessions);
            List<Threads.Caller<String>> callers = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                String text = round + "/" + i;
                callers.add(Threads.call(() -> {
                    start.await();
                    return echo(connection, text);
                }));
            }
            for (int i = 0; i < THREADS; i++) {
                assertThat(Await.result(callers.get(i))).isEqualTo(round + "/" + i);
            }
            assertThat(posts(server, "initialize")).isEqualTo(1 + round);
        }
    }

    @Test
    void a_restart_fails_the_calls_in_flight_and_no_others() {
        HttpFixtureServer server = server();
        McpConnection connection = connections.open("mcp:" + server.url());
        List<CompletableFuture<CallToolResult>> slow = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            slow.add(connection.callToolAsync("sleep", Map.of("ms", 60_000), PATIENT));
        }
        Await.until("the calls are under way", () -> posts(server, "tools/call") == 4);
        server.restart();
        for (CompletableFuture<CallToolResult> each : slow) {
            Throwable failure = Threads.call(() -> Await.result(each)).failure();
            assertThat(failure).isInstanceOf(McpConnectionLostException.class);
            assertThat(((McpException) failure).mayHaveExecuted()).isTrue();
        }
        List<Threads.Caller<String>> callers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            String text = "after " + i;
            callers.add(Threads.call(() -> echo(connection, text)));
        }
        for (int i = 0; i < 8; i++) {
            assertThat(Await.result(callers.get(i))).isEqualTo("after " + i);
        }
        assertThat(posts(server, "initialize")).isEqualTo(2);
        assertThat(posts(server, "tools/call")).isLessThanOrEqualTo(4 + 2 * 8);
    }

    @Test
    void a_server_that_keeps_no_session_is_an_error_and_no_loop() {
        HttpFixtureServer server = server();
        McpConnection connection = connections.open("mcp:" + server.url());
        server.fault("call", "session:lost");
        assertThatThrownBy(() -> echo(connection, "hi"))
                .isInstanceOf(McpConnectionLostException.class)
                .hasMessageContaining(server.url())
                .hasMessageContaining("404");
        assertThat(posts(server, "initialize")).isEqualTo(2);
        server.clearFaults();
        assertThat(echo(connection, "hi")).isEqualTo("hi");
    }

    @Test
    void a_session_that_cannot_be_begun_anew_ends_the_connection() {
        HttpFixtureServer server = server();
        McpConnection connection = connections.open("mcp:" + server.url());
        server.fault("initialize", "status:503,times:1");
        server.forgetSessions();
        assertThatThrownBy(() -> echo(connection, "hi"))
                .isInstanceOf(McpConnectionLostException.class)
                .hasMessageContaining("cannot be renewed")
                .hasMessageContaining("503");
        assertThat(connection.isClosed()).isTrue();
        assertThat(connection.isValid(Duration.ofSeconds(5))).isFalse();
        assertThatThrownBy(() -> echo(connection, "hi")).isInstanceOf(McpConnectionException.class);
    }

    @Test
    void a_pool_replaces_a_connection_whose_session_cannot_be_begun_anew() {
        HttpFixtureServer server = server();
        McpPool pool = connections.pool();
        try (McpConnection lease = pool.getConnection("mcp:" + server.url())) {
            assertThat(echo(lease, "hi")).isEqualTo("hi");
            server.forgetSessions();
            assertThat(echo(lease, "renewed")).isEqualTo("renewed");
            assertThat(posts(server, "initialize")).isEqualTo(2);

            server.fault("initialize", "status:503,times:1");
            server.forgetSessions();
            assertThat(echo(lease, "replaced")).isEqualTo("replaced");
            assertThat(posts(server, "initialize")).isEqualTo(4);
        }
        try (McpConnection lease = pool.getConnection("mcp:" + server.url())) {
            assertThat(echo(lease, "hi")).isEqualTo("hi");
        }
        assertThat(posts(server, "initialize")).isEqualTo(4);
    }
}
