package io.mcpdrivers.conformance;

import io.mcpdrivers.ConnectionOptions;
import io.mcpdrivers.ElicitationHandler;
import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpDrivers;
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

    /** One process plays all the servers at once, on a machine that may be busy. */
    private static final String PATIENCE = "#connectTimeout=2m&requestTimeout=2m";

    /** Connects as any application would: the era and the revision are found out, not told. */
    McpConnection open() {
        return McpDrivers.open("mcp:" + url + PATIENCE);
    }

    /**
     * Connects, and declares that this client can ask its user.
     *
     * @param answer gives what is answered
     */
    McpConnection open(ElicitationHandler answer) {
        return McpDrivers.open(
                "mcp:" + url + PATIENCE, ConnectionOptions.defaults().withElicitation(answer));
    }

    JsonNode readContext() {
        return JsonMapper.shared().readTree(context == null ? "{}" : context);
    }
}
