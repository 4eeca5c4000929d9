package io.mcpdrivers.integration.npm;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.ConnectionOptions;
import io.mcpdrivers.ElicitationRequest;
import io.mcpdrivers.ElicitationResult;
import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpDrivers;
import io.mcpdrivers.integration.Await;
import io.mcpdrivers.integration.Connections;
import io.mcpdrivers.pool.McpPool;
import io.mcpdrivers.schema.Tool;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Real servers that ask the user in the middle of a call, in both eras and over each transport. */
class ElicitationTest {

    private static final String REFERENCE_TOOL = "trigger-elicitation-request";

    @RegisterExtension
    final Connections connections = Connections.perTest();

    private final List<ElicitationRequest> asked = new CopyOnWriteArrayList<>();

    private McpConnection open(String uri, Map<String, ?> answer) {
        return connections.closing(McpDrivers.open(uri, options(answer)));
    }

    private ConnectionOptions options(Map<String, ?> answer) {
        return ConnectionOptions.defaults().withElicitation(request -> {
            asked.add(request);
            return ElicitationResult.accept(answer);
        });
    }

    private void assertReferenceServerIsAnswered(String uri) {
        McpConnection connection = open(uri, Map.of("name", "Ada", "check", true));
        assertThat(connection.listTools()).extracting(Tool::name).contains(REFERENCE_TOOL);
        String text = connection.callTool(REFERENCE_TOOL, Map.of()).text();
        assertThat(text).contains("Ada", "\"action\": \"accept\"", "It was a dark and stormy night.");
        assertThat(asked).hasSize(1);
        assertThat(asked.get(0).message()).contains("provide inputs");
        assertThat(asked.get(0).requestedSchema().path("properties").has("firstLine"))
                .isTrue();
    }

    private void assertModernServerIsAnswered(McpConnection connection) {
        Map<String, String> question = Map.of("question", "Really?");
        JsonNode expected =
                JsonMapper.shared().readTree("{\"action\":\"accept\",\"content\":{\"sure\":false,\"score\":95.5}}");
        JsonMapper json = JsonMapper.shared();
        assertThat(json.readTree(connection.callTool("confirm", question).text()))
                .isEqualTo(expected);
        assertThat(json.readTree(Await.result(connection.callToolAsync("confirm", question))
                        .text()))
                .isEqualTo(expected);
        assertThat(asked).extracting(ElicitationRequest::message).containsExactly("Really?", "Really?");
    }

    @Test
    void the_reference_server_over_stdio() {
        assertReferenceServerIsAnswered(NpmServers.everything());
    }

    @Test
    void the_reference_server_over_http() {
        assertReferenceServerIsAnswered("mcp:"
                + connections.server(NpmHttpServer.everything("streamableHttp")).url("/mcp"));
    }

    @Test
    void the_reference_server_over_http_with_sse() {
        assertReferenceServerIsAnswered(
                "mcp:sse:" + connections.server(NpmHttpServer.everything("sse")).url("/sse"));
    }

    @Test
    void without_a_handler_the_reference_server_has_no_such_tool() {
        assertThat(connections.open(NpmServers.everything()).listTools())
                .extracting(Tool::name)
                .contains("echo")
                .doesNotContain(REFERENCE_TOOL);
    }

    @Test
    void a_modern_server_over_stdio() {
        assertModernServerIsAnswered(open(NpmServers.modern(), Map.of("sure", false)));
    }

    @Test
    void a_modern_server_over_http() {
        assertModernServerIsAnswered(
                open("mcp:" + connections.server(NpmHttpServer.modern(Map.of())).url("/mcp"), Map.of("sure", false)));
    }

    @Test
    void a_modern_server_in_its_legacy_mode() {
        assertModernServerIsAnswered(open(NpmServers.modern() + "&protocol=2025-11-25", Map.of("sure", false)));
    }

    @Test
    void a_server_of_a_pool_asks_under_the_name_that_it_has_there() {
        McpPool pool = connections.closing(McpPool.builder()
                .server("careful", NpmServers.modern(), options(Map.of("sure", false)))
                .build());
        try (McpConnection lease = pool.getConnection("careful")) {
            assertModernServerIsAnswered(lease);
        }
        assertThat(asked).extracting(ElicitationRequest::serverName).containsOnly("careful");
    }
}
