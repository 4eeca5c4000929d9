package io.mcpdrivers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.engine.PhysicalConnection;
import io.mcpdrivers.spi.TransportException;
import io.mcpdrivers.testing.Answers;
import io.mcpdrivers.testing.NothingLeft;
import io.mcpdrivers.testing.ScriptedServer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** Results that ask for the request again. */
@ExtendWith(NothingLeft.class)
class InputRequiredTest {

    private static ScriptedServer asking(int rounds, String state) {
        AtomicInteger asked = new AtomicInteger();
        return ScriptedServer.modern((message, client) -> {
            if (Answers.method(message).equals("tools/call")
                    || Answers.method(message).equals("resources/read")) {
                if (asked.incrementAndGet() <= rounds) {
                    client.result(message, "{\"resultType\":\"input_required\"" + state.replace("#", "" + asked) + "}");
                } else {
                    client.text(message, "finished");
                }
            }
        });
    }

    @Test
    void the_request_is_sent_again_with_the_server_s_state_and_another_id() {
        for (boolean blocking : new boolean[] {true, false}) {
            try (ScriptedServer server = asking(2, ",\"requestState\":\"s#\"")) {
                McpConnection connection = server.open();
                Map<String, Object> arguments = new ConcurrentHashMap<>(Map.of("a", 1));
                CompletableFuture<?> future;
                if (blocking) {
                    future = CompletableFuture.completedFuture(connection.callTool("t", arguments));
                } else {
                    future = connection.callToolAsync("t", arguments);
                    // What was asked stays asked, whatever becomes of the map.
                    arguments.put("a", 2);
                }
                assertThat(future.join().toString()).contains("finished");

                List<JsonNode> calls = server.session().received("tools/call");
                assertThat(calls).extracting(call -> call.get("id").asLong()).doesNotHaveDuplicates();
                assertThat(calls)
                        .extracting(
                                call -> call.path("params").path("requestState").asString("none"))
                        .containsExactly("none", "s1", "s2");
                assertThat(calls)
                        .allMatch(call ->
                                call.path("params").path("arguments").path("a").asInt() == 1)
                        .allMatch(call ->
                                call.path("params").path("name").asString().equals("t"))
                        .allMatch(call -> call.path("params").path("_meta").size() == 3);
            }
        }
    }

    @Test
    void without_a_state_none_is_sent() {
        try (ScriptedServer server = asking(1, "")) {
            server.open().request("resources/read", Map.of("uri", "u", "requestState", "old"));

            List<JsonNode> reads = server.session().received("resources/read");
            assertThat(reads.get(0).path("params").path("requestState").asString())
                    .isEqualTo("old");
            assertThat(reads.get(1).path("params").has("requestState")).isFalse();
            assertThat(reads.get(1).path("params").path("uri").asString()).isEqualTo("u");
        }
    }

    @Test
    void input_that_was_not_offered_is_refused() {
        StringBuilder many = new StringBuilder(",\"inputRequests\":{\"a\":{\"method\":\"elicitation/create\"}");
        for (int i = 0; i < 10_000; i++) {
            many.append(",\"k")
                    .append(i)
                    .append("\":{\"method\":\"method")
                    .append(i)
                    .append("\"}");
        }
        try (ScriptedServer server = asking(Integer.MAX_VALUE, many + "}")) {
            McpConnection connection = server.open();

            assertThatThrownBy(() -> connection.callTool("t", null))
                    .isInstanceOf(McpProtocolException.class)
                    .hasMessageContaining("elicitation/create")
                    .satisfies(e -> assertThat(e.getMessage().length()).isLessThan(400));
            assertThatThrownBy(() -> connection.callToolAsync("t", null).join())
                    .hasCauseInstanceOf(McpProtocolException.class);
        }
    }

    @Test
    void a_server_that_never_has_enough_is_given_up_at_the_timeout_at_the_latest() {
        try (ScriptedServer server = asking(Integer.MAX_VALUE, ",\"requestState\":\"s\"")) {
            McpConnection connection = server.open();
            CallOptions hasty = CallOptions.timeout(Duration.ofMillis(150));

            long start = System.nanoTime();
            assertThatThrownBy(() -> connection.callTool("t", null, hasty))
                    .isInstanceOf(McpTimeoutException.class)
                    .hasMessageContaining("within 150ms");
            assertThatThrownBy(() -> connection.callToolAsync("t", null, hasty).join())
                    .hasCauseInstanceOf(McpTimeoutException.class)
                    .hasMessageContaining("within 150ms");
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(299));
            assertThat(connection.unwrap(PhysicalConnection.class).inFlight()).isZero();
        }
    }

    @Test
    void cancelling_between_two_rounds_ends_them() {
        try (ScriptedServer server = asking(Integer.MAX_VALUE, ",\"requestState\":\"s\"")) {
            McpConnection connection = server.open();
            CompletableFuture<?> future = connection.callToolAsync("t", null);
            server.session().awaitReceived(message -> message.path("params").has("requestState"));
            future.cancel(true);
            int calls = server.session().received("tools/call").size();

            connection.ping();
            io.mcpdrivers.testing.Await.that(
                    () -> io.mcpdrivers.engine.EngineState.timersWaiting() == 0, "a timer is left");
            assertThat(server.session().received("tools/call").size()).isBetween(calls, calls + 1);
            assertThat(connection.unwrap(PhysicalConnection.class).inFlight()).isZero();
        }
    }

    @Test
    void a_type_of_result_that_is_unknown_is_an_error() {
        try (ScriptedServer server =
                ScriptedServer.modern((message, client) -> client.result(message, "{\"resultType\":\"task\"}"))) {
            McpConnection connection = server.open();

            assertThatThrownBy(() -> connection.callTool("t", null))
                    .isInstanceOf(McpProtocolException.class)
                    .hasMessageContainingAll("of the unknown type \"task\"", "tools/call");
            assertThatThrownBy(() -> connection.request("x", null)).isInstanceOf(McpProtocolException.class);
        }
    }

    @Test
    void a_request_that_fails_after_the_server_has_asked_for_it_again_may_have_run() {
        fails(TransportException.Kind.CONNECTION, McpConnectionLostException.class);
        fails(TransportException.Kind.REJECTED, McpConnectionException.class);
        fails(TransportException.Kind.REFUSED, McpConnectionException.class);
    }

    private static void fails(TransportException.Kind kind, Class<? extends McpException> failure) {
        for (boolean blocking : new boolean[] {true, false}) {
            ScriptedServer.Script losing = (message, client) -> {
                if (message.path("params").has("requestState")) {
                    client.fail(message, kind, "status 429");
                } else if (message.has("id")) {
                    client.result(message, "{\"resultType\":\"input_required\",\"requestState\":\"s\"}");
                }
            };
            try (ScriptedServer server = ScriptedServer.modern(losing)) {
                McpConnection connection = server.open();

                assertThatThrownBy(() -> {
                            if (blocking) {
                                connection.callTool("t", null);
                            } else {
                                try {
                                    connection.callToolAsync("t", (Object) null).join();
                                } catch (CompletionException e) {
                                    throw e.getCause();
                                }
                            }
                        })
                        .isExactlyInstanceOf(failure)
                        .matches(e -> ((McpException) e).mayHaveExecuted())
                        .hasMessageContaining("status 429");
            }
        }
    }
}
