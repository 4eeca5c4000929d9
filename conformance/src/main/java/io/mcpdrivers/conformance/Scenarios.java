package io.mcpdrivers.conformance;

import io.mcpdrivers.ElicitationResult;
import io.mcpdrivers.McpConnection;
import io.mcpdrivers.schema.Tool;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** What to do in which scenario. The suite checks what it sees on the wire. */
final class Scenarios {

    /** What the client does. */
    interface Scenario {
        void run(Server server);
    }

    private static final Map<String, Scenario> BY_NAME = Map.of(
            "initialize", Scenarios::listTools,
            "json-schema-ref-no-deref", Scenarios::listTools,
            "tools_call", Scenarios::addNumbers,
            "request-metadata", Scenarios::listToolsWithHandlers,
            "elicitation-sep1034-client-defaults", Scenarios::acceptDefaults,
            "sep-2322-client-request-state", Scenarios::answerInputRequests,
            "sse-retry", server -> callOne(server, "test_reconnection"),
            "http-standard-headers", Scenarios::useEveryNamedMethod,
            "http-custom-headers", Scenarios::callAsTheContextSays,
            "json-schema-2020-12-preservation", Scenarios::echoSchema);

    private Scenarios() {}

    /** The scenario of that name; for those without one of their own, every tool is listed and called. */
    static Scenario named(String name) {
        return BY_NAME.getOrDefault(name, Scenarios::callEveryTool);
    }

    private static void listTools(Server server) {
        try (McpConnection connection = server.open()) {
            connection.listTools();
        }
    }

    /** Has every capability declared that this client has. */
    private static void listToolsWithHandlers(Server server) {
        try (McpConnection connection = server.open(request -> ElicitationResult.cancel())) {
            connection.listTools();
        }
    }

    private static void addNumbers(Server server) {
        try (McpConnection connection = server.open()) {
            connection.listTools();
            connection.callTool("add_numbers", Map.of("a", 5, "b", 3)).orThrow();
        }
    }

    private static void callOne(Server server, String tool) {
        try (McpConnection connection = server.open()) {
            connection.listTools();
            connection.callTool(tool, Map.of()).orThrow();
        }
    }

    private static void callEveryTool(Server server) {
        try (McpConnection connection = server.open()) {
            for (Tool tool : connection.listTools()) {
                connection.callTool(tool.name(), SampleArguments.of(tool)).orThrow();
            }
        }
    }

    /** The user accepts and fills in nothing: what is sent are the schema's defaults. */
    private static void acceptDefaults(Server server) {
        try (McpConnection connection = server.open(request -> ElicitationResult.accept())) {
            connection.listTools();
            connection.callTool("test_client_elicitation_defaults", Map.of()).orThrow();
        }
    }

    /** While one tool waits for its answer, another one is called, which must not get anything of that. */
    private static void answerInputRequests(Server server) {
        McpConnection[] connected = new McpConnection[1];
        try (McpConnection connection = server.open(request -> {
            connected[0].callTool("test_mrtr_unrelated", Map.of()).orThrow();
            return ElicitationResult.accept(Map.of("confirmed", true));
        })) {
            connected[0] = connection;
            connection.listTools();
            for (String tool : List.of("test_mrtr_echo_state", "test_mrtr_no_state", "test_mrtr_no_result_type")) {
                connection.callTool(tool, Map.of()).orThrow();
            }
        }
    }

    private static void useEveryNamedMethod(Server server) {
        try (McpConnection connection = server.open()) {
            for (Tool tool : connection.listTools()) {
                connection.callTool(tool.name(), Map.of()).orThrow();
            }
            JsonNode resources = connection.request("resources/list", null).path("resources");
            for (JsonNode resource : resources) {
                connection.request(
                        "resources/read", Map.of("uri", resource.path("uri").asString()));
            }
            JsonNode prompts = connection.request("prompts/list", null).path("prompts");
            for (JsonNode prompt : prompts) {
                connection.request(
                        "prompts/get", Map.of("name", prompt.path("name").asString()));
            }
        }
    }

    private static void callAsTheContextSays(Server server) {
        try (McpConnection connection = server.open()) {
            connection.listTools();
            for (JsonNode call : server.readContext().path("toolCalls")) {
                connection
                        .callTool(call.path("name").asString(), call.path("arguments"))
                        .orThrow();
            }
        }
    }

    private static void echoSchema(Server server) {
        try (McpConnection connection = server.open()) {
            for (Tool tool : connection.listTools()) {
                if (tool.name().equals("json_schema_2020_12_tool")) {
                    connection
                            .callTool("json_schema_echo", Map.of("schema", tool.inputSchema()))
                            .orThrow();
                }
            }
        }
    }
}
