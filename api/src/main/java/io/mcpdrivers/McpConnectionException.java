package io.mcpdrivers;

import org.jspecify.annotations.Nullable;

/**
 * No connection could be had: the server cannot start, has exited, cannot be reached or refuses. For a process the message
 * holds the command, the exit code and the last lines of its standard error.
 */
public class McpConnectionException extends McpException {

    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception.
     *
     * @param message what happened, with values and the next step, without secrets
     * @param cause the failure beneath; may be null
     */
    public McpConnectionException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
