package io.mcpdrivers.example.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpDrivers;
import io.mcpdrivers.McpRequestException;
import io.mcpdrivers.schema.CallToolResult;
import io.mcpdrivers.schema.Tool;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExampleServerTest {

    private static final String URI = "mcp:stdio:${sys:java.home}/bin/java?arg=-cp&arg=${sys:java.class.path}&arg="
            + ExampleServer.class.getName();

    @AfterEach
    void no_process_is_left() {
        assertThat(ProcessHandle.current().descendants()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"})
    void tools_work_in_every_revision(String revision) {
        try (McpConnection connection = McpDrivers.open(URI, Map.of("protocol", revision))) {
            assertThat(connection.metadata().protocolVersion()).isEqualTo(revision);
            assertThat(connection.metadata().serverName()).isEqualTo("example-server");
            assertThat(connection.metadata().capabilities().has("tools")).isTrue();
            assertThat(connection.metadata().instructions()).isNotEmpty();
            assertThat(connection.listTools()).extracting(Tool::name).containsExactly("echo", "add", "counter");
            assertThat(connection
                            .callTool("echo", Map.of("message", "gr\u00fc\u00dfe \ud83d\ude00\n"))
                            .text())
                    .isEqualTo("gr\u00fc\u00dfe \ud83d\ude00\n");
            CallToolResult sum = connection.callTool("add", Map.of("a", 0.1, "b", 0.2));
            assertThat(sum.structuredContent()).hasToString("{\"sum\":0.3}");
            assertThat(sum.text()).isEqualTo("{\"sum\":0.3}");
            connection.callTool("counter", Map.of());
            assertThat(connection.callTool("counter", Map.of()).structuredContent())
                    .hasToString("{\"count\":2}");
            connection.ping();
        }
    }

    @Test
    void the_newest_revision_is_agreed_on_if_none_is_asked_for() {
        try (McpConnection connection = McpDrivers.open(URI)) {
            assertThat(connection.metadata().protocolVersion()).isEqualTo("2026-07-28");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"2025-11-25", "2026-07-28"})
    void mistakes_are_told(String revision) {
        try (McpConnection connection = McpDrivers.open(URI, Map.of("protocol", revision))) {
            CallToolResult wrong = connection.callTool("add", Map.of("a", "one", "b", 2));
            assertThat(wrong.isError()).isTrue();
            assertThat(wrong.text()).isEqualTo("Expected 'a' and 'b', two numbers");
            assertThat(connection.callTool("echo", Map.of()).isError()).isTrue();
            assertThatThrownBy(() -> connection.callTool("subtract", Map.of()))
                    .isInstanceOfSatisfying(McpRequestException.class, e -> {
                        assertThat(e.code()).isEqualTo(-32602);
                        assertThat(e.serverMessage()).isEqualTo("Unknown tool: subtract");
                    });
            assertThatThrownBy(() -> connection.request("prompts/list", null))
                    .isInstanceOfSatisfying(
                            McpRequestException.class, e -> assertThat(e.code()).isEqualTo(-32601));
        }
    }

    @Test
    void messages_that_a_good_client_does_not_send_are_answered_too() throws Exception {
        String modern = "\"_meta\":{\"io.modelcontextprotocol/clientCapabilities\":{},"
                + "\"io.modelcontextprotocol/protocolVersion\":";
        assertThat(talk(
                        "no JSON",
                        "",
                        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}",
                        "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"server/discover\",\"params\":{" + modern
                                + "\"1900-01-01\"}}}",
                        "{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"server/discover\"}",
                        "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/unknown\"}",
                        "{\"jsonrpc\":\"2.0\",\"id\":4,\"result\":{}}",
                        "{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"ping\",\"params\":{\"a\":1e99999999999}}",
                        "[{\"jsonrpc\":\"2.0\",\"id\":\"six\",\"method\":\"ping\"},"
                                + "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"nothing\"}]",
                        "{\"jsonrpc\":\"2.0\",\"id\":8,\"method\":\"subscriptions/listen\",\"params\":{" + modern
                                + "\"2026-07-28\"}}}"))
                .satisfiesExactly(
                        line -> assertThat(line).contains("-32700").doesNotContain("\"id\""),
                        line -> assertThat(line).contains("\"id\":1,").contains("-32602", "initialize"),
                        line -> assertThat(line)
                                .contains("\"id\":2,", "-32022", "\"supported\":[\"2026-07-28\"]", "1900-01-01"),
                        line -> assertThat(line).contains("\"id\":3,", "-32602"),
                        line -> assertThat(line).contains("-32700"),
                        line -> assertThat(line)
                                .startsWith("[{")
                                .contains("\"id\":\"six\",\"result\":{}", "\"id\":7,", "-32601")
                                .endsWith("}]"),
                        line -> assertThat(line).contains("subscriptions/acknowledged", "subscriptionId\":8"));
    }

    /** Sends lines, ends the input, and gives the lines that came until the process ended by itself. */
    private static List<String> talk(String... lines) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        System.getProperty("java.home") + "/bin/java",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ExampleServer.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            process.getOutputStream().write(String.join("\n", lines).getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
            return output.lines().toList();
        } finally {
            process.destroyForcibly().waitFor();
        }
    }
}
