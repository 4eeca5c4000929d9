package io.mcpdrivers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mcpdrivers.engine.EngineState;
import io.mcpdrivers.engine.PhysicalConnection;
import io.mcpdrivers.spi.TransportException.Kind;
import io.mcpdrivers.testing.Answers;
import io.mcpdrivers.testing.Await;
import io.mcpdrivers.testing.NothingLeft;
import io.mcpdrivers.testing.ScriptedServer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** For some time no thread can be had: callers are told, and what has to be ended is ended afterwards. */
@ExtendWith(NothingLeft.class)
class ThreadFamineTest {

    private static final CallOptions PATIENT = CallOptions.timeout(Duration.ofMinutes(10));

    @AfterEach
    void giveThreads() {
        EngineState.giveThreads();
    }

    /** Loses the session at the first call. */
    private static ScriptedServer forgetful() {
        return ScriptedServer.legacy(
                        (message, client) -> client.fail(message, Kind.SESSION_LOST, "answered with status 404"))
                .withExchangePerRequest();
    }

    private static Throwable failure(CompletableFuture<?> future) {
        return catchThrowableOfType(ExecutionException.class, () -> future.get(90, TimeUnit.SECONDS))
                .getCause();
    }

    private static boolean isClosed(ScriptedServer server) {
        return server.session().isClosed();
    }

    @Test
    void a_session_that_cannot_be_renewed_ends_the_connection_at_once() {
        try (ScriptedServer server = forgetful()) {
            McpConnection connection = server.open();
            EngineState.refuseThreads();
            assertThatThrownBy(() -> connection.callTool("echo", Map.of(), PATIENT))
                    .isInstanceOf(McpConnectionLostException.class)
                    .hasMessageContaining("cannot be renewed: unable to create native thread");
            assertThat(connection.isClosed()).isTrue();
            assertThatThrownBy(() -> connection.callTool("echo", Map.of(), PATIENT))
                    .isInstanceOf(McpConnectionLostException.class);
            assertThat(isClosed(server)).isFalse();
            EngineState.giveThreads();
            Await.that(() -> isClosed(server), "the transport was not closed");
        }
    }

    @Test
    void a_future_whose_failure_cannot_be_remedied_fails_with_that() {
        try (ScriptedServer server = forgetful()) {
            McpConnection connection = server.open();
            EngineState.refuseThreads();
            Throwable failure = failure(connection.callToolAsync("echo", Map.of(), PATIENT));
            assertThat(failure)
                    .isInstanceOf(McpConnectionLostException.class)
                    .hasMessageContaining("answered with status 404");
            assertThat(failure.getSuppressed()).hasAtLeastOneElementOfType(OutOfMemoryError.class);
        }
    }

    @Test
    void a_future_whose_request_cannot_be_sent_again_fails() {
        try (ScriptedServer server = ScriptedServer.modern((message, client) ->
                client.result(message, "{\"resultType\":\"input_required\",\"requestState\":\"s\"}"))) {
            McpConnection connection = server.open();
            EngineState.refuseThreads();
            assertThat(failure(connection.callToolAsync("echo", Map.of(), PATIENT)))
                    .isInstanceOf(OutOfMemoryError.class);
        }
    }

    @Test
    void a_future_times_out_though_the_server_cannot_be_told_yet() {
        try (ScriptedServer server = ScriptedServer.legacy((message, client) -> {})) {
            McpConnection connection = server.open();
            EngineState.refuseThreads();
            CompletableFuture<?> future =
                    connection.callToolAsync("echo", Map.of(), CallOptions.timeout(Duration.ofMillis(20)));
            assertThat(failure(future)).isInstanceOf(McpTimeoutException.class);
            assertThat(catchThrowable(
                            () -> connection.callTool("echo", Map.of(), CallOptions.timeout(Duration.ofMillis(20)))))
                    .isInstanceOf(McpTimeoutException.class);
            assertThat(server.session().received("notifications/cancelled")).isEmpty();
            EngineState.giveThreads();
            server.session().awaitReceived("notifications/cancelled");
        }
    }

    @Test
    void a_connection_is_closed_when_there_is_a_thread() throws Exception {
        try (ScriptedServer server = ScriptedServer.legacy(Answers::echo)) {
            McpConnection connection = server.open();
            EngineState.refuseThreads();
            CompletableFuture<Void> closed =
                    connection.unwrap(PhysicalConnection.class).closeAsync();
            assertThat(connection.isClosed()).isTrue();
            Await.that(() -> EngineState.refused() > 1, "it is not tried again");
            assertThat(closed).isNotDone();
            EngineState.giveThreads();
            closed.get(90, TimeUnit.SECONDS);
            assertThat(isClosed(server)).isTrue();
        }
    }

    @Test
    void what_a_server_leaves_behind_is_closed_when_there_is_a_thread() {
        try (ScriptedServer server = ScriptedServer.legacy(Answers::echo)) {
            McpConnection connection = server.open();
            EngineState.refuseThreads();
            server.session().die("it was told to");
            assertThat(connection.isClosed()).isTrue();
            assertThat(isClosed(server)).isFalse();
            EngineState.giveThreads();
            Await.that(() -> isClosed(server), "the transport was not closed");
        }
    }

    @Test
    void what_was_opened_in_vain_is_closed_when_there_is_a_thread() {
        try (ScriptedServer server =
                ScriptedServer.raw((message, client) -> client.error(message, -32603, "not today"))) {
            EngineState.refuseThreads();
            assertThatThrownBy(server::open)
                    .isInstanceOf(McpConnectionException.class)
                    .hasMessageContaining("not today");
            assertThat(isClosed(server)).isFalse();
            EngineState.giveThreads();
            Await.that(() -> isClosed(server), "the transport was not closed");
        }
    }

    @Test
    void a_server_is_answered_when_there_is_a_thread() {
        try (ScriptedServer server = ScriptedServer.legacy(Answers::echo)) {
            server.open();
            EngineState.refuseThreads();
            server.session().send("{\"jsonrpc\":\"2.0\",\"id\":\"p1\",\"method\":\"ping\"}");
            server.session().send("{\"jsonrpc\":\"2.0\",\"id\":\"p2\",\"method\":\"ping\"}");
            EngineState.giveThreads();
            JsonNode answer = server.session()
                    .awaitReceived(message -> message.path("id").asString("").equals("p2"));
            assertThat(answer.has("result")).isTrue();
        }
    }

    @Test
    void a_request_that_a_transport_has_no_thread_for_is_not_awaited() {
        try (ScriptedServer server = ScriptedServer.legacy(Answers::echo)) {
            McpConnection connection = server.open();
            server.session().failWith(new OutOfMemoryError("unable to create native thread, as told"));
            assertThatThrownBy(() -> connection.callTool("echo", Map.of())).isInstanceOf(OutOfMemoryError.class);
            assertThatThrownBy(() -> connection.callToolAsync("echo", Map.of())).isInstanceOf(OutOfMemoryError.class);
            assertThat(connection.unwrap(PhysicalConnection.class).inFlight()).isZero();
            Await.that(() -> EngineState.timersWaiting() == 0, "something waits for its time");
            server.session().failWith(null);
            assertThat(connection.callTool("echo", Map.of("message", "hi")).text())
                    .isEqualTo("hi");
        }
    }
}
