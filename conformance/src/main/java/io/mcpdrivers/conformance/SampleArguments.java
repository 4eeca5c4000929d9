package io.mcpdrivers.conformance;

import io.mcpdrivers.schema.Tool;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Arguments for a tool of which nothing is known but its schema. */
final class SampleArguments {

    private SampleArguments() {}

    /** A value of the right type for each property that the schema requires. */
    static Map<String, Object> of(Tool tool) {
        JsonNode schema = tool.inputSchema();
        Map<String, Object> arguments = new LinkedHashMap<>();
        for (JsonNode required : schema.path("required")) {
            String name = required.asString();
            arguments.put(name, sample(schema.path("properties").path(name)));
        }
        return arguments;
    }

    private static Object sample(JsonNode property) {
        return switch (property.path("type").asString("string")) {
            case "integer", "number" -> 1;
            case "boolean" -> true;
            case "object" -> Map.of();
            case "array" -> new Object[0];
            default -> "sample";
        };
    }
}
