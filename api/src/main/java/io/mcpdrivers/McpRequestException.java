package io.mcpdrivers;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The server answered a request with a JSON-RPC error. The connection is in order, and nothing was retried.
 *
 * @see <a href="https://www.jsonrpc.org/specification#error_object">JSON-RPC 2.0: Error object</a>
 */
public class McpRequestException extends McpException {

    private static final long serialVersionUID = 1L;

    private final int code;
    private final String serverMessage;
    private final transient @Nullable JsonNode data;

    /**
     * Creates an exception.
     *
     * @param message what was asked, and the answer
     * @param code the error's code
     * @param serverMessage the error's message as the server wrote it
     * @param data the error's data; null if it has none
     */
    public McpRequestException(String message, int code, String serverMessage, @Nullable JsonNode data) {
        super(message, null);
        this.code = code;
        this.serverMessage = serverMessage;
        this.data = data;
    }

    /**
     * The error's code, for example -32601 for an unknown method, -32602 for invalid parameters.
     *
     * @return the code
     */
    public int code() {
        return code;
    }

    /**
     * The error's message as the server wrote it.
     *
     * @return the message; may be empty
     */
    public String serverMessage() {
        return serverMessage;
    }

    /**
     * What the server added to the error.
     *
     * @return the data, or null if there is none; also null after serialization of this exception
     */
    public @Nullable JsonNode data() {
        return data;
    }

    /**
     * A server that answers with an error may have begun what was asked.
     *
     * @return true
     */
    @Override
    public boolean mayHaveExecuted() {
        return true;
    }
}
