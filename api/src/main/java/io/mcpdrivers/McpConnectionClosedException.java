package io.mcpdrivers;

import org.jspecify.annotations.Nullable;

/**
 * A connection was used after its {@link McpConnection#close()}: an error of the program.
 */
public class McpConnectionClosedException extends McpException {

    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception.
     *
     * @param message what happened, with values and the next step, without secrets
     * @param cause the failure beneath; may be null
     */
    public McpConnectionClosedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
