package io.mcpdrivers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mcpdrivers.engine.EngineState;
import io.mcpdrivers.engine.PhysicalConnection;
import io.mcpdrivers.schema.CallToolResult;
import io.mcpdrivers.spi.Envelope;
import io.mcpdrivers.testing.Await;
import io.mcpdrivers.testing.NothingLeft;
import io.mcpdrivers.testing.ScriptedServer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What arriving progress does to timeouts. */
@ExtendWith(NothingLeft.class)
class ProgressTimeoutTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    /** How long a slow call takes. */
    private static final Duration LONGER = Duration.ofSeconds(7);

    private static final CallOptions LISTENING =
            CallOptions.timeout(TIMEOUT).withProgress(progress -> {}).withMaxTimeout(Duration.ofMinutes(1));

    /** Reports progress every 20 ms, to each call until it was asked for longer than the time, then answers. */
    private static ScriptedServer reporting(Duration time) {
        return ScriptedServer.modern((message, client) -> {
            if (!message.has("id")) {
                return;
            }
            long until = System.nanoTime() + time.toNanos();
            Thread reporter = new Thread(() -> {
                for (int i = 1; System.nanoTime() - until < 0 && !client.isClosed(); i++) {
                    client.progress(message, i);
                    try {
                        TimeUnit.MILLISECONDS.sleep(20);
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                }
                client.text(message, "done");
            });
            reporter.setDaemon(true);
            reporter.start();
        });
    }

    @Test
    void a_call_outlives_its_timeout_while_progress_arrives() {
        try (ScriptedServer server = reporting(LONGER)) {
            McpConnection connection = server.open();
            CompletableFuture<CallToolResult> future = connection.callToolAsync("t", null, LISTENING);
            CompletableFuture<List<McpBatch.Outcome>> batch =
                    connection.batch().add("t", null, LISTENING).executeAsync();

            assertThat(connection.callTool("t", null, LISTENING).text()).isEqualTo("done");
            assertThat(future.join().text()).isEqualTo("done");
            assertThat(batch.join().get(0).result().text()).isEqualTo("done");
            Await.that(() -> EngineState.timersWaiting() == 0, "a timer is left");
        }
    }

    @Test
    void a_batch_outlives_its_timeouts_while_progress_arrives() {
        try (ScriptedServer server = reporting(LONGER)) {
            McpBatch batch = server.open().batch();
            for (int i = 0; i < 3; i++) {
                batch.add("t", null, LISTENING);
            }
            assertThat(batch.execute())
                    .extracting(outcome -> outcome.result().text())
                    .containsOnly("done");
        }
    }

    @Test
    void progress_without_end_ends_at_the_longest_timeout() {
        try (ScriptedServer server = reporting(Duration.ofMinutes(1))) {
            McpConnection connection = server.open();
            PhysicalConnection physical = connection.unwrap(PhysicalConnection.class);
            // Any progress but that of the first moment takes the call to its limit.
            CallOptions options = LISTENING.withTimeout(Duration.ofMillis(2900)).withMaxTimeout(Duration.ofSeconds(3));
            CompletableFuture<CallToolResult> future = connection.callToolAsync("t", null, options);

            McpTimeoutException e =
                    catchThrowableOfType(McpTimeoutException.class, () -> connection.callTool("t", null, options));
            assertThat(e).hasMessageContaining("within 3s, the longest that progress gives it");
            assertThat(e.mayHaveExecuted()).isTrue();
            CompletionException failed = catchThrowableOfType(CompletionException.class, future::join);
            assertThat(failed.getCause())
                    .isInstanceOf(McpTimeoutException.class)
                    .hasMessageContaining("the longest that progress gives it");
            Await.that(
                    () -> server.session().received("notifications/cancelled").size() == 2, "nothing was cancelled");
            assertThat(physical.inFlight()).isZero();
        }
    }

    @Test
    void the_limit_of_the_uri_counts_for_calls_that_name_none() {
        try (ScriptedServer server = reporting(Duration.ofMinutes(1))) {
            McpConnection connection = server.open("requestTimeout=2900ms&maxRequestTimeout=3s");
            assertThatThrownBy(() -> connection.callTool(
                            "t", null, CallOptions.defaults().withProgress(progress -> {})))
                    .isInstanceOf(McpTimeoutException.class)
                    .hasMessageContaining("within 3s");
        }
    }

    @Test
    void the_timeout_counts_from_the_last_progress() {
        try (ScriptedServer server = ScriptedServer.modern((message, client) -> {
            if (message.has("id")) {
                client.progress(message, 1);
            }
        })) {
            McpConnection connection = server.open();
            CallOptions options = LISTENING.withTimeout(Duration.ofSeconds(3));
            CompletableFuture<CallToolResult> future = connection.callToolAsync("t", null, options);
            assertThatThrownBy(() -> connection.callTool("t", null, options))
                    .isInstanceOf(McpTimeoutException.class)
                    .hasMessageContaining("and no further progress within 3s");
            assertThatThrownBy(future::join)
                    .hasCauseInstanceOf(McpTimeoutException.class)
                    .hasMessageContaining("and no further progress within 3s");
        }
    }

    @Test
    void a_transport_keeps_a_request_for_as_long_as_progress_may_prolong_it() {
        try (ScriptedServer server = reporting(Duration.ZERO)) {
            McpConnection connection = server.open();
            connection.callTool("t", null, LISTENING);
            Envelope prolonged = server.session().lastEnvelope();
            assertThat(Duration.ofNanos(prolonged.lastDeadlineNanos() - prolonged.deadlineNanos()))
                    .isGreaterThan(Duration.ofSeconds(54));

            connection.callTool("t", null);
            Envelope usual = server.session().lastEnvelope();
            assertThat(usual.lastDeadlineNanos()).isEqualTo(usual.deadlineNanos());
        }
    }

    @Test
    void a_limit_below_the_timeout_does_not_shorten_it() {
        try (ScriptedServer server = reporting(Duration.ofMillis(200))) {
            CallOptions options = LISTENING.withMaxTimeout(Duration.ofMillis(1)).withTimeout(Duration.ofSeconds(30));
            assertThat(server.open().callTool("t", null, options).text()).isEqualTo("done");
        }
        assertThatThrownBy(() -> LISTENING.withMaxTimeout(Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void lists_and_pings_take_options_in_both_forms() {
        try (ScriptedServer server = ScriptedServer.modern((message, client) -> {})) {
            McpConnection connection = server.open();
            CallOptions options = CallOptions.timeout(Duration.ofMillis(30));
            assertThatThrownBy(() -> connection.listToolsAsync(options).join())
                    .hasCauseInstanceOf(McpTimeoutException.class);
            connection.pingAsync(CallOptions.timeout(Duration.ofSeconds(30))).join();
        }
    }
}
