package io.mcpdrivers.integration.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.CallOptions;
import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpInterruptedException;
import io.mcpdrivers.McpTimeoutException;
import io.mcpdrivers.fixture.Fixture;
import io.mcpdrivers.integration.Await;
import io.mcpdrivers.integration.Connections;
import io.mcpdrivers.integration.Leftovers;
import io.mcpdrivers.integration.Threads;
import io.mcpdrivers.pool.McpPool;
import io.mcpdrivers.schema.CallToolResult;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls that nobody waits for any longer. */
class TimeoutTest {

    @RegisterExtension
    final Connections connections = Connections.perTest();

    @TempDir
    Path folder;

    private Path log() {
        return folder.resolve("calls.log");
    }

    private String uri(String era) {
        return Leftovers.fixture("era=" + era, "late.answers=1", "calls.log=" + log());
    }

    /** The server's answers come in the order of their times, so that this one shows that the late one has come. */
    private static CompletableFuture<CallToolResult> untilTheLateAnswerHasCome(McpConnection connection) {
        return connection.callToolAsync("sleep", Map.of("ms", 5_500));
    }

    private void assertCancelled(String call) {
        Await.until(
                "the server was told to cancel",
                () -> !Fixture.log(log(), "cancelled ").isEmpty());
        assertThat(Fixture.log(log(), "cancelled ")).containsExactly("cancelled " + call.split(" ")[2]);
    }

    @ParameterizedTest
    @ValueSource(strings = {"legacy", "modern"})
    void a_timed_out_call_is_cancelled_its_late_answer_reaches_nobody_and_the_next_call_works(String era) {
        McpPool pool = connections.pool();
        try (McpConnection lease = pool.getConnection(uri(era))) {
            long pid = Connections.pid(lease);
            CompletableFuture<CallToolResult> later = untilTheLateAnswerHasCome(lease);
            assertThatThrownBy(() ->
                            lease.callTool("sleep", Map.of("ms", 5_000), CallOptions.timeout(Duration.ofSeconds(1))))
                    .isInstanceOfSatisfying(
                            McpTimeoutException.class,
                            e -> assertThat(e.mayHaveExecuted()).isTrue())
                    .hasMessageContainingAll("sleep", "1s");
            Await.until(
                    "both calls came", () -> Fixture.log(log(), "call sleep ").size() == 2);
            assertCancelled(Fixture.log(log(), "call sleep ").get(1));

            assertThat(lease.callTool("echo", Map.of("message", "next")).text()).isEqualTo("next");
            assertThat(Await.result(later).text()).isEqualTo("slept 5500 ms");
            assertThat(lease.callTool("echo", Map.of("message", "after the late answer"))
                            .text())
                    .isEqualTo("after the late answer");
            assertThat(Connections.pid(lease)).isEqualTo(pid);
        }
        assertThat(Fixture.log(log(), "start ")).hasSize(1);
        assertThat(pool.status().idle()).isEqualTo(1);
    }

    @Test
    void a_future_that_times_out_or_is_cancelled_cancels_the_request() {
        McpConnection connection = connections.open(uri("legacy"));
        CompletableFuture<CallToolResult> later = untilTheLateAnswerHasCome(connection);
        CompletableFuture<CallToolResult> timedOut =
                connection.callToolAsync("sleep", Map.of("ms", 5_000), CallOptions.timeout(Duration.ofSeconds(1)));
        CompletableFuture<CallToolResult> cancelled = connection.callToolAsync("sleep", Map.of("ms", 5_000));
        Await.until("both run", () -> Fixture.log(log(), "call sleep ").size() == 3);
        cancelled.cancel(true);
        assertThatThrownBy(() -> Await.result(timedOut)).isInstanceOf(McpTimeoutException.class);
        Await.until("both are cancelled", () -> Fixture.log(log(), "cancelled ").size() == 2);
        assertThat(Await.result(later).text()).isEqualTo("slept 5500 ms");
        assertThat(connection.callTool("echo", Map.of("message", "next")).text())
                .isEqualTo("next");
    }

    @Test
    void an_interrupted_caller_leaves_at_once_and_the_server_is_told() {
        McpConnection connection = connections.open(uri("legacy"));
        Threads.Caller<CallToolResult> caller = Threads.call(() -> connection.callTool("sleep", Map.of("ms", 30_000)));
        Await.until("the call runs", () -> !Fixture.log(log(), "call sleep ").isEmpty());
        caller.interrupt();
        assertThat(caller.failure()).isInstanceOf(McpInterruptedException.class);
        assertCancelled(Fixture.log(log(), "call sleep ").get(0));
        assertThat(connection.callTool("echo", Map.of("message", "next")).text())
                .isEqualTo("next");
    }

    @Test
    void the_request_timeout_of_the_uri_counts_for_calls_that_name_none() {
        try (McpConnection lease = connections.pool().getConnection(uri("legacy") + "&requestTimeout=300ms")) {
            assertThatThrownBy(() -> lease.callTool("sleep", Map.of("ms", 20_000)))
                    .isInstanceOf(McpTimeoutException.class)
                    .hasMessageContaining("300ms");
            assertThat(lease.callTool("sleep", Map.of("ms", 500), CallOptions.timeout(Duration.ofSeconds(20)))
                            .text())
                    .isEqualTo("slept 500 ms");
        }
    }

    @Test
    void a_connection_with_too_many_unanswered_requests_is_retired() {
        McpPool pool = connections.pool("maxAbandoned=3");
        String uri = Leftovers.fixture("calls.log=" + log());
        List<Long> pids = new ArrayList<>();
        try (McpConnection lease = pool.getConnection(uri)) {
            pids.add(Connections.pid(lease));
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> lease.callTool(
                                "sleep", Map.of("ms", 60_000), CallOptions.timeout(Duration.ofMillis(50))))
                        .isInstanceOf(McpTimeoutException.class);
            }
        }
        try (McpConnection lease = pool.getConnection(uri)) {
            pids.add(Connections.pid(lease));
        }
        assertThat(pids).doesNotHaveDuplicates();
    }
}
