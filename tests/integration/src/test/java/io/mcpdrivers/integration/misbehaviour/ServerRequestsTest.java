package io.mcpdrivers.integration.misbehaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.McpConnection;
import io.mcpdrivers.integration.Await;
import io.mcpdrivers.integration.Connections;
import io.mcpdrivers.schema.CallToolResult;
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
}
