package io.mcpdrivers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.ElicitationRequest.Mode;
import io.mcpdrivers.testing.Answers;
import io.mcpdrivers.testing.NothingLeft;
import io.mcpdrivers.testing.ScriptedServer;
import io.mcpdrivers.testing.ScriptedServer.Session;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Servers of revisions up to 2025-11-25 that ask the user by requests of their own. */
@ExtendWith(NothingLeft.class)
class LegacyElicitationTest {

    private static final String SCHEMA = "{\"type\":\"object\",\"properties\":{"
            + "\"name\":{\"type\":\"string\",\"default\":\"John Doe\"},"
            + "\"age\":{\"type\":\"integer\",\"default\":30},"
            + "\"score\":{\"type\":\"number\",\"default\":95.5},"
            + "\"verified\":{\"type\":\"boolean\",\"default\":true},"
            + "\"colors\":{\"type\":\"array\",\"default\":[\"red\",\"green\"]},"
            + "\"free\":{\"type\":\"string\"}},\"required\":[]}";

    private static JsonNode json(String text) {
        return JsonMapper.shared().readTree(text);
    }

    private static ConnectionOptions options(ElicitationHandler handler) {
        return ConnectionOptions.defaults().withElicitation(handler);
    }

    private static void ask(Session session, String id, String params) {
        session.send(
                "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"elicitation/create\",\"params\":" + params + "}");
    }

    private static void ask(Session session, String id) {
        ask(session, id, "{\"message\":\"Who?\",\"requestedSchema\":" + SCHEMA + "}");
    }

    private static JsonNode answerTo(Session session, String id) {
        return session.awaitReceived(
                message -> !message.has("method") && message.path("id").equals(json(id)));
    }

    private static void assertUsable(McpConnection connection) {
        assertThat(connection.callTool("echo", Map.of("message", "x")).text()).isEqualTo("x");
    }

    /** Waits for ever, and counts down when it is interrupted. */
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

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void it_is_declared_if_there_is_a_handler_and_in_its_modes() {
        try (ScriptedServer server = ScriptedServer.legacy(Answers::echo)) {
            ElicitationHandler handler = request -> ElicitationResult.decline();
            Map<ConnectionOptions, String> declared = Map.of(
                    ConnectionOptions.defaults(),
                    "{}",
                    options(handler),
                    "{\"elicitation\":{}}",
                    ConnectionOptions.defaults().withElicitation(handler, Set.of(Mode.URL, Mode.FORM)),
                    "{\"elicitation\":{\"form\":{},\"url\":{}}}",
                    ConnectionOptions.defaults().withElicitation(handler, Set.of(Mode.URL)),
                    "{\"elicitation\":{\"url\":{}}}");
            declared.forEach((options, capabilities) -> {
                server.open(options);
                assertThat(server.session()
                                .received("initialize")
                                .get(0)
                                .path("params")
                                .path("capabilities"))
                        .isEqualTo(json(capabilities));
            });
        }
    }

    @Test
    void the_handler_is_told_who_asks_what_and_defaults_fill_in_what_it_leaves_out() {
        List<ElicitationRequest> asked = new CopyOnWriteArrayList<>();
        try (ScriptedServer server = ScriptedServer.legacy(Answers::echo)) {
            server.adopt(McpDrivers.open(server.uri() + "?name=the-files", options(request -> {
                asked.add(request);
                Map<String, Object> content = new java.util.HashMap<>(Map.of("age", 31, "extra", "e"));
                content.put("verified", null);
                return ElicitationResult.accept(content);
            })));
            ask(server.session(), "7");
            assertThat(answerTo(server.session(), "7").path("result").path("content"))
                    .isEqualTo(
                            json("{\"age\":31,\"extra\":\"e\",\"name\":\"John Doe\",\"score\":95.5,\"verified\":true,"
                                    + "\"colors\":[\"red\",\"green\"]}"));
            assertThat(asked)
                    .containsExactly(new ElicitationRequest("the-files", Mode.FORM, "Who?", json(SCHEMA), null, null));
        }
    }

