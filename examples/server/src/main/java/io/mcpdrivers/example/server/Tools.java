package io.mcpdrivers.example.server;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.Map;

/** The tools: what they look like, and what they do. */
final class Tools {

    private static final String LIST = """
            [{
              "name": "echo",
              "description": "Gives a message back.",
              "inputSchema": {
                "type": "object",
                "properties": {"message": {"type": "string", "description": "What to give back"}},
                "required": ["message"]
              },
              "annotations": {"readOnlyHint": true, "openWorldHint": false}
            }, {
              "name": "add",
              "description": "Adds two numbers.",
              "inputSchema": {
                "type": "object",
                "properties": {"a": {"type": "number"}, "b": {"type": "number"}},
                "required": ["a", "b"]
              },
              "outputSchema": {
                "type": "object",
                "properties": {"sum": {"type": "number"}},
                "required": ["sum"]
              },
              "annotations": {"readOnlyHint": true, "openWorldHint": false}
            }, {
              "name": "counter",
              "description": "Counts its calls since this process started, so it shows which calls met the same process.",
              "inputSchema": {"type": "object"},
              "outputSchema": {
                "type": "object",
                "properties": {"count": {"type": "integer"}},
                "required": ["count"]
              },
              "annotations": {"readOnlyHint": false, "destructiveHint": false, "openWorldHint": false}
            }]
            """;

    private int count;

    Map<String, Object> list() {
        return Json.object("tools", Json.read(LIST));
    }

    Map<String, Object> call(Map<String, Object> params) throws RequestError {
        Object name = params.get("name");
        Map<String, Object> arguments = Json.child(params, "arguments");
        if ("echo".equals(name)) {
            return arguments.get("message") instanceof String message
                    ? text(message)
                    : failure("Expected 'message', a string");
        } else if ("add".equals(name)) {
            // A precision, so that 1e999999999 does not become a number of as many digits.
            return arguments.get("a") instanceof BigDecimal a && arguments.get("b") instanceof BigDecimal b
                    ? structured(Json.object("sum", a.add(b, MathContext.DECIMAL128)))
                    : failure("Expected 'a' and 'b', two numbers");
        } else if ("counter".equals(name)) {
            return structured(Json.object("count", ++count));
        }
        throw new RequestError(RequestError.INVALID_PARAMS, "Unknown tool: " + name);
    }

    private static Map<String, Object> text(String text) {
        return Json.object("content", List.of(Json.object("type", "text", "text", text)));
    }

    /** Structured content, and the same as text for clients that know text alone. */
    private static Map<String, Object> structured(Map<String, Object> content) {
        Map<String, Object> result = text(Json.write(content));
        result.put("structuredContent", content);
        return result;
    }

    /** What the caller can do better: a result that is marked as an error, where a model gets to see it. */
    private static Map<String, Object> failure(String message) {
        Map<String, Object> result = text(message);
        result.put("isError", true);
        return result;
    }
}
