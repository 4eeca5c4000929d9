package io.mcpdrivers.engine;

import io.mcpdrivers.McpProtocolException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The server wants the request again, with its state and with answers to questions of its own. Checked, and without a
 * stack trace: it is a turn in the conversation, not an error.
 *
 * @see <a href="https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/mrtr">Specification: Multi
 *     round-trip requests</a>
 */
final class InputRequired extends Exception {

    private static final long serialVersionUID = 1L;

    /** A result of a type that the specification does not know; a server's word, which is not to be shown as it is. */
    static final class UnknownType extends RuntimeException {

        private static final long serialVersionUID = 1L;

        final String type;

        private UnknownType(String type) {
            super(null, null, false, false);
            this.type = type;
        }
    }

    /** How often a server may ask before the call is given up. */
    static final int MOST_ROUNDS = 16;

    private final @Nullable String requestState;
    private final transient JsonNode inputRequests;

    private InputRequired(@Nullable String requestState, JsonNode inputRequests) {
        super("input required", null, false, false);
        this.requestState = requestState;
        this.inputRequests = inputRequests;
    }

    /**
     * Looks at the type of a result.
     *
     * @throws InputRequired if the request is to be sent again
     * @throws UnknownType if the type is none of the specification's
     */
    static void check(String resultType, JsonNode requestState, JsonNode inputRequests) throws InputRequired {
        switch (resultType) {
            case "complete" -> {}
            case "input_required" ->
                throw new InputRequired(requestState.isString() ? requestState.asString() : null, inputRequests);
            default -> throw new UnknownType(resultType);
        }
    }

    /**
     * What the server wants to know.
     *
     * @throws McpProtocolException if that is something that this client did not offer to answer
     */
    InputRequests questions(RpcChannel channel) {
        return InputRequests.read(inputRequests, channel.features(), channel.words());
    }

    /**
     * The request to send instead of the first one, with the server's state if it gave one, and without if not.
     *
     * @param answers to the questions; null if there were none
     */
    Request retry(PendingCall first, @Nullable ObjectNode answers) {
        return first.request.again(Objects.requireNonNull(first.message), requestState, answers);
    }
}
