package io.mcpdrivers;

import org.jspecify.annotations.Nullable;

/**
 * A URI, parameter or setting that cannot be used: malformed, unknown, not set, or without a driver. Trying again without
 * changing it fails again.
 */
public class McpConfigurationException extends McpException {

    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception.
     *
     * @param message what happened, with values and the next step, without secrets
     * @param cause the failure beneath; may be null
     */
    public McpConfigurationException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
