package io.mcpdrivers.integration.misbehaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.CallOptions;
import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpProtocolException;
import io.mcpdrivers.McpTimeoutException;
import io.mcpdrivers.integration.Await;
import io.mcpdrivers.integration.Connections;
import io.mcpdrivers.schema.CallToolResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Servers that ask the client something in the middle of a call. */
class ServerRequestsTest {

    @RegisterExtension
    final Connections connections = Connections.perTest();

    private McpConnection connection;

    @BeforeEach
    void open() {
        connection = connections.fixture();
    }

    private JsonNode ask(Map<String, ?> arguments) {
        CallToolResult result = connection.callTool("ask", arguments);
        assertThat(result.isError()).as(result.text()).isFalse();
        return JsonMapper.shared().readTree(result.text());
    }

    @Test
    void a_ping_is_answered() {
        JsonNode response = ask(Map.of("method", "ping"));
        assertThat(response.path("result").isObject()).isTrue();
        assertThat(response.path("result")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"sampling/createMessage", "roots/list", "elicitation/create", "no/such/method"})
    void what_nobody_handles_is_refused(String method) {
        JsonNode response = ask(Map.of("method", method, "params", Map.of("messages", List.of())));
        assertThat(response.path("error").path("code").asInt()).isEqualTo(-32601);
        assertThat(response.path("error").path("message").asString()).contains(method);
    }

    @Test
    void the_id_is_given_back_as_it_was() {
        assertThat(ask(Map.of("method", "ping", "id", "a \"string\" 😀"))
                        .path("id")
                        .asString())
                .isEqualTo("a \"string\" 😀");
        assertThat(ask(Map.of("method", "ping", "id", 9_007_199_254_740_991L))
                        .path("id")
                        .asLong())
                .isEqualTo(9_007_199_254_740_991L);
    }

    /** The ids of both sides are counted apart. */
    @Test
    void requests_of_the_server_do_not_disturb_calls_with_the_same_ids() {
        List<CompletableFuture<CallToolResult>> asking = new ArrayList<>();
        List<CompletableFuture<CallToolResult>> echoing = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            asking.add(connection.callToolAsync("ask", Map.of("method", "ping")));
            echoing.add(connection.callToolAsync("echo", Map.of("message", "message " + i)));
        }
        for (int i = 0; i < 50; i++) {
            assertThat(Await.result(asking.get(i)).text()).contains("\"result\":{}");
            assertThat(Await.result(echoing.get(i)).text()).isEqualTo("message " + i);
        }
    }

    /** Since 2026-07-28 servers make no requests, and clients answer none. */
    @Test
    void a_request_of_a_modern_server_is_not_answered_and_disturbs_nothing() {
        McpConnection modern = connections.fixture("era=modern");
        CallToolResult result = modern.callTool("ask", Map.of("method", "ping", "timeout", 300));
        assertThat(result.isError()).isTrue();
        assertThat(result.text()).isEqualTo("the client did not answer");
        assertThat(modern.callTool("echo", Map.of("message", "next")).text()).isEqualTo("next");
    }

    @Test
    void a_modern_server_that_wants_the_request_again_gets_it_with_its_state() {
        McpConnection modern = connections.fixture("era=modern");
        assertThat(modern.callTool("input_required", Map.of("rounds", 4)).text())
                .contains("completed");
        assertThat(Await.result(modern.callToolAsync("input_required", Map.of("rounds", 2)))
                        .isError())
                .isFalse();
    }

    @Test
    void a_modern_server_that_asks_for_what_the_client_cannot_give_fails_its_call_alone() {
        McpConnection modern = connections.fixture("era=modern");
        assertThatThrownBy(() -> modern.callTool("input_required_elicit", Map.of("force", true)))
                .isInstanceOf(McpProtocolException.class)
                .hasMessageContaining("elicitation/create");
        assertThat(modern.callTool("echo", Map.of("message", "next")).text()).isEqualTo("next");
    }

    @Test
    void the_timeout_counts_for_all_rounds_of_a_call_together() {
        McpConnection modern = connections.fixture("era=modern");
        assertThatThrownBy(() -> modern.callTool(
                        "input_required", Map.of("rounds", 1_000), CallOptions.timeout(Duration.ofMillis(500))))
                .isInstanceOf(McpTimeoutException.class);
        assertThat(modern.callTool("echo", Map.of("message", "next")).text()).isEqualTo("next");
    }
}
