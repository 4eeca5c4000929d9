package io.mcpdrivers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonRawValue;
import io.mcpdrivers.testing.Answers;
import io.mcpdrivers.testing.NothingLeft;
import io.mcpdrivers.testing.ScriptedServer;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.ConcurrentModificationException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@ExtendWith(NothingLeft.class)
class ArgumentsTest {

    private static ScriptedServer modern;
    private static ScriptedServer legacy;
    private static McpConnection connection;
    private static McpConnection old;

    record Search(String query, int limit, List<String> tags) {}

    public static class Bean {
        public String getColor() {
            return "blue";
        }
    }

    public static class Broken {
        public String getValue() {
            throw new IllegalStateException("no value today");
        }
    }

    record Raw(@JsonRawValue String json) {}

    @BeforeAll
    static void open() {
        // Answers with what it was asked.
        ScriptedServer.Script mirror = (message, client) -> {
            if (message.has("id")) {
                client.result(
                        message,
                        "{\"content\":[],\"structuredContent\":" + message.path("params") + ",\"asked\":" + message
                                + "}");
            }
        };
        modern = ScriptedServer.modern(mirror);
        legacy = ScriptedServer.legacy(mirror);
        connection = modern.open();
        old = legacy.open();
    }

    @AfterAll
    static void close() {
        modern.close();
        legacy.close();
    }

    private static JsonNode arguments(Object arguments) {
        return connection.callTool("tool", arguments).structuredContent().get("arguments");
    }

    private static JsonNode json(String text) {
        return JsonMapper.shared().readTree(text);
    }