    private static JsonNode contentOf(JsonNode answer) {
        return answer.path("result").path("content");
    }

    @Test
    void the_user_may_decline_or_cancel() {
        AtomicInteger number = new AtomicInteger();
        try (ScriptedServer server = ScriptedServer.legacy(Answers::echo)) {
            server.open(options(request ->
                    number.incrementAndGet() == 1 ? ElicitationResult.decline() : ElicitationResult.cancel()));
            ask(server.session(), "1");
            assertThat(answerTo(server.session(), "1").path("result")).isEqualTo(json("{\"action\":\"decline\"}"));
            ask(server.session(), "2");
            assertThat(answerTo(server.session(), "2").path("result")).isEqualTo(json("{\"action\":\"cancel\"}"));
        }
    }

    @Test
    @SuppressWarnings("NullAway") // What a handler must not do.
    void a_handler_that_fails_costs_its_question_alone() {
        List<ElicitationHandler> bad = List.of(
                request -> null,
                request -> {
                    throw new IllegalStateException("a secret");
                },
                request -> {
                    throw new InterruptedException("a secret");
                },
                request -> {
                    throw new java.util.concurrent.CancellationException("a secret");
                },
                request -> {
                    throw new AssertionError("a secret");
                },
                request -> ElicitationResult.accept("no object"),
                request -> ElicitationResult.accept(Map.of("a", new Object() {
                    @SuppressWarnings("unused")
                    public String getValue() {
                        throw new IllegalStateException("a secret");
                    }
                })));
        AtomicInteger next = new AtomicInteger();
        try (ScriptedServer server = ScriptedServer.legacy(Answers::echo)) {
            McpConnection connection = server.open(
                    options(request -> bad.get(next.getAndIncrement()).answer(request)));
            for (int i = 0; i < bad.size(); i++) {
                ask(server.session(), "\"q" + i + "\"");
                JsonNode answer = answerTo(server.session(), "\"q" + i + "\"");
                assertThat(answer.path("error").path("code").asInt()).isEqualTo(-32603);
                assertThat(answer.toString()).doesNotContain("secret");
            }
            assertUsable(connection);
        }
    }

    @Test
    void modes_that_were_not_declared_and_broken_questions_are_refused() {
        try (ScriptedServer server = ScriptedServer.legacy(Answers::echo)) {
            server.open(options(request -> ElicitationResult.accept(Map.of("m", request.message()))));
            for (String params : List.of(
                    "{\"mode\":\"url\",\"message\":\"\",\"url\":\"https://x\"}",
                    "{\"mode\":\"voice\"}",
                    "{\"mode\":1}")) {
                String id = JsonMapper.shared().writeValueAsString(params);
                ask(server.session(), id, params);
                assertThat(answerTo(server.session(), id)
                                .path("error")
                                .path("code")
                                .asInt())
                        .isEqualTo(-32602);
            }
            ask(server.session(), "\"least\"", "null");
            assertThat(answerTo(server.session(), "\"least\"").path("result"))
                    .isEqualTo(json("{\"action\":\"accept\",\"content\":{\"m\":\"\"}}"));
        }
    }

    @Test
    void the_user_may_be_sent_to_a_page() {
        List<ElicitationRequest> asked = new CopyOnWriteArrayList<>();
        try (ScriptedServer server = ScriptedServer.legacy(Answers::echo)) {
            server.open(ConnectionOptions.defaults()
                    .withElicitation(
                            request -> {
                                asked.add(request);
                                return ElicitationResult.accept(Map.of("not", "sent"));
                            },
                            Set.of(Mode.URL)));
            ask(
                    server.session(),
                    "1",
                    "{\"mode\":\"url\",\"message\":\"Sign in\",\"url\":\"https://x/y\",\"elicitationId\":\"e\"}");
            assertThat(answerTo(server.session(), "1").path("result")).isEqualTo(json("{\"action\":\"accept\"}"));
            assertThat(asked.get(0).mode()).isEqualTo(Mode.URL);
            assertThat(asked.get(0).url()).isEqualTo("https://x/y");
            assertThat(asked.get(0).elicitationId()).isEqualTo("e");
            for (String params : List.of("{\"mode\":\"url\"}", "{\"message\":\"a form\"}")) {
                String id = JsonMapper.shared().writeValueAsString(params);
                ask(server.session(), id, params);
                assertThat(answerTo(server.session(), id)
                                .path("error")
                                .path("code")
                                .asInt())
                        .isEqualTo(-32602);
            }
        }
    }

