package io.mcpdrivers.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.mcpdrivers.CallOptions;
import io.mcpdrivers.ConnectionOptions;
import io.mcpdrivers.McpBatch;
import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpDrivers;
import io.mcpdrivers.testing.Answers;
import io.mcpdrivers.testing.Await;
import io.mcpdrivers.testing.NothingLeft;
import io.mcpdrivers.testing.ScriptedServer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** What the engine tells those who measure: each request once when it begins and once when it has ended. */
@ExtendWith(NothingLeft.class)
class TelemetryTest {

    private static final CallOptions SHORT = CallOptions.timeout(Duration.ofMillis(30));

    private final RecordingTelemetry telemetry = new RecordingTelemetry();

    /** Answers {@code echo}, refuses {@code refused}, fails {@code failing}, asks again for {@code again}. */
    private final ScriptedServer server = ScriptedServer.modern((message, client) -> {
        JsonNode params = message.path("params");
        switch (params.path("name").asString("")) {
            case "echo" -> Answers.echo(message, client);
            case "refused" -> client.error(message, -32602, "no such tool");
            case "failing" -> client.result(message, "{\"resultType\":\"complete\",\"content\":[],\"isError\":true}");
            case "again" -> {
                if (params.has("requestState")) {
                    client.text(message, "finished");
                } else {
                    client.result(message, "{\"resultType\":\"input_required\",\"requestState\":\"s\"}");
                }
            }
            default -> {}
        }
    });

    private final McpConnection connection = open();

    private McpConnection open() {
        ConnectionOptions options = ConnectionOptions.defaults().withTelemetry(telemetry);
        return server.adopt(McpDrivers.open(server.uri(), options));
    }

    @AfterEach
    void every_operation_has_ended_and_no_reader_was_held_up() {
        Await.that(
                () -> telemetry.operations.stream().noneMatch(each -> each.outcomes.isEmpty()),
                "an operation has not ended");
        assertThat(telemetry.operations)
                .allSatisfy(each -> assertThat(each.threads)
                        .noneMatch(name -> name.startsWith("mcp-read") || name.equals("mcp-timer")));
        server.close();
    }

    private static void fails(ThrowingCallable call) {
        assertThat(catchThrowable(call)).isNotNull();
    }

    private void awaitTypes(String... types) {
        Await.that(() -> telemetry.errorTypes("tools/call").equals(List.of(types)), "there are other operations");
    }

    @Test
    void calls_of_both_forms_are_told_with_their_outcome() {
        connection.callTool("echo", Map.of("message", "a"));
        connection.callToolAsync("echo", Map.of("message", "b")).join();
        connection.callTool("failing", null);
        connection.request("tools/call", Map.of("name", "failing"));
        fails(() -> connection.callTool("refused", null));
        fails(() -> connection.callToolAsync("refused", null).join());
        fails(() -> connection.callTool("silent", null, SHORT));
        fails(() -> connection.callToolAsync("silent", null, SHORT).join());
        awaitTypes("null", "null", "tool_error", "tool_error", "-32602", "-32602", "timeout", "timeout");
    }

    @Test
    void the_handshake_is_told_too() {
        assertThat(telemetry.errorTypes("server/discover")).containsExactly("null");
    }

    @Test
    void a_call_that_is_given_up_was_cancelled() {
        CompletableFuture<?> future = connection.callToolAsync("silent", null);
        future.cancel(false);
        Thread.currentThread().interrupt();
        fails(() -> connection.callTool("silent", null));
        assertThat(Thread.interrupted()).isTrue();
        awaitTypes("cancelled", "cancelled");
    }

    @Test
    void each_call_of_a_batch_is_told_also_if_the_batch_is_given_up() {
        McpBatch batch = connection.batch().add("echo", Map.of("message", "a")).add("refused", null);
        batch.execute();
        awaitTypes("null", "-32602");

        McpBatch given = connection.batch().add("silent", null).add("silent", null);
        Thread.currentThread().interrupt();
        fails(given::execute);
        assertThat(Thread.interrupted()).isTrue();
        awaitTypes("null", "-32602", "cancelled", "cancelled");
    }

    @Test
    void a_request_that_the_server_wants_again_is_another_operation() {
        connection.callTool("again", null);
        connection.callToolAsync("again", null).join();
        awaitTypes("null", "null", "null", "null");
        List<RecordingTelemetry.Operation> calls = telemetry.of("tools/call");
        assertThat(calls.get(2).repeated).isNull();
        assertThat(calls.get(3).repeated).isSameAs(calls.get(2));
    }

    @Test
    void arguments_that_cannot_be_written_end_the_operation() {
        fails(() -> connection.callTool("echo", Map.of("message", new Object() {
            @Override
            public String toString() {
                throw new IllegalStateException();
            }

            public Object getValue() {
                throw new IllegalStateException("broken");
            }
        })));
        assertThat(telemetry.of("tools/call")).hasSize(1);
    }

    @Test
    void what_tracing_adds_stands_in_meta_unless_the_user_gave_it() {
        telemetry.meta = Map.of("traceparent", "00-ours", "baggage", "a=1");
        connection.callTool(
                "echo", Map.of("message", "a"), CallOptions.defaults().withMeta("traceparent", "00-theirs"));
        connection.request("tools/call", Map.of("name", "echo", "_meta", Map.of("baggage", "b=2")));
        List<JsonNode> metas = server.session().received("tools/call").stream()
                .map(call -> call.path("params").path("_meta"))
                .toList();
        assertThat(metas.get(0).path("traceparent").asString()).isEqualTo("00-theirs");
        assertThat(metas.get(0).path("baggage").asString()).isEqualTo("a=1");
        assertThat(metas.get(1).path("traceparent").asString()).isEqualTo("00-ours");
        assertThat(metas.get(1).path("baggage").asString()).isEqualTo("b=2");
    }

    @Test
    void the_end_of_a_connection_is_told_once_with_its_reason() {
        connection.close();
        Await.that(() -> telemetry.sessions.size() == 1, "an end was not told");
        McpConnection lost = open();
        server.session().die("gone");
        Await.that(() -> telemetry.sessions.size() == 2, "an end was not told");
        lost.close();
        assertThat(telemetry.sessions).containsExactly("2026-07-28 closed", "2026-07-28 McpConnectionLostException");
    }

    @Test
    void a_connection_that_is_closed_because_it_was_lost_was_lost() {
        for (int i = 1; i <= 20; i++) {
            int ends = i;
            McpConnection lost = open();
            ((RealConnection) lost).onEnd(lost::close);
            server.session().die("gone");
            Await.that(() -> telemetry.sessions.size() == ends, "an end was not told");
        }
        assertThat(telemetry.sessions).containsOnly("2026-07-28 McpConnectionLostException");
    }

    @Test
    void listening_for_as_long_as_the_connection_lasts_is_no_operation() {
        CompletableFuture<?> listening =
                connection.requestAsync(Request.LISTEN, Map.of("notifications", Map.of("toolsListChanged", true)));
        Await.that(() -> !server.session().received(Request.LISTEN).isEmpty(), "the request has not come");
        connection.close();
        fails(listening::join);
        assertThat(telemetry.of(Request.LISTEN)).isEmpty();
    }
}
