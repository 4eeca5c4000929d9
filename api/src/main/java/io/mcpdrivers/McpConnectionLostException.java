package io.mcpdrivers;

import org.jspecify.annotations.Nullable;

/** A connection that worked was lost while a request was under way. */
public class McpConnectionLostException extends McpConnectionException {

    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception.
     *
     * @param message what happened, with values and the next step, without secrets
     * @param mayHaveExecuted whether the server may have carried out the request
     * @param cause the failure beneath; may be null
     */
    public McpConnectionLostException(String message, boolean mayHaveExecuted, @Nullable Throwable cause) {
        super(message, mayHaveExecuted, cause);
    }
}
