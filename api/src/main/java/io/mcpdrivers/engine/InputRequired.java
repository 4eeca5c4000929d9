package io.mcpdrivers.engine;

import io.mcpdrivers.McpProtocolException;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
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

    /** How many different ones an error message names. */
    private static final int MOST_METHODS = 5;

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
                    Set<String> methods = new TreeSet<>();
                    for (JsonNode request : inputRequests) {
                        methods.add(request.path("method").asString(""));
                        if (methods.size() > MOST_METHODS) {
                            break;
                        }
                    }
                    throw new McpProtocolException(
                            "The server asks for input that this client did not offer to give: "
                                    + Json.quote(String.join(", ", methods)),
                            null);
                }
                throw new InputRequired(requestState.isString() ? requestState.asString() : null);
            }
            default ->
                throw new McpProtocolException(
                        "The server sent a result of the unknown type " + Json.quote(resultType), null);
        }
    }

    /** The request to send instead of the first one, with the server's state if it gave one, and without if not. */
    Request retry(PendingCall first) {
        return first.request.again(Objects.requireNonNull(first.message), requestState);
    }
}
