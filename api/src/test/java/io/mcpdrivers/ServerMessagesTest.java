package io.mcpdrivers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mcpdrivers.testing.Answers;
import io.mcpdrivers.testing.Await;
import io.mcpdrivers.testing.NothingLeft;
import io.mcpdrivers.testing.ScriptedServer;
import io.mcpdrivers.testing.ScriptedServer.Session;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a server sends beside the answers that are awaited. */
@ExtendWith(NothingLeft.class)
class ServerMessagesTest {

    private static JsonNode json(String text) {
        return JsonMapper.shared().readTree(text);
    }

    private static JsonNode answerTo(Session session, String id) {
        return session.awaitReceived(
                message -> !message.has("method") && message.path("id").equals(json(id)));
    }

    private static void assertUsable(McpConnection connection) {
        assertThat(connection.callTool("echo", Map.of("message", "x")).text()).isEqualTo("x");
    }

    @Test
    void a_ping_of_a_legacy_server_is_answered_with_its_own_id() {
        try (ScriptedServer server = ScriptedServer.legacy(Answers::echo)) {
            McpConnection connection = server.open();
            Session session = server.session();
            for (String id : List.of("7", "\"abc\"", "\"a\\\"b\"", "0", "-3", "1.5", "12345678901234567890")) {
                session.send("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"ping\"}");

                assertThat(answerTo(session, id))
                        .isEqualTo(json("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"result\":{}}"));
            }
            assertUsable(connection);
        }
    }

    @Test
    void a_ping_in_mid_call_and_in_mid_handshake_is_answered() {
        try (ScriptedServer server = ScriptedServer.raw((message, client) -> {
            if (message.has("method") && message.has("id")) {
                client.send("{\"jsonrpc\":\"2.0\",\"method\":\"ping\",\"id\":\"p" + message.get("id") + "\"}");
            }
            if (!Answers.legacyHandshake(message, client)) {
                Answers.echo(message, client);
            }
        })) {
            McpConnection connection = server.open();
            assertUsable(connection);
            for (int id = 1; id <= 3; id++) {
                answerTo(server.session(), "\"p" + id + "\"");
            }
        }
    }

    @Test
    void requests_that_nobody_handles_are_refused_as_unknown() {
        try (ScriptedServer server = ScriptedServer.legacy(Answers::echo)) {
            McpConnection connection = server.open();
            Session session = server.session();
            for (String method : List.of("roots/list", "sampling/createMessage", "elicitation/create", "made/up")) {
                session.send(
                        "{\"jsonrpc\":\"2.0\",\"id\":\"" + method + "\",\"method\":\"" + method + "\",\"params\":{}}");

                JsonNode answer = answerTo(session, "\"" + method + "\"");
                assertThat(answer.path("error").path("code").asInt()).isEqualTo(-32601);
                assertThat(answer.path("error").path("message").asString()).contains(method);
                assertThat(answer.has("result")).isFalse();
            }
            assertUsable(connection);
        }
    }

    @Test
    void requests_of_a_modern_server_get_no_answer() {
        try (ScriptedServer server = ScriptedServer.modern(Answers::echo)) {
            McpConnection connection = server.open();
            for (int i = 0; i < 10; i++) {
                server.session().send("{\"jsonrpc\":\"2.0\",\"id\":" + i + ",\"method\":\"ping\"}");
            }
            assertUsable(connection);
            assertThat(server.session().received()).allMatch(message -> message.has("method"));
        }
    }

    @Test
    void a_flood_of_requests_and_ids_without_end_are_bounded() {
        try (ScriptedServer server = ScriptedServer.legacy(Answers::echo)) {
            McpConnection connection = server.open();
            Session session = server.session();
            CountDownLatch blocked = new CountDownLatch(1);
            session.send("{\"jsonrpc\":\"2.0\",\"id\":\"" + "i".repeat(2_000) + "\",\"method\":\"ping\"}");
            session.send("{\"jsonrpc\":\"2.0\",\"id\":\"long\",\"method\":\"" + "m".repeat(100_000) + "\"}");
            assertThat(answerTo(session, "\"long\"").toString().length()).isLessThan(300);
            for (int i = 0; i < 5_000; i++) {
                session.send("{\"jsonrpc\":\"2.0\",\"id\":\"f" + i + "\",\"method\":\"ping\"}");
            }
            blocked.countDown();
            assertUsable(connection);
            answerTo(session, "\"f0\"");
            assertThat(session.received())
                    .noneMatch(message -> message.path("id").asString("").startsWith("iii"));
        }
    }

