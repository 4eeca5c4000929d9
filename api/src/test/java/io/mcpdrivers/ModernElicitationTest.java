package io.mcpdrivers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mcpdrivers.ElicitationRequest.Mode;
import io.mcpdrivers.engine.PhysicalConnection;
import io.mcpdrivers.schema.CallToolResult;
import io.mcpdrivers.testing.Answers;
import io.mcpdrivers.testing.Await;
import io.mcpdrivers.testing.NothingLeft;
import io.mcpdrivers.testing.ScriptedServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Servers of revision 2026-07-28 that ask the user by results that want input. */
@ExtendWith(NothingLeft.class)
class ModernElicitationTest {

    private static final String STATE = "{\"nonce\": \"\u00e4\\/\u2028\"}  ";

    private static JsonNode json(String text) {
        return JsonMapper.shared().readTree(text);
    }

    private static ConnectionOptions options(ElicitationHandler handler) {
        return ConnectionOptions.defaults().withElicitation(handler);
    }

    private static String question(String key, String message) {
        return "\"" + key + "\":{\"method\":\"elicitation/create\",\"params\":{\"message\":\"" + message
                + "\",\"requestedSchema\":{\"type\":\"object\",\"properties\":{\"age\":{\"type\":\"integer\","
                + "\"default\":30}}}}}";
    }

    private static String wanted(String questions) {
        return "{\"resultType\":\"input_required\",\"inputRequests\":{" + questions + "},\"requestState\":"
                + JsonMapper.shared().writeValueAsString(STATE) + "}";
    }

    /** A server with tools that ask once, what their names say, and then give what they were answered. */
    private static ScriptedServer asking(Function<String, String> result) {
        return ScriptedServer.modern((message, client) -> {
            JsonNode params = message.path("params");
            if (params.has("inputResponses")) {
                client.text(message, params.path("inputResponses").toString());
            } else if (params.path("name").asString("").equals("echo")) {
                Answers.echo(message, client);
            } else if (message.has("id")) {
                client.result(message, result.apply(params.path("name").asString("")));
            }
        });
    }

    private static ScriptedServer asking() {
        return asking(tool -> wanted(question("q", tool)));
    }

    private static ElicitationHandler hanging(CountDownLatch asked, CountDownLatch interrupted) {
        return request -> {
            asked.countDown();
            try {
                new CountDownLatch(1).await();
            } finally {
                interrupted.countDown();
            }
            return ElicitationResult.accept();
        };
    }

    private static void await(CountDownLatch latch) throws InterruptedException {
        assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    }

    private static void assertUsable(McpConnection connection) {
        assertThat(connection.callTool("echo", Map.of("message", "x")).text()).isEqualTo("x");
        assertThat(connection.unwrap(PhysicalConnection.class).inFlight()).isZero();
    }

    @Test
    void it_is_declared_with_each_request_if_there_is_a_handler() {
        try (ScriptedServer server = asking()) {
            server.open(options(request -> ElicitationResult.accept())).callTool("t", null);
            assertThat(server.session().received())
                    .hasSize(3)
                    .allMatch(message -> message.path("params")
                            .path("_meta")
                            .path("io.modelcontextprotocol/clientCapabilities")
                            .equals(json("{\"elicitation\":{}}")));
            server.open(ConnectionOptions.defaults()).callTool("echo", null);
            assertThat(server.session().received())
                    .hasSize(2)
                    .allMatch(message -> message.path("params")
                            .path("_meta")
                            .path("io.modelcontextprotocol/clientCapabilities")
                            .equals(json("{}")));
        }
    }

