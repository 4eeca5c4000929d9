package io.mcpdrivers;

import org.jspecify.annotations.Nullable;

/**
 * The server refuses for lack of authorization, or asks for it.
 */
public class McpAuthorizationException extends McpConnectionException {

    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception.
     *
     * @param message what happened, with values and the next step, without secrets
     * @param cause the failure beneath; may be null
     */
    public McpAuthorizationException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
