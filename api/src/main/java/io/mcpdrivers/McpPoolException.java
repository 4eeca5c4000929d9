package io.mcpdrivers;

import org.jspecify.annotations.Nullable;

/**
 * The pool gives no connection: it is exhausted, closed or suspended, or the server is disabled. The message holds the
 * pool's state.
 */
public class McpPoolException extends McpException {

    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception.
     *
     * @param message what happened, with values and the next step, without secrets
     * @param cause the failure beneath; may be null
     */
    public McpPoolException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