    @Test
    void a_handler_may_use_the_connection_that_asks() {
        CompletableFuture<McpConnection> opened = new CompletableFuture<>();
        try (ScriptedServer server = ScriptedServer.legacy(Answers::echo)) {
            McpConnection connection = server.open(options(request -> ElicitationResult.accept(Map.of(
                    "echoed",
                    opened.join().callTool("echo", Map.of("message", "y")).text()))));
            opened.complete(connection);
            ask(server.session(), "1");
            assertThat(contentOf(answerTo(server.session(), "1")).path("echoed").asString())
                    .isEqualTo("y");
        }
    }

    @Test
    void slow_answers_hold_up_neither_pings_nor_one_another_and_are_bounded() {
        CountDownLatch asked = new CountDownLatch(256);
        CountDownLatch answer = new CountDownLatch(1);
        try (ScriptedServer server = ScriptedServer.legacy(Answers::echo)) {
            McpConnection connection = server.open(options(request -> {
                asked.countDown();
                await(answer);
                return ElicitationResult.decline();
            }));
            Session session = server.session();
            for (int i = 0; i < 300; i++) {
                ask(session, "\"q" + i + "\"", "{\"message\":\"?\"}");
            }
            await(asked);
            for (int i = 256; i < 300; i++) {
                assertThat(answerTo(session, "\"q" + i + "\"")
                                .path("error")
                                .path("code")
                                .asInt())
                        .isEqualTo(-32603);
            }
            session.send("{\"jsonrpc\":\"2.0\",\"id\":\"ping\",\"method\":\"ping\"}");
            answerTo(session, "\"ping\"");
            assertUsable(connection);
            answer.countDown();
            for (int i = 0; i < 256; i++) {
                assertThat(answerTo(session, "\"q" + i + "\"")
                                .path("result")
                                .path("action")
                                .asString())
                        .isEqualTo("decline");
            }
            ask(session, "\"next\"");
            answerTo(session, "\"next\"");
        }
    }

    @Test
    void what_is_asked_at_once_takes_no_more_memory_than_one_message_may() {
        CountDownLatch answer = new CountDownLatch(1);
        try (ScriptedServer server = ScriptedServer.legacy(Answers::echo)) {
            server.adopt(McpDrivers.open(server.uri() + "?maxMessageSize=1k", options(request -> {
                await(answer);
                return ElicitationResult.decline();
            })));
            String params = "{\"message\":\"" + "m".repeat(600) + "\"}";
            ask(server.session(), "1", params);
            ask(server.session(), "2", params);
            assertThat(answerTo(server.session(), "2").has("error")).isTrue();
            answer.countDown();
            assertThat(answerTo(server.session(), "1").has("result")).isTrue();
            ask(server.session(), "3", params);
            assertThat(answerTo(server.session(), "3").has("result")).isTrue();
        }
    }

