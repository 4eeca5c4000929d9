package io.mcpdrivers.engine;

import io.mcpdrivers.McpException;

/**
 * What can be done about a failure of which it is certain that the server has not acted on the request, so that the
 * request may be sent again. Each is tried once per call. Thread-safe.
 */
interface Remedy {

    /** Whether the failure is of the kind that this helps against. No I/O. */
    boolean helps(PendingCall failed, McpException failure);

    /**
     * Does what is needed. Blocks, but not beyond the call's deadline.
     *
     * @return the request to send in place of the failed one
     * @throws McpException if it did not help; unless the thread was interrupted, the caller is told what
     *     {@link #reason} makes of it
     */
    Request apply(PendingCall failed, McpException failure);

    /** What the caller is told if this did not help: by default of the first failure. */
    default McpException reason(McpException failure, McpException whyNot) {
        failure.addSuppressed(whyNot);
        return failure;
    }
}
