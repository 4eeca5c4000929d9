package io.mcpdrivers.integration.misbehaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mcpdrivers.CallOptions;
import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpConnectionLostException;
import io.mcpdrivers.McpException;
import io.mcpdrivers.McpTimeoutException;
import io.mcpdrivers.integration.Await;
import io.mcpdrivers.integration.Connections;
import io.mcpdrivers.integration.Leftovers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that die at work. */
class CrashTest {

    @RegisterExtension
    final Connections connections = Connections.perTest();

    @TempDir
    Path folder;

    private static void assertUnusable(McpConnection connection) {
        Await.until("the end of the server is seen", connection::isClosed);
        assertThat(connection.isValid(Duration.ofSeconds(1))).isFalse();
        assertThatThrownBy(() -> connection.callTool("echo", Map.of("message", "anybody there?")))
                .isInstanceOfSatisfying(
                        McpConnectionLostException.class,
                        e -> assertThat(e.mayHaveExecuted()).isFalse());
    }

    @ParameterizedTest
    @CsvSource({"legacy, before", "legacy, during", "modern, before", "modern, during"})
    void a_crash_without_a_whole_answer_loses_the_connection_and_the_call_may_have_run(String era, String when) {
        Ends.reported("exited with code 42", () -> {
            McpConnection connection = connections.fixture("era=" + era, "stderr.line=last words");
            long begin = System.nanoTime();
            McpConnectionLostException failure = catchThrowableOfType(
                    McpConnectionLostException.class,
                    () -> connection.callTool("crash", Map.of("when", when, "code", 42)));
            // A call has 30 s.
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(20));
            assertThat(failure).hasMessageContainingAll("last words", "may have been carried out");
            assertThat(failure.mayHaveExecuted()).isTrue();
            assertUnusable(connection);
            return failure;
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"legacy", "modern"})
    void a_crash_after_the_answer_loses_no_answer(String era) {
        McpConnection connection = connections.fixture("era=" + era);
        assertThat(connection.callTool("crash", Map.of("when", "after")).text()).contains("crashed after");
        assertUnusable(connection);
    }

    @Test
    void a_server_that_exits_on_the_second_call_serves_the_first() {
        Ends.reported("exited with code 9", () -> {
            McpConnection connection = connections.fixture("exit.on.call=2", "exit.code=9");
            assertThat(connection.callTool("echo", Map.of("message", "first")).text())
                    .isEqualTo("first");
            McpConnectionLostException failure = catchThrowableOfType(
                    McpConnectionLostException.class, () -> connection.callTool("echo", Map.of("message", "second")));
            assertThat(failure.mayHaveExecuted()).isTrue();
            assertUnusable(connection);
            return failure;
        });
    }

    @Test
    void a_counter_that_commits_before_its_server_dies_has_moved_once_and_the_caller_learns_that_it_may_have() {
        Path counter = folder.resolve("counter");
        McpConnection connection = connections.fixture();
        assertThatThrownBy(() -> connection.callTool("counter_crash", Map.of("file", counter.toString())))
                .isInstanceOfSatisfying(
                        McpConnectionLostException.class,
                        e -> assertThat(e.mayHaveExecuted()).isTrue());
        assertThat(counter).hasContent("1");
    }

    @Test
    void calls_of_every_form_fail_when_the_server_dies() {
        McpConnection connection = connections.fixture();
        CompletableFuture<?> call = connection.callToolAsync("sleep", Map.of("ms", 60_000));
        CompletableFuture<?> batch = connection
                .batch()
                .add("sleep", Map.of("ms", 60_000))
                .executeAsync()
                .thenApply(outcomes -> {
                    throw outcomes.get(0).error();
                });
        assertThatThrownBy(() -> connection.callTool("crash", Map.of("when", "before")))
                .isInstanceOf(McpConnectionLostException.class);
        assertThatThrownBy(() -> Await.result(call)).isInstanceOf(McpConnectionLostException.class);
        assertThatThrownBy(() -> Await.result(batch)).isInstanceOf(McpConnectionLostException.class);
        assertThatThrownBy(() -> Await.result(connection.listToolsAsync()))
                .isInstanceOf(McpConnectionLostException.class);
        assertThatThrownBy(() -> Await.result(connection.pingAsync())).isInstanceOf(McpConnectionLostException.class);
    }

    @Test
    void a_server_that_is_killed_is_reported_with_the_signal() {
        Ends.reported("SIGKILL", () -> {
            McpConnection connection = connections.fixture();
            ProcessHandle server = ProcessHandle.of(Connections.pid(connection)).orElseThrow();
            CompletableFuture<?> call = connection.callToolAsync("sleep", Map.of("ms", 60_000));
            server.destroyForcibly();
            return catchThrowableOfType(McpConnectionLostException.class, () -> Await.result(call));
        });
    }

    @Test
    void a_server_that_closes_its_output_and_lives_on_is_lost_and_ended() {
        McpConnection connection = connections.fixture("close.stdout=1", "ignore.eof=1");
        assertThat(connection.callTool("echo", Map.of("message", "last")).text())
                .isEqualTo("last");
        assertUnusable(connection);
        assertThatThrownBy(() -> connection.ping()).hasMessageContaining("closed its output");
    }

    private static void stopReading(McpConnection connection) {
        // A first call takes its time where much else runs; only what comes after it is to time out soon.
        CallOptions patient = CallOptions.timeout(Await.PATIENCE);
        assertThat(connection.callTool("stop_reading", Map.of(), patient).text())
                .contains("reads no more");
    }

    @Test
    void a_server_that_stops_reading_times_out_and_is_not_valid() {
        McpConnection connection = connections.open(Leftovers.fixture() + "&requestTimeout=700ms&closeTimeout=100ms");
        stopReading(connection);
        assertThatThrownBy(() -> connection.callTool("echo", Map.of("message", "hello")))
                .isInstanceOfSatisfying(
                        McpTimeoutException.class,
                        e -> assertThat(e.mayHaveExecuted()).isTrue());
        assertThat(connection.isValid(Duration.ofMillis(300))).isFalse();
    }

    @Test
    void a_message_that_the_server_does_not_read_is_given_up_and_so_is_the_connection() {
        McpConnection connection = connections.open(Leftovers.fixture() + "&requestTimeout=700ms&closeTimeout=100ms");
        stopReading(connection);
        long took = Await.millis(() -> assertThatThrownBy(() ->
                        connection.callTool("echo", Map.of("message", "x".repeat(1 << 20))))
                .isInstanceOf(McpException.class));
        // A call that names no time has 30 s.
        assertThat(took).isLessThan(20_000);
        assertUnusable(connection);
    }
}