    @Test
    void an_array_of_messages_is_taken_apart() {
        try (ScriptedServer server = ScriptedServer.legacy((message, client) -> {
            if (message.has("method")) {
                client.send("[{\"jsonrpc\":\"2.0\",\"id\":\"in array\",\"method\":\"ping\"},5,null,\"x\",[{}], {},\n"
                                .replace("\n", "")
                        + "{\"jsonrpc\":\"2.0\",\"id\":" + message.get("id") + ",\"result\":{\"content\":[{\"type\":"
                        + "\"text\",\"text\":\"" + "\\u0078".repeat(10_000) + "\"}]}} ,{\"jsonrpc\":\"2.0\",\"id\":"
                        + (message.get("id").asLong() + 1) + ",\"result\":{\"content\":[]}}]");
            }
        })) {
            McpConnection connection = server.open();

            assertThat(connection.callTool("t", null).text()).isEqualTo("x".repeat(10_000));
            answerTo(server.session(), "\"in array\"");
        }
    }

    @Test
    void a_broken_array_delivers_what_came_before() {
        try (ScriptedServer server = ScriptedServer.legacy((message, client) -> {
            if (message.has("id")) {
                client.send("[");
                client.send("[]");
                client.send("[[[");
                client.send("[" + "{},".repeat(100_000) + "{\"jsonrpc\":\"2.0\",\"id\":" + message.get("id")
                        + ",\"result\":{\"content\":[]}},{");
            }
        })) {
            assertThat(server.open().callTool("t", null).content()).isEmpty();
        }
    }

    @Test
    void noise_of_every_kind_is_skipped() {
        try (ScriptedServer server = ScriptedServer.modern((message, client) -> {
            client.send("plain words");
            client.send("{\"half\":");
            client.send(new byte[] {(byte) 0xFF, 0, 1, (byte) 0xC3});
            client.send("{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32700,\"message\":\"Parse error\"}}");
            client.send("{\"jsonrpc\":\"2.0\",\"id\":\"who\",\"result\":{}}");
            client.send("{\"jsonrpc\":\"2.0\",\"id\":99999,\"result\":{}}");
            client.send("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/list_changed\"}");
            client.send("{\"x\":" + "[".repeat(5_000) + "]".repeat(5_000) + "}");
            Answers.echo(message, client);
            client.text(message, "a duplicate");
        })) {
            McpConnection connection = server.open();
            for (int i = 0; i < 3; i++) {
                assertUsable(connection);
            }
        }
    }

    @Test
    void answers_with_the_id_as_a_string_are_taken() {
        try (ScriptedServer server = ScriptedServer.modern((message, client) -> client.send(
                "{\"jsonrpc\":\"2.0\",\"id\":\"" + message.get("id") + "\",\"result\":{\"content\":[]}}"))) {
            assertThat(server.open().callTool("t", null).content()).isEmpty();
        }
    }

    @Test
    void an_oversized_answer_fails_its_own_call_alone() {
        try (ScriptedServer server = ScriptedServer.modern((message, client) -> {
            if (message.path("params").path("name").asString("").equals("big")) {
                client.oversized(
                        "{\"jsonrpc\":\"2.0\",\"id\":" + message.get("id") + ",\"result\":{\"content\":[{\"te",
                        "xxx\"}]}}",
                        20_000_000);
            } else {
                Answers.echo(message, client);
            }
        })) {
            McpConnection connection = server.open();
            CompletableFuture<?> other = connection.callToolAsync("slow", null);

            McpProtocolException e =
                    catchThrowableOfType(McpProtocolException.class, () -> connection.callTool("big", null));

            assertThat(e).hasMessageContaining("20000000 bytes").hasMessageContaining("maxMessageSize of 16777216");
            assertThat(other.join()).isNotNull();
            assertUsable(connection);
        }
    }

    @Test
    void an_oversized_answer_of_nobody_knows_whom_fails_all() {
        try (ScriptedServer server = ScriptedServer.modern((message, client) -> {
            if (message.path("params").path("name").asString("").equals("echo")) {
                Answers.echo(message, client);
            }
        })) {
            McpConnection connection = server.open();
            CompletableFuture<?> one = connection.callToolAsync("slow", null);
            CompletableFuture<?> other = connection.callToolAsync("slow", null);
            Await.that(() -> server.session().received("tools/call").size() == 2, "the calls did not come");
            server.session().oversized("{\"jsonrpc\":\"2.0\",\"method\":\"x\",\"params\":{", "\"}}", 20_000_000);
            assertThat(one).isNotDone();

            server.session().oversized("{\"result\":{\"content\":[", "\"}}", 20_000_000);

            for (CompletableFuture<?> each : List.of(one, other)) {
                assertThatThrownBy(each::join)
                        .hasCauseInstanceOf(McpProtocolException.class)
                        .hasMessageContaining("cannot be told which request");
            }
            for (JsonNode call : server.session().received("tools/call")) {
                server.session().text(call, "late");
            }
            assertThat(connection
                            .unwrap(io.mcpdrivers.engine.PhysicalConnection.class)
                            .abandoned())
                    .isZero();
            assertUsable(connection);
        }
    }
}
