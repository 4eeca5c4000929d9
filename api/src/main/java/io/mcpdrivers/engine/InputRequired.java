package io.mcpdrivers.engine;

import io.mcpdrivers.McpProtocolException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The server wants the request again, with its state and with answers to questions of its own. Checked, and without a
 * stack trace: it is a turn in the conversation, not an error.
 *
 * @see <a href="https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/mrtr">Specification: Multi
 *     round-trip requests</a>
 */
final class InputRequired extends Exception {

    private static final long serialVersionUID = 1L;

    /** How often a server may ask before the call is given up. */
    static final int MOST_ROUNDS = 16;

    private final @Nullable String requestState;

    private InputRequired(@Nullable String requestState) {
        super("input required", null, false, false);
        this.requestState = requestState;
    }

    /**
     * Looks at the type of a result.
     *
     * @throws InputRequired if the request is to be sent again
     * @throws McpProtocolException if the type is none of the specification's, or asks for what this client did not
     *     offer
     */
    static void check(String resultType, JsonNode requestState, JsonNode inputRequests) throws InputRequired {
        switch (resultType) {
            case "complete" -> {}
            case "input_required" -> {
                if (!inputRequests.isEmpty()) {
                    List<String> methods = new ArrayList<>();
                    inputRequests.forEach(request ->
                            methods.add(Json.quote(request.path("method").asString(""))));
                    throw new McpProtocolException(
                            "The server asks for input that this client did not offer to give: " + methods, null);
                }
                throw new InputRequired(requestState.isString() ? requestState.asString() : null);
            }
            default ->
                throw new McpProtocolException(
                        "The server sent a result of the unknown type " + Json.quote(resultType), null);
        }
    }

    /** The request to send instead, which carries the server's state back. */
    Request retry(Request original) {
        String state = requestState;
        return state == null
                ? original
                : original.with(out -> {
                    out.writeName("requestState");
                    out.writeString(state);
                });
    }
}
