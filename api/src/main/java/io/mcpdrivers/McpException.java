package io.mcpdrivers;

import org.jspecify.annotations.Nullable;

/**
 * Something went wrong between this client and an MCP server: the counterpart of {@code SQLException}, but unchecked.
 * The kinds tell what a caller can do; messages name the server and the reason and hold no secret.
 */
public class McpException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception.
     *
     * @param message what happened, with values and the next step, without secrets
     * @param cause the failure beneath; may be null
     */
    public McpException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /**
     * Whether the server may have carried out what was asked of it although the call failed.
     *
     * @return false only if it certainly has not
     */
    public boolean mayHaveExecuted() {
        return false;
    }
}
