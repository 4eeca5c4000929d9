package io.mcpdrivers;

import org.jspecify.annotations.Nullable;

/**
 * No connection could be had: the server cannot start, has exited, cannot be reached or refuses. For a process the message
 * holds the command, the exit code and the last lines of its standard error.
 *
 * <p>A call fails with it, and not with a subclass, if the server has refused the request without a word of the protocol,
 * as over HTTP with status 404 or 429. The connection is in order then, and nothing was sent again.
 */
public class McpConnectionException extends McpException {

    private static final long serialVersionUID = 1L;

    private final boolean mayHaveExecuted;

    /**
     * Creates an exception about something that the server has certainly not carried out.
     *
     * @param message what happened, with values and the next step, without secrets
     * @param cause the failure beneath; may be null
     */
    public McpConnectionException(String message, @Nullable Throwable cause) {
        this(message, false, cause);
    }

    /**
     * Creates an exception.
     *
     * @param message what happened, with values and the next step, without secrets
     * @param mayHaveExecuted whether the server may have carried out what was asked of it
     * @param cause the failure beneath; may be null
     */
    public McpConnectionException(String message, boolean mayHaveExecuted, @Nullable Throwable cause) {
        super(message, cause);
        this.mayHaveExecuted = mayHaveExecuted;
    }

    /**
     * Whether the server may have carried out what was asked of it.
     *
     * @return false if it certainly has not, so that the request may be sent again
     */
    @Override
    public boolean mayHaveExecuted() {
        return mayHaveExecuted;
    }
}
