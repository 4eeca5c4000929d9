package io.mcpdrivers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.schema.CallToolResult;
import io.mcpdrivers.schema.Tool;
import io.mcpdrivers.testing.Answers;
import io.mcpdrivers.testing.NothingLeft;
import io.mcpdrivers.testing.ScriptedServer;
import io.mcpdrivers.testing.ScriptedServer.Script;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Arguments in headers: known from the tool list, which is read once if a call lacked one. */
@ExtendWith(NothingLeft.class)
class HeaderMismatchTest {

    private static final int HEADER_MISMATCH = -32020;

    private static final String TOOLS =
            "{\"tools\":[{\"name\":\"t\",\"inputSchema\":{\"type\":\"object\",\"properties\":"
                    + "{\"region\":{\"type\":\"string\",\"x-mcp-header\":\"Region\"}}}},"
                    + "{\"name\":\"broken\",\"inputSchema\":{\"type\":\"object\",\"properties\":"
                    + "{\"a\":{\"type\":\"number\",\"x-mcp-header\":\"A\"}}}}]}";

    private final List<Map<String, String>> mirrored = new CopyOnWriteArrayList<>();

    /** Refuses calls without the header, as often as it is said to. */
    private ScriptedServer server(boolean refusesForEver) {
        return ScriptedServer.modern((message, client) -> {
            if (Answers.method(message).equals("tools/list")) {
                client.result(message, TOOLS);
            } else if (message.has("id")) {
                Map<String, String> headers =
                        Objects.requireNonNull(client.lastEnvelope()).mirrored();
                mirrored.add(headers);
                if (refusesForEver || headers.isEmpty()) {
                    client.error(message, HEADER_MISMATCH, "Header mismatch");
                } else {
                    client.text(message, headers.get("Region"));
                }
            }
        });
    }

    private static CallToolResult call(McpConnection connection, boolean blocking) {
        Map<String, Object> arguments = Map.of("region", "us-west1");
        return blocking
                ? connection.callTool("t", arguments)
                : connection.callToolAsync("t", arguments).join();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_call_that_lacked_a_header_is_made_again_after_one_look_at_the_tool_list(boolean blocking) {
        try (ScriptedServer server = server(false).withExchangePerRequest()) {
            McpConnection connection = server.open();

            assertThat(call(connection, blocking).text()).isEqualTo("us-west1");
            assertThat(call(connection, blocking).text()).isEqualTo("us-west1");

            assertThat(mirrored).containsExactly(Map.of(), Map.of("Region", "us-west1"), Map.of("Region", "us-west1"));
            assertThat(server.session().received("tools/list")).hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_call_that_is_refused_again_fails_with_the_server_s_words(boolean blocking) {
        try (ScriptedServer server = server(true).withExchangePerRequest()) {
            McpConnection connection = server.open();

            assertThatThrownBy(() -> call(connection, blocking))
                    .satisfies(e -> assertThat(e instanceof CompletionException ? e.getCause() : e)
                            .isInstanceOf(McpRequestException.class)
                            .hasMessageContaining("Header mismatch"));
            assertThat(mirrored).hasSize(2);
        }
    }

    @Test
    void the_tool_list_says_it_beforehand_and_leaves_out_tools_whose_annotations_are_broken() {
        try (ScriptedServer server = server(false).withExchangePerRequest()) {
            McpConnection connection = server.open();

            assertThat(connection.listTools()).extracting(Tool::name).containsExactly("t");
            assertThat(connection.listToolsAsync().join())
                    .extracting(Tool::name)
                    .containsExactly("t");
            assertThat(call(connection, true).text()).isEqualTo("us-west1");
            assertThat(connection
                            .request("tools/call", Map.of("name", "t", "arguments", Map.of("region", "eu")))
                            .toString())
                    .contains("eu");
            assertThat(mirrored).containsExactly(Map.of("Region", "us-west1"), Map.of("Region", "eu"));
        }
    }

    @Test
    void a_transport_without_headers_has_no_use_for_annotations() {
        try (ScriptedServer server = server(true)) {
            McpConnection connection = server.open();

            assertThat(connection.listTools()).extracting(Tool::name).containsExactly("t", "broken");
            assertThatThrownBy(() -> call(connection, true)).isInstanceOf(McpRequestException.class);
            assertThat(mirrored).containsExactly(Map.of());
        }
    }

    @Test
    void calls_that_are_refused_at_once_all_succeed() {
        try (ScriptedServer server = server(false).withExchangePerRequest()) {
            McpConnection connection = server.open();
            List<CompletableFuture<CallToolResult>> calls = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                calls.add(connection.callToolAsync("t", Map.of("region", "r" + i)));
            }
            for (int i = 0; i < calls.size(); i++) {
                assertThat(calls.get(i).join().text()).isEqualTo("r" + i);
            }
            McpBatch batch = connection.batch();
            batch.add("t", Map.of("region", "b"));
            assertThat(batch.execute().get(0).result().text()).isEqualTo("b");
        }
    }

    @Test
    void an_argument_that_fits_no_header_fails_its_call_alone() {
        try (ScriptedServer server = server(false).withExchangePerRequest()) {
            McpConnection connection = server.open();
            connection.listTools();
            Map<String, Object> tooLarge = Map.of("region", 1L << 60);

            assertThat(connection.callToolAsync("t", tooLarge))
                    .failsWithin(Duration.ofSeconds(10))
                    .withThrowableThat()
                    .withMessageContaining("2^53");
            List<McpBatch.Outcome> outcomes = connection
                    .batch()
                    .add("t", tooLarge)
                    .add("t", Map.of("region", "eu"))
                    .execute();
            assertThat(outcomes.get(0).error()).hasMessageContaining("2^53");
            assertThat(outcomes.get(1).get().text()).isEqualTo("eu");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_tool_list_without_end_does_not_outlast_the_call(boolean blocking) {
        AtomicInteger pages = new AtomicInteger();
        Script endless = (message, client) -> {
            if (Answers.method(message).equals("tools/list")) {
                client.result(message, "{\"tools\":[],\"nextCursor\":\"" + pages.incrementAndGet() + "\"}");
                // One page takes its time, as it does over a network.
                LockSupport.parkNanos(20_000_000);
            } else if (message.has("id")) {
                client.error(message, HEADER_MISMATCH, "Header mismatch");
            }
        };
        try (ScriptedServer server = ScriptedServer.modern(endless).withExchangePerRequest()) {
            McpConnection connection = server.open("requestTimeout=3s");

            assertThatThrownBy(() -> call(connection, blocking)).hasMessageContaining("Header mismatch");
            assertThat(pages).hasValueLessThan(900);
        }
    }
}
