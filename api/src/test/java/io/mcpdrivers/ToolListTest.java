package io.mcpdrivers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.schema.Tool;
import io.mcpdrivers.schema.ToolAnnotations;
import io.mcpdrivers.testing.Answers;
import io.mcpdrivers.testing.NothingLeft;
import io.mcpdrivers.testing.ScriptedServer;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NothingLeft.class)
class ToolListTest {

    private static ScriptedServer pages(PageScript pages) {
        return ScriptedServer.modern((message, client) -> {
            if (Answers.method(message).equals("tools/list")) {
                client.result(
                        message, pages.of(message.path("params").path("cursor").asString(null)));
            }
        });
    }

    private interface PageScript {
        String of(String cursor);
    }

    @Test
    void all_pages_are_gathered_in_order() {
        try (ScriptedServer server = pages(cursor -> cursor == null
                ? "{\"tools\":[{\"name\":\"a\"},{\"name\":\"b\"}],\"nextCursor\":\"\"}"
                : cursor.isEmpty()
                        ? "{\"tools\":[],\"nextCursor\":\"last\"}"
                        : "{\"tools\":[{\"name\":\"c\"}],\"nextCursor\":null}")) {
            McpConnection connection = server.open();

            assertThat(connection.listTools()).extracting(Tool::name).containsExactly("a", "b", "c");
            assertThat(connection.listToolsAsync().join())
                    .extracting(Tool::name)
                    .containsExactly("a", "b", "c");
        }
    }

    @Test
    void a_tool_has_what_the_server_says_and_null_for_the_rest() {
        try (ScriptedServer server =
                pages(cursor -> "{\"tools\":[{\"name\":\"a\",\"title\":\"T\",\"description\":\"D\","
                        + "\"inputSchema\":{\"type\":\"object\"},\"outputSchema\":{\"type\":\"array\"},\"annotations\":"
                        + "{\"title\":\"AT\",\"readOnlyHint\":true,\"idempotentHint\":\"yes\"},\"_meta\":{\"m\":1}},"
                        + "{\"name\":\"b\",\"title\":5,\"inputSchema\":null,\"outputSchema\":null,\"annotations\":null,"
                        + "\"_meta\":null}]}")) {
            List<Tool> tools = server.open().listTools();

            Tool full = tools.get(0);
            assertThat(full.title()).isEqualTo("T");
            assertThat(full.description()).isEqualTo("D");
            assertThat(full.inputSchema().path("type").asString()).isEqualTo("object");
            assertThat(full.outputSchema().path("type").asString()).isEqualTo("array");
            assertThat(full.annotations()).isEqualTo(new ToolAnnotations("AT", true, null, null, null));
            assertThat(full.isHarmlessToRepeat()).isTrue();
            assertThat(full.meta().path("m").asInt()).isEqualTo(1);
            Tool bare = tools.get(1);
            assertThat(bare.inputSchema().isObject()).isTrue();
            assertThat(bare.title()).isNull();
            assertThat(bare.outputSchema()).isNull();
            assertThat(bare.annotations()).isNull();
            assertThat(bare.meta()).isNull();
            assertThat(bare.isHarmlessToRepeat()).isFalse();
        }
    }

    @Test
    void a_tool_without_a_name_is_left_out() {
        try (ScriptedServer server =
                pages(cursor -> "{\"tools\":[{\"title\":\"x\"},{\"name\":7},5,null,{\"name\":\"a\"}]}")) {
            assertThat(server.open().listTools()).extracting(Tool::name).containsExactly("a");
        }
    }

    @Test
    void a_cursor_that_comes_again_ends_the_list_at_once() {
        AtomicInteger asked = new AtomicInteger();
        try (ScriptedServer server = pages(cursor -> {
            asked.incrementAndGet();
            return "{\"tools\":[{\"name\":\"a\"}],\"nextCursor\":\"" + ("x".equals(cursor) ? "y" : "x") + "\"}";
        })) {
            McpConnection connection = server.open();

            assertThatThrownBy(connection::listTools)
                    .isInstanceOf(McpProtocolException.class)
                    .hasMessageContaining("in circles")
                    .hasMessageContaining("\"x\"");
            assertThat(asked).hasValue(3);
            assertThatThrownBy(() -> connection.listToolsAsync().join())
                    .isInstanceOf(CompletionException.class)
                    .hasCauseInstanceOf(McpProtocolException.class);
        }
    }