    @Test
    void the_request_is_sent_again_with_the_answers_and_the_state() {
        List<ElicitationRequest> asked = new CopyOnWriteArrayList<>();
        String wanted = wanted(question("first", "1") + "," + question("", "2") + "," + question("a\\\"b", "3"));
        try (ScriptedServer server = asking(tool -> wanted)) {
            McpConnection connection = server.open(options(request -> {
                asked.add(request);
                return switch (request.message()) {
                    case "1" -> ElicitationResult.accept(Map.of("x", 95.5));
                    case "2" -> ElicitationResult.decline();
                    default -> ElicitationResult.cancel();
                };
            }));
            CallOptions options = CallOptions.defaults().withMeta("com.example/trace", "t");
            String expected = "{\"first\":{\"action\":\"accept\",\"content\":{\"x\":95.5,\"age\":30}},"
                    + "\"\":{\"action\":\"decline\"},\"a\\\"b\":{\"action\":\"cancel\"}}";
            Map<String, Object> arguments = Map.of("a", 1);
            assertThat(connection.callTool("t", arguments, options).text()).isEqualTo(expected);
            assertThat(connection.callToolAsync("t", arguments, options).join().text())
                    .isEqualTo(expected);
            assertThat(connection
                            .request("prompts/get", Map.of("name", "t", "arguments", arguments), options)
                            .toString())
                    .contains("decline");

            assertThat(asked)
                    .extracting(ElicitationRequest::message)
                    .containsExactly("1", "2", "3", "1", "2", "3", "1", "2", "3");
            assertThat(asked).extracting(ElicitationRequest::serverName).containsOnly(connectionName(connection));
            List<JsonNode> calls = new ArrayList<>(server.session().received("tools/call"));
            calls.addAll(server.session().received("prompts/get"));
            assertThat(calls).hasSize(6);
            assertThat(calls).extracting(call -> call.get("id").asLong()).doesNotHaveDuplicates();
            for (int i = 0; i < 6; i++) {
                JsonNode params = calls.get(i).path("params");
                assertThat(params.path("name").asString()).isEqualTo("t");
                assertThat(params.path("arguments")).isEqualTo(json("{\"a\":1}"));
                assertThat(params.path("_meta").path("com.example/trace").asString())
                        .isEqualTo("t");
                assertThat(params.path("_meta")).hasSize(4);
                assertThat(params.path("requestState").asString("none")).isEqualTo(i % 2 == 0 ? "none" : STATE);
                assertThat(params.has("inputResponses")).isEqualTo(i % 2 == 1);
            }
        }
    }

    private static String connectionName(McpConnection connection) {
        return connection.unwrap(PhysicalConnection.class).target().name();
    }

    @Test
    void without_a_state_none_is_sent_and_later_rounds_have_their_own_answers() {
        try (ScriptedServer server = ScriptedServer.modern((message, client) -> {
            JsonNode responses = message.path("params").path("inputResponses");
            if (responses.isMissingNode()) {
                client.result(message, wanted(question("one", "1")));
            } else if (responses.has("one")) {
                client.result(
                        message,
                        "{\"resultType\":\"input_required\",\"inputRequests\":{" + question("two", "2") + "}}");
            } else {
                client.text(message, responses.toString());
            }
        })) {
            McpConnection connection = server.open(options(request -> ElicitationResult.decline()));
            assertThat(connection.callTool("t", null).text()).isEqualTo("{\"two\":{\"action\":\"decline\"}}");
            List<JsonNode> calls = server.session().received("tools/call");
            assertThat(calls.get(1).path("params").path("requestState").asString())
                    .isEqualTo(STATE);
            assertThat(calls.get(2).path("params").has("requestState")).isFalse();
        }
    }

    @Test
    void a_handler_may_use_the_connection_that_asks() {
        CompletableFuture<McpConnection> opened = new CompletableFuture<>();
        try (ScriptedServer server = asking()) {
            McpConnection connection = server.open(options(request -> ElicitationResult.accept(Map.of(
                    "echoed",
                    opened.join().callTool("echo", Map.of("message", "y")).text()))));
            opened.complete(connection);
            assertThat(connection.callTool("t", null).text()).contains("\"echoed\":\"y\"");
            assertThat(connection.callToolAsync("t", null).join().text()).contains("\"echoed\":\"y\"");
            assertThat(server.session().received("tools/call"))
                    .filteredOn(
                            call -> call.path("params").path("name").asString().equals("echo"))
                    .hasSize(2)
                    .noneMatch(call -> call.path("params").has("inputResponses")
                            || call.path("params").has("requestState"));
        }
    }

    @Test
    void a_handler_that_fails_has_made_no_choice() {
        try (ScriptedServer server = asking(tool -> wanted(question("a", "bad") + "," + question("b", "good")))) {
            McpConnection connection = server.open(options(request -> {
                if (request.message().equals("bad")) {
                    throw new IllegalStateException("a secret");
                }
                return ElicitationResult.accept();
            }));
            assertThat(connection.callTool("t", null).text())
                    .isEqualTo(
                            "{\"a\":{\"action\":\"cancel\"},\"b\":{\"action\":\"accept\",\"content\":{\"age\":30}}}");
            assertUsable(connection);
        }
    }

