package io.mcpdrivers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.schema.AudioContent;
import io.mcpdrivers.schema.CallToolResult;
import io.mcpdrivers.schema.ContentBlock;
import io.mcpdrivers.schema.EmbeddedResource;
import io.mcpdrivers.schema.ImageContent;
import io.mcpdrivers.schema.ResourceLink;
import io.mcpdrivers.schema.TextContent;
import io.mcpdrivers.schema.UnknownContent;
import io.mcpdrivers.testing.NothingLeft;
import io.mcpdrivers.testing.ScriptedServer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@ExtendWith(NothingLeft.class)
class ToolResultTest {

    private static ScriptedServer server;
    private static McpConnection connection;
    private static volatile byte[] answer;

    @BeforeAll
    static void open() {
        server = ScriptedServer.modern((message, client) -> {
            if (message.path("method").asString("").equals("tools/call")) {
                byte[] start = ("{\"jsonrpc\":\"2.0\",\"id\":" + message.get("id") + ",\"result\":").getBytes();
                byte[] whole = new byte[start.length + answer.length + 1];
                System.arraycopy(start, 0, whole, 0, start.length);
                System.arraycopy(answer, 0, whole, start.length, answer.length);
                whole[whole.length - 1] = '}';
                client.send(whole);
            }
        });
        connection = server.open();
    }

    @AfterAll
    static void close() {
        server.close();
    }

    private static CallToolResult call(String result) {
        answer = result.getBytes(StandardCharsets.UTF_8);
        return connection.callTool("tool", null);
    }

    private static ContentBlock block(String json) {
        List<ContentBlock> content = call("{\"content\":[" + json + "]}").content();
        assertThat(content).hasSize(1);
        return content.get(0);
    }

    private static JsonNode json(String text) {
        return JsonMapper.shared().readTree(text);
    }

    @Test
    void every_kind_of_content_is_read() {
        CallToolResult result = call("""
                {"content":[
                {"type":"text","text":"a","annotations":{"priority":1},"_meta":{"m":1}},
                {"type":"image","data":"AAA=","mimeType":"image/png"},
                {"type":"audio","data":"BBB=","mimeType":"audio/wav"},
                {"type":"resource_link","uri":"u","name":"n","title":"t","description":"d","mimeType":"x/y","size":7},
                {"type":"resource","resource":{"uri":"u","mimeType":"x/y","text":"inside"}},
                {"type":"resource","resource":{"uri":"u","blob":"CCC="}}
                ],"structuredContent":{"a":[1]},"isError":true,"_meta":{"k":"v"},"other":[{}]}""".replace("\n", ""));

        assertThat(result.content())
                .containsExactly(
                        new TextContent("a", json("{\"priority\":1}"), json("{\"m\":1}")),
                        new ImageContent("AAA=", "image/png", null, null),
                        new AudioContent("BBB=", "audio/wav", null, null),
                        new ResourceLink("u", "n", "t", "d", "x/y", 7L, null, null),
                        new EmbeddedResource("u", "x/y", "inside", null, null, null),
                        new EmbeddedResource("u", null, null, "CCC=", null, null));
        assertThat(result.structuredContent()).isEqualTo(json("{\"a\":[1]}"));
        assertThat(result.isError()).isTrue();
        assertThat(result.meta()).isEqualTo(json("{\"k\":\"v\"}"));
        assertThatThrownBy(result::orThrow).isInstanceOf(McpToolException.class).hasMessageContaining("a");
    }

    @Test
    void the_order_of_members_does_not_matter() {
        assertThat(block("{\"text\":\"a\",\"x\":{\"type\":\"image\"},\"type\":\"text\"}"))
                .isEqualTo(new TextContent("a", null, null));
        assertThat(block("{\"resource\":{\"text\":\"in\",\"uri\":\"u\"},\"text\":\"out\",\"type\":\"resource\"}"))
                .isEqualTo(new EmbeddedResource("u", null, "in", null, null, null));
        CallToolResult result = call("{\"isError\":true,\"_meta\":{},\"structuredContent\":1,\"content\":[]}");
        assertThat(result.isError()).isTrue();
        assertThat(result.content()).isEmpty();
    }

    @Test
    void text_is_that_of_all_text_blocks() {
        assertThat(call("{\"content\":[]}").text()).isEmpty();
        assertThat(call("{\"content\":[{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"image\",\"data\":\"\"},"
                                + "{\"type\":\"text\",\"text\":\"\"},{\"type\":\"text\",\"text\":\"b\"}]}")
                        .text())
                .isEqualTo("a\n\nb");
    }

    @Test
    void what_is_missing_or_of_another_type_makes_a_block_unknown_and_not_an_error() {
        for (String odd : List.of(
                "{\"type\":\"video\",\"data\":\"x\",\"n\":[1,{\"a\":null}]}",
                "{\"type\":\"text\"}",
                "{\"type\":\"text\",\"text\":5}",
                "{\"type\":\"image\",\"mimeType\":\"image/png\"}",
                "{\"type\":\"resource\"}",
                "{\"type\":\"resource\",\"resource\":5}",
                "{\"type\":\"resource\",\"resource\":{\"text\":\"x\"}}",
                "{\"type\":\"resource_link\",\"name\":\"x\"}")) {
            JsonNode tree = json(odd);

            assertThat(block(odd)).isEqualTo(new UnknownContent(tree.get("type").asString(), tree));
        }
        assertThat(block("{}")).isEqualTo(new UnknownContent("", json("{}")));
        assertThat(block("{\"type\":null,\"_meta\":{\"a\":1}}").meta()).isEqualTo(json("{\"a\":1}"));
    }

