package io.mcpdrivers;

import org.jspecify.annotations.Nullable;

/**
 * The server sent something that the protocol does not allow, or no revision of it is common to both sides. The message
 * quotes at most 200 characters of what was sent. The server may have carried out the request.
 */
public class McpProtocolException extends McpException {

    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception.
     *
     * @param message what happened, with values and the next step, without secrets
     * @param cause the failure beneath; may be null
     */
    public McpProtocolException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean mayHaveExecuted() {
        return true;
    }
}
