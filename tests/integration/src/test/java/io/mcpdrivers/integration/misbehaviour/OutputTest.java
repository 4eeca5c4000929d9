package io.mcpdrivers.integration.misbehaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpProtocolException;
import io.mcpdrivers.McpRequestException;
import io.mcpdrivers.integration.Await;
import io.mcpdrivers.integration.Connections;
import io.mcpdrivers.integration.Leftovers;
import io.mcpdrivers.schema.CallToolResult;
import io.mcpdrivers.schema.ImageContent;
import io.mcpdrivers.schema.Tool;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that write what they should not, or in an order or form that is hard to read. */
class OutputTest {

    @RegisterExtension
    final Connections connections = Connections.perTest();

    private static void assertWorks(McpConnection connection) {
        List<CompletableFuture<CallToolResult>> calls = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            calls.add(connection.callToolAsync("echo", Map.of("message", "message " + i)));
        }
        for (int i = 0; i < 20; i++) {
            assertThat(Await.result(calls.get(i)).text()).isEqualTo("message " + i);
        }
        assertThat(connection
                        .callTool("add", Map.of("a", 1, "b", 2))
                        .structuredContent()
                        .path("sum")
                        .asInt())
                .isEqualTo(3);
        assertThatThrownBy(() -> connection.callTool("error", Map.of("code", -32099)))
                .isInstanceOfSatisfying(
                        McpRequestException.class, e -> assertThat(e.code()).isEqualTo(-32099));
        assertThat(connection.isValid(Await.PATIENCE)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "stdout.noise=1",
                "crlf=1",
                "batch.answers=1",
                "id.position=first",
                "id.position=last",
                "id.mode=string",
                "id.mode=unknown",
                "id.mode=duplicate"
            })
    void what_can_be_understood_is(String option) {
        for (String era : List.of("era=legacy", "era=modern")) {
            assertWorks(connections.fixture(era, option));
            assertWorks(connections.fixture(era, option, "id.position=last"));
        }
    }

    @Test
    void answers_out_of_order_reach_the_right_callers() {
        McpConnection connection = connections.fixture("reorder=10");
        List<CompletableFuture<CallToolResult>> calls = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            calls.add(connection.callToolAsync("echo", Map.of("message", "message " + i)));
        }
        for (int i = 0; i < 30; i++) {
            assertThat(Await.result(calls.get(i)).text()).isEqualTo("message " + i);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"legacy", "modern"})
    void much_on_stderr_before_an_answer_blocks_nothing(String era) {
        McpConnection connection = connections.fixture("era=" + era, "stderr.bytes=262144");
        for (int i = 0; i < 5; i++) {
            assertThat(connection.callTool("echo", Map.of("message", "loud")).text())
                    .isEqualTo("loud");
        }
    }

    @Test
    void a_large_answer_in_small_writes_arrives_whole_while_others_wait() {
        McpConnection connection = connections.fixture();
        int size = 5 << 20;
        CompletableFuture<CallToolResult> big = connection.callToolAsync("big", Map.of("size", size, "chunk", 1_000));
        assertThat(connection.callTool("echo", Map.of("message", "small")).text())
                .isEqualTo("small");
        String text = Await.result(big).text();
        assertThat(text.length()).isEqualTo(size);
        for (int i = 0; i < size; i++) {
            if (text.charAt(i) != 'a' + i % 26) {
                throw new AssertionError("Wrong letter " + text.charAt(i) + " at " + i);
            }
        }
    }

    @Test
    void every_character_arrives_as_it_was_sent() {
        assertThat(connections.fixture().callTool("unicode", Map.of()).text())
                .isEqualTo("😀 🚀 \"quoted\" \\ / \b\f\n\r\t éé \u2028 e\u0301 你好 \0 👩\u200d💻");
        String sent = "😀 \" \\ \b\f\n\r\t \u2028 e\u0301 你好 \0 \u0001 \u007f";
        assertThat(connections
                        .fixture()
                        .callTool("echo", Map.of("message", sent))
                        .text())
                .isEqualTo(sent);
    }

    @ParameterizedTest
    @CsvSource({"legacy, first", "legacy, last", "modern, first", "modern, last"})
    void an_answer_that_is_not_utf8_fails_its_call_alone(String era, String position) {
        McpConnection connection = connections.fixture("era=" + era, "id.position=" + position);
        CompletableFuture<CallToolResult> other = connection.callToolAsync("sleep", Map.of("ms", 300));
        assertThatThrownBy(() -> connection.callTool("invalid_utf8", Map.of()))
                .isInstanceOfSatisfying(McpProtocolException.class, e -> {
                    assertThat(e.mayHaveExecuted()).isTrue();
                    assertThat(e.getMessage()).contains("tools/call").hasSizeLessThan(1_000);
                });
        assertThat(Await.result(other).text()).isEqualTo("slept 300 ms");
        assertWorks(connection);
    }

    @ParameterizedTest
    @ValueSource(strings = {"id.position=first", "id.position=last", "id.mode=string"})
    void json_that_is_too_deep_fails_its_call_alone(String option) {
        McpConnection connection = connections.fixture(option);
        assertThat(connection
                        .callTool("deep", Map.of("depth", 400))
                        .structuredContent()
                        .has("a"))
                .isTrue();
        for (int depth : new int[] {1_000, 100_000, 1_000_000}) {
            assertThatThrownBy(() -> connection.callTool("deep", Map.of("depth", depth)))
                    .isInstanceOfSatisfying(
                            McpProtocolException.class,
                            e -> assertThat(e.getMessage()).hasSizeLessThan(1_000));
        }
        assertWorks(connection);
    }

    @Test
    void an_image_is_read_back_byte_by_byte() {
        CallToolResult result = connections.fixture().callTool("blob", Map.of("size", 300_000));
        byte[] bytes =
                Base64.getDecoder().decode(((ImageContent) result.content().get(0)).data());
        assertThat(bytes).hasSize(300_000);
        assertThat(bytes[255]).isEqualTo((byte) 255);
    }

    @Test
    void a_tool_list_in_pages_is_read_whole_and_in_order() {
        List<String> all =
                connections.fixture().listTools().stream().map(Tool::name).toList();
        assertThat(all).hasSizeGreaterThan(20);
        assertThat(connections.fixture("page.size=4").listTools())
                .extracting(Tool::name)
                .containsExactlyElementsOf(all);
        assertThat(Await.result(connections.fixture("page.size=1").listToolsAsync()))
                .extracting(Tool::name)
                .containsExactlyElementsOf(all);
    }

    @ParameterizedTest
    @ValueSource(strings = {"page.loop=1", "page.endless=1"})
    void a_tool_list_without_an_end_is_given_up(String option) {
        McpConnection connection = connections.fixture(option);
        assertThatThrownBy(() -> connection.listTools())
                .isInstanceOf(McpProtocolException.class)
                .hasMessageContaining("tool list");
        assertThatThrownBy(() -> Await.result(connection.listToolsAsync())).isInstanceOf(McpProtocolException.class);
        assertWorks(connection);
    }

    @ParameterizedTest
    @ValueSource(strings = {"id.position=first", "id.position=last", "id.mode=string", "crlf=1"})
    void an_answer_over_the_limit_fails_its_call_alone(String option) {
        McpConnection connection = connections.open(Leftovers.fixture(option) + "&maxMessageSize=64k");
        CompletableFuture<CallToolResult> other = connection.callToolAsync("sleep", Map.of("ms", 500));
        assertThatThrownBy(() -> connection.callTool("big", Map.of("size", 10_000_000)))
                .isInstanceOfSatisfying(
                        McpProtocolException.class,
                        e -> assertThat(e.mayHaveExecuted()).isTrue())
                .hasMessageContainingAll("65536", "maxMessageSize");
        assertThat(Await.result(other).text()).isEqualTo("slept 500 ms");
        assertThat(connection.callTool("big", Map.of("size", 60_000)).text()).hasSize(60_000);
        assertWorks(connection);
    }
}