    @Test
    void an_unknown_block_keeps_long_text_as_it_was_sent() {
        String text = "say \"hi\" \\ ü\n".repeat(3_000);
        String quoted = JsonMapper.shared().writeValueAsString(text);
        for (String odd : List.of(
                "{\"type\":\"video\",\"text\":" + quoted + ",\"blob\":" + quoted + ",\"n\":1}",
                "{\"text\":" + quoted + ",\"type\":\"image\"}",
                "{\"type\":\"resource\",\"resource\":{\"text\":" + quoted + "}}")) {
            assertThat(((UnknownContent) block(odd)).json()).isEqualTo(json(odd));
        }
    }

    @Test
    void long_text_is_read_in_every_place_it_can_have() {
        String text = "say \"hi\" \\ ü\n".repeat(3_000);
        String quoted = JsonMapper.shared().writeValueAsString(text);

        assertThat(block("{\"text\":" + quoted + ",\"type\":\"text\",\"_meta\":{\"a\":1}}"))
                .isEqualTo(new TextContent(text, null, json("{\"a\":1}")));
        assertThat(block("{\"type\":\"image\",\"data\":" + quoted + ",\"mimeType\":\"i/p\"}"))
                .isEqualTo(new ImageContent(text, "i/p", null, null));
        assertThat(block("{\"type\":\"audio\",\"mimeType\":\"a/w\",\"data\":" + quoted + "}"))
                .isEqualTo(new AudioContent(text, "a/w", null, null));
        assertThat(block("{\"type\":\"resource\",\"resource\":{\"text\":" + quoted + ",\"blob\":" + quoted
                        + ",\"uri\":\"u\"}}"))
                .isEqualTo(new EmbeddedResource("u", null, text, text, null, null));
        assertThat(call("{\"content\":[{\"type\":\"text\",\"text\":" + quoted + "},{\"type\":\"text\",\"text\":"
                                + quoted + "}],\"structuredContent\":" + quoted + ",\"_meta\":{\"t\":" + quoted + "}}")
                        .text())
                .isEqualTo(text + "\n" + text);
    }

    @Test
    void structured_content_may_be_any_json() {
        assertThat(call("{\"content\":[],\"structuredContent\":null}").structuredContent())
                .isNotNull()
                .isEqualTo(json("null"));
        assertThat(call("{\"content\":[],\"structuredContent\":[1,\"a\"]}").structuredContent())
                .isEqualTo(json("[1,\"a\"]"));
        assertThat(call("{\"content\":[]}").structuredContent()).isNull();
    }

    record Point(int x, int y) {}

    @Test
    void structured_content_is_read_as_a_class() {
        assertThat(call("{\"content\":[],\"structuredContent\":{\"x\":1,\"y\":2}}")
                        .structuredContent(Point.class))
                .isEqualTo(new Point(1, 2));
        assertThat(call("{\"content\":[]}").structuredContent(Point.class)).isNull();
        assertThatThrownBy(() -> call("{\"content\":[],\"structuredContent\":{\"x\":\"no\"}}")
                        .structuredContent(Point.class))
                .isInstanceOf(McpProtocolException.class)
                .hasMessageContaining(Point.class.getName());
    }

    @Test
    void meta_that_is_no_object_is_none() {
        assertThat(call("{\"content\":[],\"_meta\":null}").meta()).isNull();
        assertThat(call("{\"content\":[],\"_meta\":[{\"a\":1}]}").meta()).isNull();
        assertThat(call("{\"content\":[]}").meta()).isNull();
    }

    @Test
    void sizes_beyond_reason_are_unknown_and_no_error() {
        for (String size : List.of("1e400", "99999999999999999999999999", "-1.5", "\"7\"", "null", "[7]")) {
            ResourceLink link =
                    (ResourceLink) block("{\"type\":\"resource_link\",\"size\":" + size + ",\"uri\":\"u\"}");
            assertThat(link.size()).as(size).isNull();
        }
    }

    @Test
    void a_result_without_content_has_none() {
        assertThat(call("{}").content()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "5",
                "\"text\"",
                "[]",
                "{\"content\":null}",
                "{\"content\":{}}",
                "{\"content\":[5]}",
                "{\"content\":[{\"type\":\"text\",\"text\":\"a\"},[]]}",
                "{\"content\":[}",
                "{\"content\":[{\"type\":\"text\",\"text\":\"\\x\"}]}",
                "{\"resultType\":\"wonder\"}",
                "{\"resultType\":5}",
            })
    void an_answer_that_breaks_the_protocol_is_an_error_that_quotes_it_and_costs_nothing_else(String result) {
        assertThatThrownBy(() -> call(result))
                .isInstanceOf(McpProtocolException.class)
                .satisfies(e -> assertThat(e.getMessage().length()).isLessThan(450));
        assertThat(call("{\"content\":[]}").isError()).isFalse();
    }

    @Test
    void an_answer_too_deep_is_an_error() {
        assertThatThrownBy(() -> call("{\"structuredContent\":" + "[".repeat(2_000) + "]".repeat(2_000) + "}"))
                .isInstanceOf(McpProtocolException.class);
    }

    @Test
    void at_most_200_characters_of_a_broken_answer_are_quoted() {
        assertThatThrownBy(() -> call("{\"content\":" + "z".repeat(5_000) + "}"))
                .isInstanceOf(McpProtocolException.class)
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("z".repeat(201)))
                .satisfies(e -> assertThat(e.getMessage().length()).isLessThan(500));
    }

    @Test
    void invalid_utf_8_is_an_error() {
        answer = "{\"content\":[{\"type\":\"text\",\"text\":\"X\"}]}".getBytes(StandardCharsets.UTF_8);
        answer[answer.length - 5] = (byte) 0xFF;

        assertThatThrownBy(() -> connection.callTool("tool", null)).isInstanceOf(McpProtocolException.class);
    }
}