    @Test
    void nothing_is_asked_if_something_was_not_offered() {
        List<ElicitationRequest> asked = new CopyOnWriteArrayList<>();
        String form = question("form", "a form");
        Map<String, String> refused = Map.of(
                "roots",
                form + ",\"r\":{\"method\":\"roots/list\"}",
                "url",
                form + ",\"u\":{\"method\":\"elicitation/create\",\"params\":{\"mode\":\"url\",\"url\":\"https://x\"}}",
                "nothing",
                form + ",\"n\":null");
        StringBuilder many = new StringBuilder(form);
        for (int i = 0; i < 256; i++) {
            many.append(',').append(question("k" + i, "m"));
        }
        try (ScriptedServer server = asking(tool -> wanted(refused.getOrDefault(tool, many.toString())))) {
            McpConnection connection = server.open(options(request -> {
                asked.add(request);
                return ElicitationResult.accept();
            }));
            for (String tool : List.of("roots", "url", "nothing", "many")) {
                assertThatThrownBy(() -> connection.callTool(tool, null)).isInstanceOf(McpProtocolException.class);
                assertThatThrownBy(() -> connection.callToolAsync(tool, null).join())
                        .hasCauseInstanceOf(McpProtocolException.class);
            }
            assertThat(asked).isEmpty();
            assertUsable(connection);
        }
    }

    @Test
    void the_user_may_be_sent_to_a_page() {
        try (ScriptedServer server = asking(tool -> wanted("\"u\":{\"method\":\"elicitation/create\",\"params\":{"
                + "\"mode\":\"url\",\"message\":\"Sign in\",\"url\":\"https://x/y\"}}"))) {
            McpConnection connection = server.open(ConnectionOptions.defaults()
                    .withElicitation(
                            request -> "https://x/y".equals(request.url())
                                    ? ElicitationResult.accept()
                                    : ElicitationResult.decline(),
                            Set.of(Mode.values())));
            assertThat(connection.callTool("t", null).text()).isEqualTo("{\"u\":{\"action\":\"accept\"}}");
        }
    }

    @Test
    void the_time_for_the_answers_does_not_count_for_the_call() {
        CallOptions hasty = CallOptions.timeout(Duration.ofSeconds(5));
        try (ScriptedServer server = asking()) {
            McpConnection connection = server.open(options(request -> {
                assertThat(new CountDownLatch(1).await(5_500, TimeUnit.MILLISECONDS))
                        .isFalse();
                return ElicitationResult.accept();
            }));
            CompletableFuture<CallToolResult> later = connection.callToolAsync("t", null, hasty);
            assertThat(connection.callTool("t", null, hasty).text()).contains("accept");
            assertThat(later.join().text()).contains("accept");
        }
    }

    @Test
    void answers_that_take_too_long_are_replaced_by_none() throws InterruptedException {
        CountDownLatch asked = new CountDownLatch(2);
        CountDownLatch interrupted = new CountDownLatch(2);
        try (ScriptedServer server = asking(tool -> wanted(question("a", "1") + "," + question("b", "2")))) {
            McpConnection connection =
                    server.open(options(hanging(asked, interrupted)).withElicitationTimeout(Duration.ofMillis(100)));
            String none = "{\"a\":{\"action\":\"cancel\"},\"b\":{\"action\":\"cancel\"}}";
            assertThat(connection.callTool("t", null).text()).isEqualTo(none);
            assertThat(connection.callToolAsync("t", null).join().text()).isEqualTo(none);
            await(interrupted);
        }
    }

    @Test
    void interrupting_or_cancelling_the_call_interrupts_the_handler() throws InterruptedException {
        CountDownLatch asked = new CountDownLatch(2);
        CountDownLatch interrupted = new CountDownLatch(2);
        try (ScriptedServer server = asking()) {
            McpConnection connection = server.open(options(hanging(asked, interrupted)));
            CompletableFuture<Object> failure = new CompletableFuture<>();
            Thread caller = new Thread(() -> {
                failure.complete(
                        catchThrowableOfType(McpInterruptedException.class, () -> connection.callTool("t", null)));
            });
            caller.start();
            CompletableFuture<CallToolResult> later = connection.callToolAsync("t", null);
            await(asked);
            caller.interrupt();
            later.cancel(true);
            await(interrupted);
            assertThat(failure.join()).isNotNull();
            caller.join();
            assertUsable(connection);
            assertThat(server.session().received("tools/call")).hasSize(3);
        }
    }

