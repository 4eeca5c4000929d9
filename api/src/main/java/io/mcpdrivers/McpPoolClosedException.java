package io.mcpdrivers;

import org.jspecify.annotations.Nullable;

/**
 * The pool was closed, before or while a connection was waited for.
 */
public class McpPoolClosedException extends McpPoolException {

    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception.
     *
     * @param message what happened, with values and the next step, without secrets
     * @param cause the failure beneath; may be null
     */
    public McpPoolClosedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