    @Test
    void a_question_that_the_server_takes_back_is_given_up_and_not_answered() {
        for (String id : List.of("5", "\"a \\\"b\\\"\"")) {
            CountDownLatch asked = new CountDownLatch(1);
            CountDownLatch interrupted = new CountDownLatch(1);
            try (ScriptedServer server = ScriptedServer.legacy(Answers::echo)) {
                McpConnection connection = server.open(options(hanging(asked, interrupted)));
                ask(server.session(), id);
                await(asked);
                server.session()
                        .send("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{"
                                + "\"requestId\":\"other\"}}");
                server.session().send("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\"}");
                assertThat(interrupted.getCount()).isEqualTo(1);
                server.session()
                        .send("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{"
                                + "\"requestId\":" + id + "}}");
                await(interrupted);
                assertUsable(connection);
                assertThat(server.session().received()).allMatch(message -> message.has("method"));
            }
        }
    }

    @Test
    void the_end_of_the_connection_interrupts_the_handlers() {
        for (boolean byServer : new boolean[] {true, false}) {
            CountDownLatch asked = new CountDownLatch(2);
            CountDownLatch interrupted = new CountDownLatch(2);
            try (ScriptedServer server = ScriptedServer.legacy(Answers::echo)) {
                McpConnection connection = server.open(options(hanging(asked, interrupted)));
                ask(server.session(), "1");
                ask(server.session(), "2");
                await(asked);
                if (byServer) {
                    server.session().die("crashed");
                } else {
                    connection.close();
                }
                await(interrupted);
            }
        }
    }

    @Test
    void a_handler_that_takes_too_long_is_interrupted_and_the_server_told_that_nobody_chose() {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        try (ScriptedServer server = ScriptedServer.legacy(Answers::echo)) {
            McpConnection connection =
                    server.open(options(hanging(asked, interrupted)).withElicitationTimeout(Duration.ofMillis(100)));
            ask(server.session(), "1");
            assertThat(answerTo(server.session(), "1").path("result")).isEqualTo(json("{\"action\":\"cancel\"}"));
            await(interrupted);
            assertUsable(connection);
        }
    }

    @Test
    void the_time_for_the_answer_does_not_count_for_the_call() throws Exception {
        CountDownLatch asked = new CountDownLatch(2);
        CountDownLatch answer = new CountDownLatch(1);
        List<JsonNode> calls = new CopyOnWriteArrayList<>();
        try (ScriptedServer server = ScriptedServer.legacy((message, client) -> {
            if (Answers.method(message).equals("tools/call")) {
                calls.add(message);
                ask(client, "\"q" + message.get("id") + "\"");
            }
        })) {
            McpConnection connection = server.open(options(request -> {
                asked.countDown();
                await(answer);
                return ElicitationResult.accept();
            }));
            CallOptions hasty = CallOptions.timeout(Duration.ofSeconds(5));
            List<CompletableFuture<String>> results = new ArrayList<>();
            results.add(CompletableFuture.supplyAsync(
                    () -> connection.callTool("t", null, hasty).text(), task -> new Thread(task).start()));
            results.add(connection.callToolAsync("t", null, hasty).thenApply(result -> result.text()));
            await(asked);
            assertThatThrownBy(() -> results.get(0).get(5_500, TimeUnit.MILLISECONDS))
                    .isInstanceOf(TimeoutException.class);
            assertThat(results.get(1)).isNotDone();
            answer.countDown();
            for (JsonNode call : calls) {
                answerTo(server.session(), "\"q" + call.get("id") + "\"");
                server.session().text(call, "finished");
            }
            for (CompletableFuture<String> each : results) {
                assertThat(each.get(30, TimeUnit.SECONDS)).isEqualTo("finished");
            }
        }
    }

    @Test
    void after_the_answer_the_time_of_the_call_goes_on() {
        try (ScriptedServer server = ScriptedServer.legacy((message, client) -> {
            if (Answers.method(message).equals("tools/call")) {
                ask(client, "\"q" + message.get("id") + "\"");
            }
        })) {
            McpConnection connection = server.open(options(request -> ElicitationResult.accept()));
            CallOptions hasty = CallOptions.timeout(Duration.ofMillis(300));
            assertThatThrownBy(() -> connection.callTool("t", null, hasty)).isInstanceOf(McpTimeoutException.class);
            assertThatThrownBy(() -> connection.callToolAsync("t", null, hasty).join())
                    .hasCauseInstanceOf(McpTimeoutException.class);
        }
    }

