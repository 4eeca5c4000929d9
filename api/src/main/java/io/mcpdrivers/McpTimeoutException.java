package io.mcpdrivers;

import org.jspecify.annotations.Nullable;

/**
 * No answer came in time. The server was told to cancel; an answer that comes late is dropped. The connection stays
 * usable.
 */
public class McpTimeoutException extends McpException {

    private static final long serialVersionUID = 1L;

    private final boolean mayHaveExecuted;

    /**
     * Creates an exception.
     *
     * @param message what was waited for, and how long
     * @param mayHaveExecuted whether the server may have carried out the request
     * @param cause the failure beneath; may be null
     */
    public McpTimeoutException(String message, boolean mayHaveExecuted, @Nullable Throwable cause) {
        super(message, cause);
        this.mayHaveExecuted = mayHaveExecuted;
    }

    @Override
    public boolean mayHaveExecuted() {
        return mayHaveExecuted;
    }
}