    @Test
    void a_list_that_is_too_large_in_all_is_given_up() {
        AtomicInteger page = new AtomicInteger();
        String schema = "\"inputSchema\":{\"title\":\"" + "x".repeat(4_000) + "\"}";
        try (ScriptedServer server = pages(cursor ->
                "{\"tools\":[{\"name\":\"a\"," + schema + "}],\"nextCursor\":\"" + page.incrementAndGet() + "\"}")) {
            assertThatThrownBy(() -> server.open("maxMessageSize=5000").listTools())
                    .isInstanceOf(McpProtocolException.class)
                    .hasMessageContaining("4 times the maxMessageSize of 5000 bytes");
            assertThat(page).hasValue(5);
        }
    }

    @Test
    void a_list_without_an_end_is_given_up() {
        AtomicInteger page = new AtomicInteger();
        try (ScriptedServer server = pages(
                        cursor -> "{\"tools\":[{\"name\":\"a\"}],\"nextCursor\":\"" + page.incrementAndGet() + "\"}")
                .forgetful()) {
            McpConnection connection = server.open();

            assertThatThrownBy(connection::listTools)
                    .isInstanceOf(McpProtocolException.class)
                    .hasMessageContaining("1000 pages");
            assertThat(page.getAndSet(0)).isEqualTo(1_000);
            assertThatThrownBy(() -> connection.listToolsAsync().join()).hasMessageContaining("1000 pages");
            assertThat(page).hasValue(1_000);
        }
    }

    @Test
    void more_tools_than_anybody_can_use_are_given_up() {
        String page = "{\"tools\":[" + "{\"name\":\"a\"},".repeat(60_000) + "{\"name\":\"b\"}],\"nextCursor\":\"";
        AtomicInteger pages = new AtomicInteger();
        try (ScriptedServer server =
                pages(cursor -> page + pages.incrementAndGet() + "\"}").forgetful()) {
            assertThatThrownBy(server.open()::listTools)
                    .isInstanceOf(McpProtocolException.class)
                    .hasMessageContaining("100000 tools");
        }
    }

    @Test
    void a_server_that_claims_no_tools_and_cannot_list_them_has_none() {
        try (ScriptedServer server = ScriptedServer.raw((message, client) -> {
            if (Answers.method(message).equals("server/discover")) {
                client.result(message, "{\"supportedVersions\":[\"2026-07-28\"],\"capabilities\":{}}");
            } else if (message.has("id")) {
                client.error(message, -32601, "Method not found");
            }
        })) {
            McpConnection connection = server.open();

            assertThat(connection.listTools()).isEmpty();
            assertThat(connection.listToolsAsync().join()).isEmpty();
        }
    }

    @Test
    void a_server_that_claims_tools_and_cannot_list_them_is_an_error() {
        try (ScriptedServer server =
                ScriptedServer.modern((message, client) -> client.error(message, -32601, "Method not found"))) {
            McpConnection connection = server.open();

            assertThatThrownBy(connection::listTools).isInstanceOf(McpRequestException.class);
            assertThatThrownBy(() -> connection.listToolsAsync().join()).hasCauseInstanceOf(McpRequestException.class);
        }
    }

    @Test
    void cancelling_a_list_cancels_the_page_that_is_awaited() {
        try (ScriptedServer server = ScriptedServer.modern((message, client) -> {})) {
            McpConnection connection = server.open();
            var list = connection.listToolsAsync();
            server.session().awaitReceived("tools/list");

            assertThat(list.cancel(true)).isTrue();

            server.session().awaitReceived("notifications/cancelled");
        }
    }
}
