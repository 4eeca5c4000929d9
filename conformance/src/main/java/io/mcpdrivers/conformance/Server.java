package io.mcpdrivers.conformance;

import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpDrivers;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The suite's server, as the client was told of it.
 *
 * @param url where it is
 * @param context what the scenario says beside that, a JSON object; null if nothing
 */
record Server(String url, @Nullable String context) {

    /** Connects as any application would: the era and the revision are found out, not told. */
    McpConnection open() {
        return McpDrivers.open("mcp:" + url);
    }

    /**
     * Connects, and declares that this client can ask its user.
     *
     * @param answer gives the content for the parameters of an {@code elicitation/create}; fields that it leaves out
     *     get the defaults of the requested schema
     */
    McpConnection open(Function<JsonNode, Map<String, ?>> answer) {
        // The one place that changes once connections take handlers.
        return open();
    }

    JsonNode readContext() {
        return JsonMapper.shared().readTree(context == null ? "{}" : context);
    }
}