    @Test
    void a_call_of_the_handler_has_its_own_time() {
        CompletableFuture<McpConnection> opened = new CompletableFuture<>();
        try (ScriptedServer server = ScriptedServer.legacy((message, client) -> {})) {
            opened.complete(server.open(options(request -> {
                try {
                    opened.join().callTool("never answered", null, CallOptions.timeout(Duration.ofMillis(200)));
                    return ElicitationResult.accept();
                } catch (McpTimeoutException e) {
                    return ElicitationResult.decline();
                }
            })));
            ask(server.session(), "1");
            assertThat(answerTo(server.session(), "1")
                            .path("result")
                            .path("action")
                            .asString())
                    .isEqualTo("decline");
        }
    }

    @Test
    void a_question_before_the_handshake_is_over_is_refused_and_does_not_stop_its_time() {
        CountDownLatch asked = new CountDownLatch(1);
        try (ScriptedServer server = ScriptedServer.raw((message, client) -> {
            switch (Answers.method(message)) {
                case "server/discover" -> client.error(message, -32601, "No");
                case "initialize" -> ask(client, "1");
                default -> {}
            }
        })) {
            ConnectionOptions options =
                    options(hanging(asked, new CountDownLatch(1))).withElicitationTimeout(Duration.ofSeconds(5));
            assertThatThrownBy(() -> McpDrivers.open(server.uri() + "?connectTimeout=500ms", options))
                    .isInstanceOf(McpException.class);
            assertThat(asked.getCount()).isEqualTo(1);
            assertThat(answerTo(server.session(), "1")
                            .path("error")
                            .path("code")
                            .asInt())
                    .isEqualTo(-32600);
        }
    }

    @Test
    void a_question_does_not_stop_the_time_of_what_the_library_wants_to_know() {
        CountDownLatch asked = new CountDownLatch(2);
        CountDownLatch interrupted = new CountDownLatch(1);
        try (ScriptedServer server = ScriptedServer.raw((message, client) -> {
            switch (Answers.method(message)) {
                case "ping", "tools/list" -> ask(client, "\"q" + message.get("id") + "\"");
                default -> Answers.legacyHandshake(message, client);
            }
        })) {
            McpConnection connection =
                    server.open(options(hanging(asked, interrupted)).withElicitationTimeout(Duration.ofSeconds(20)));
            assertThatThrownBy(() -> connection.listTools(CallOptions.timeout(Duration.ofMillis(200))))
                    .isInstanceOf(McpTimeoutException.class);
            assertThat(connection.isValid(Duration.ofMillis(200))).isFalse();
            await(asked);
            assertThat(interrupted.getCount()).isEqualTo(1);
        }
    }

    @Test
    void questions_one_after_the_other_stop_the_time_of_a_call_for_no_longer_than_one() {
        AtomicInteger number = new AtomicInteger();
        try (ScriptedServer server = ScriptedServer.legacy((message, client) -> {
            if (!message.has("method") || Answers.method(message).equals("tools/call")) {
                ask(client, String.valueOf(number.incrementAndGet()));
            }
        })) {
            McpConnection connection = server.open(options(hanging(new CountDownLatch(1), new CountDownLatch(1)))
                    .withElicitationTimeout(Duration.ofMillis(300)));
            CallOptions hasty = CallOptions.timeout(Duration.ofMillis(200));
            List<CompletableFuture<?>> calls = List.of(
                    CompletableFuture.supplyAsync(
                            () -> connection.callTool("t", null, hasty), task -> new Thread(task).start()),
                    connection.callToolAsync("t", null, hasty));
            for (CompletableFuture<?> call : calls) {
                assertThatThrownBy(() -> call.get(30, TimeUnit.SECONDS)).hasCauseInstanceOf(McpTimeoutException.class);
            }
        }
    }
}