    @Test
    void the_end_of_the_connection_interrupts_the_handler_and_fails_the_call() throws InterruptedException {
        for (boolean byServer : new boolean[] {true, false}) {
            CountDownLatch asked = new CountDownLatch(2);
            CountDownLatch interrupted = new CountDownLatch(2);
            try (ScriptedServer server = asking()) {
                McpConnection connection = server.open(options(hanging(asked, interrupted)));
                CompletableFuture<CallToolResult> later = connection.callToolAsync("t", null);
                CompletableFuture<CallToolResult> blocking = CompletableFuture.supplyAsync(
                        () -> connection.callTool("t", null), task -> new Thread(task).start());
                await(asked);
                if (byServer) {
                    server.session().die("crashed");
                } else {
                    connection.close();
                }
                await(interrupted);
                for (CompletableFuture<CallToolResult> each : List.of(later, blocking)) {
                    assertThatThrownBy(each::join)
                            .cause()
                            .isInstanceOfSatisfying(
                                    McpConnectionLostException.class,
                                    e -> assertThat(e.mayHaveExecuted()).isTrue());
                }
            }
        }
    }

    @Test
    void a_batch_is_sent_as_a_whole_before_anything_is_answered() {
        try (ScriptedServer server = asking()) {
            McpConnection connection = server.open(options(request -> {
                Await.that(() -> server.session().received("tools/call").size() == 3, "the batch was not sent");
                return ElicitationResult.accept(Map.of("m", request.message()));
            }));
            List<McpBatch.Outcome> outcomes = connection
                    .batch()
                    .add("one", null)
                    .add("echo", Map.of("message", "x"))
                    .add("echo", Map.of("message", "y"))
                    .execute();
            assertThat(outcomes.get(0).get().text()).contains("\"m\":\"one\"");
            assertThat(outcomes.get(1).get().text()).isEqualTo("x");
            assertThat(outcomes.get(2).get().text()).isEqualTo("y");
        }
    }

    @Test
    void the_questions_of_a_batch_do_not_wait_for_one_another() throws InterruptedException {
        CountDownLatch both = new CountDownLatch(2);
        try (ScriptedServer server = asking()) {
            McpConnection connection = server.open(options(request -> {
                both.countDown();
                await(both);
                return ElicitationResult.accept(Map.of("m", request.message()));
            }));
            List<McpBatch.Outcome> outcomes =
                    connection.batch().add("one", null).add("two", null).execute();
            assertThat(outcomes.get(0).get().text()).contains("\"m\":\"one\"");
            assertThat(outcomes.get(1).get().text()).contains("\"m\":\"two\"");
        }
    }

    @Test
    void an_interrupted_batch_interrupts_the_handlers() throws InterruptedException {
        CountDownLatch asked = new CountDownLatch(2);
        CountDownLatch interrupted = new CountDownLatch(2);
        try (ScriptedServer server = asking()) {
            McpConnection connection = server.open(options(hanging(asked, interrupted)));
            CompletableFuture<Object> failure = new CompletableFuture<>();
            Thread caller = new Thread(() -> failure.complete(catchThrowableOfType(
                    McpInterruptedException.class,
                    () -> connection.batch().add("one", null).add("two", null).execute())));
            caller.start();
            await(asked);
            caller.interrupt();
            await(interrupted);
            assertThat(failure.join()).isNotNull();
            caller.join();
            assertUsable(connection);
        }
    }

    @Test
    void the_questions_of_all_rounds_have_the_time_of_one() throws Exception {
        for (boolean blocking : new boolean[] {true, false}) {
            List<ElicitationRequest> asked = new CopyOnWriteArrayList<>();
            CountDownLatch interrupted = new CountDownLatch(1);
            try (ScriptedServer server = ScriptedServer.modern((message, client) -> {
                if (message.has("id")) {
                    client.result(message, wanted(question("q", "again")));
                }
            })) {
                ElicitationHandler hanging = hanging(new CountDownLatch(1), interrupted);
                McpConnection connection = server.open(options(request -> {
                            asked.add(request);
                            return hanging.answer(request);
                        })
                        .withElicitationTimeout(Duration.ofMillis(200)));
                assertThatThrownBy(() -> {
                            if (blocking) {
                                connection.callTool("t", null);
                            } else {
                                connection.callToolAsync("t", null).get(30, TimeUnit.SECONDS);
                            }
                        })
                        .satisfiesAnyOf(
                                e -> assertThat(e).isInstanceOf(McpProtocolException.class),
                                e -> assertThat(e).hasCauseInstanceOf(McpProtocolException.class));
                await(interrupted);
                assertThat(asked).hasSize(1);
            }
        }
    }
}
