package io.mcpdrivers;

import org.jspecify.annotations.Nullable;

/**
 * No connection became free within {@code maxWait}. The message tells how many are active, idle and waiting, and what the
 * last failure to connect was.
 */
public class McpPoolExhaustedException extends McpPoolException {

    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception.
     *
     * @param message what happened, with values and the next step, without secrets
     * @param cause the failure beneath; may be null
     */
    public McpPoolExhaustedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