    @Test
    void arguments_may_be_a_map_a_tree_a_record_a_bean_or_nothing() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("s", "a\"b\n€");
        map.put("i", 1);
        map.put("l", 2L);
        map.put("d", 1.5);
        map.put("f", 2.5f);
        map.put("b", true);
        map.put("n", null);
        map.put("list", List.of(1, "x", Map.of("k", List.of())));
        map.put("record", new Search("q", 3, List.of("t")));
        map.put("tree", json("{\"a\":[null]}"));
        assertThat(arguments(map))
                .isEqualTo(json("{\"s\":\"a\\\"b\\n€\",\"i\":1,\"l\":2,\"d\":1.5,\"f\":2.5,\"b\":true,\"n\":null,"
                        + "\"list\":[1,\"x\",{\"k\":[]}],\"record\":{\"query\":\"q\",\"limit\":3,\"tags\":[\"t\"]},"
                        + "\"tree\":{\"a\":[null]}}"));
        assertThat(arguments(json("{\"a\":1}"))).isEqualTo(json("{\"a\":1}"));
        assertThat(arguments(new Search("q", 3, List.of())))
                .isEqualTo(json("{\"query\":\"q\",\"limit\":3,\"tags\":[]}"));
        assertThat(arguments(new Bean())).isEqualTo(json("{\"color\":\"blue\"}"));
        assertThat(arguments(null)).isEqualTo(json("{}"));
        assertThat(arguments(Map.of())).isEqualTo(json("{}"));
    }

    @Test
    void what_is_no_object_is_refused_before_anything_is_sent() {
        int sent = modern.session().received().size();
        for (Object wrong : new Object[] {List.of(1), new int[] {1}, "text", 5, json("[1]"), json("null")}) {
            assertThatThrownBy(() -> connection.callTool("tool", wrong))
                    .isInstanceOf(McpException.class)
                    .hasMessageContaining("arguments of tool 'tool'")
                    .hasMessageContaining("must be a JSON object");
            assertThatThrownBy(() -> connection.callToolAsync("tool", wrong).join())
                    .hasCauseInstanceOf(McpException.class)
                    .hasMessageContaining("must be a JSON object");
        }
        assertThat(modern.session().received()).hasSize(sent);
    }

    @Test
    void what_cannot_be_written_is_refused_before_anything_is_sent() {
        int sent = modern.session().received().size();
        List<Object> circle = new ArrayList<>();
        circle.add(circle);
        Map<String, Object> changing = new AbstractMap<>() {
            @Override
            public Set<Entry<String, Object>> entrySet() {
                throw new ConcurrentModificationException();
            }
        };
        for (Object wrong :
                new Object[] {new Broken(), Map.of("x", new Broken()), Map.of("circle", circle), changing}) {
            assertThatThrownBy(() -> connection.callTool("tool", wrong))
                    .isInstanceOf(McpException.class)
                    .hasMessageContaining("cannot be written as JSON")
                    .satisfies(e ->
                            assertThat(((McpException) e).mayHaveExecuted()).isFalse());
            assertThatThrownBy(() -> connection.callToolAsync("tool", wrong).join())
                    .hasCauseInstanceOf(McpException.class);
            assertThatThrownBy(() -> connection.request("x", Map.of("p", wrong)))
                    .isInstanceOf(McpException.class);
            assertThatThrownBy(() ->
                            connection.requestAsync("x", Map.of("p", wrong)).join())
                    .hasCauseInstanceOf(McpException.class);
        }
        assertThat(modern.session().received()).hasSize(sent);
        assertThat(connection
                        .unwrap(io.mcpdrivers.engine.PhysicalConnection.class)
                        .inFlight())
                .isZero();
    }

    @Test
    void a_message_is_one_line_whatever_the_arguments_hold() {
        assertThat(arguments(Map.of("a", "1\n2\r3"))).isEqualTo(json("{\"a\":\"1\\n2\\r3\"}"));
        assertThat(arguments(Map.of("raw", new Raw("{\n\"x\":\r\n1}"))))
                .isEqualTo(json("{\"raw\":{\"json\":{\"x\":1}}}"));
    }

    @Test
    void large_arguments_arrive_whole() {
        String text = "ü\"\\\n".repeat(500_000);

        assertThat(arguments(Map.of("text", text)).get("text").asString()).isEqualTo(text);
    }

    @Test
    void a_modern_request_says_who_asks_and_a_legacy_one_does_not() {
        JsonNode meta = connection
                .request("some/method", Map.of("a", 1))
                .get("asked")
                .path("params")
                .path("_meta");

        assertThat(meta.path("io.modelcontextprotocol/protocolVersion").asString())
                .isEqualTo("2026-07-28");
        assertThat(meta.path("io.modelcontextprotocol/clientInfo").path("name").asString())
                .isEqualTo("mcp-drivers");
        assertThat(meta.path("io.modelcontextprotocol/clientCapabilities").isObject())
                .isTrue();
        assertThat(meta.size()).isEqualTo(3);
        assertThat(old.request("some/method", Map.of("a", 1)).get("asked").path("params"))
                .isEqualTo(json("{\"a\":1}"));
    }

    @Test
    void meta_of_options_and_of_parameters_is_merged_with_the_connection_s_own() {
        CallOptions options = CallOptions.defaults()
                .withMeta("com.example/trace", Map.of("id", 7))
                .withMeta("both", "options")
                .withMeta("none", null)
                .withProgress(progress -> {});
        Map<String, Object> params = Map.of(
                "a",
                1,
                "_meta",
                Map.of(
                        "both", "parameters",
                        "mine", true,
                        "progressToken", "mine",
                        "io.modelcontextprotocol/protocolVersion", "1900-01-01"));
        JsonNode asked = connection.request("some/method", params, options).get("asked");
        JsonNode meta = asked.path("params").path("_meta");

        assertThat(meta.path("com.example/trace")).isEqualTo(json("{\"id\":7}"));
        assertThat(meta.path("both").asString()).isEqualTo("options");
        assertThat(meta.get("none").isNull()).isTrue();
        assertThat(meta.path("mine").asBoolean()).isTrue();
        assertThat(meta.get("progressToken")).isEqualTo(asked.get("id"));
        assertThat(meta.path("io.modelcontextprotocol/protocolVersion").asString())
                .isEqualTo("2026-07-28");
        JsonNode oldMeta = old.request("some/method", params, options)
                .get("asked")
                .path("params")
                .path("_meta");
        assertThat(oldMeta.path("io.modelcontextprotocol/protocolVersion").asString())
                .isEqualTo("1900-01-01");
        assertThat(oldMeta.path("both").asString()).isEqualTo("options");
    }

    @Test
    void meta_that_the_connection_fills_in_cannot_be_set_by_options() {
        for (String key : List.of(
                "progressToken",
                "io.modelcontextprotocol/protocolVersion",
                "io.modelcontextprotocol/clientInfo",
                "io.modelcontextprotocol/clientCapabilities")) {
            assertThatThrownBy(() -> CallOptions.defaults().withMeta(key, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(key);
        }
    }

    @Test
    void options_do_not_change_once_made() {
        CallOptions one = CallOptions.defaults().withMeta("a", 1);
        CallOptions two = one.withMeta("b", 2);

        assertThat(one.meta()).containsOnlyKeys("a");
        assertThat(two.meta()).containsOnlyKeys("a", "b");
        assertThat(CallOptions.defaults().meta()).isEmpty();
        assertThatThrownBy(() -> two.meta().put("c", 3)).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void a_result_of_request_may_be_any_json() {
        try (ScriptedServer server = ScriptedServer.modern((message, client) ->
                client.result(message, message.path("params").path("give").asString()))) {
            McpConnection any = server.open();
            for (String result : List.of("null", "5", "[]", "\"x\"", "{\"a\":1}", "{\"resultType\":\"complete\"}")) {
                assertThat(any.request("x", Map.of("give", result))).isEqualTo(json(result));
                assertThat(any.requestAsync("x", new HashMap<>(Map.of("give", result)))
                                .join())
                        .isEqualTo(json(result));
            }
        }
    }

    @Test
    void a_request_without_parameters_has_an_object_of_them() {
        assertThat(Answers.method(old.request("x", null).get("asked"))).isEqualTo("x");
        assertThat(old.request("x", null).get("asked").path("params")).isEqualTo(json("{}"));
    }
}
