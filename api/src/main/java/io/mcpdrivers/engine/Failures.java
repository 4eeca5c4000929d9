package io.mcpdrivers.engine;

import io.mcpdrivers.McpAuthorizationException;
import io.mcpdrivers.McpConfigurationException;
import io.mcpdrivers.McpConnectionException;
import io.mcpdrivers.McpConnectionLostException;
import io.mcpdrivers.McpException;
import io.mcpdrivers.McpInterruptedException;
import io.mcpdrivers.McpProtocolException;
import io.mcpdrivers.McpTimeoutException;
import io.mcpdrivers.spi.TransportException;
import org.jspecify.annotations.Nullable;

/** Turns what transports report into what callers get. */
final class Failures {

    private Failures() {}

    /** A transport could not be opened, or was lost before the connection was usable. */
    static McpException connecting(TransportException e) {
        String message = String.valueOf(e.getMessage());
        return switch (e.kind()) {
            case CONFIGURATION -> new McpConnectionException(message, e);
            case AUTHORIZATION -> new McpAuthorizationException(message, e);
            case PROTOCOL -> new McpProtocolException(message, e);
            case REJECTED, SESSION_LOST, CONNECTION, TIMEOUT -> new McpConnectionException(message, e);
        };
    }

    /** A request could not be carried, or its connection was lost. */
    static McpException calling(TransportException e, boolean mayHaveExecuted) {
        String message = String.valueOf(e.getMessage());
        return switch (e.kind()) {
            case CONFIGURATION, REJECTED, SESSION_LOST, CONNECTION -> lost(message, mayHaveExecuted, e);
            case AUTHORIZATION -> new McpAuthorizationException(message, e);
            case PROTOCOL -> new McpProtocolException(message, e);
            case TIMEOUT -> new McpTimeoutException(message, mayHaveExecuted, e);
        };
    }

    /**
     * What a failure means for a call after rounds in which the server has acted on it: this message may not have
     * arrived, but the ones before have.
     */
    static McpException afterRounds(McpException e, int rounds) {
        if (rounds > 0 && e instanceof McpConnectionLostException lost && !lost.mayHaveExecuted()) {
            return new McpConnectionLostException(
                    lost.getMessage() + "; the server has acted on what was sent before", true, lost);
        }
        if (rounds > 0 && e instanceof McpTimeoutException late && !late.mayHaveExecuted()) {
            return new McpTimeoutException(
                    late.getMessage() + "; the server has acted on what was sent before", true, late);
        }
        return e;
    }

    /** A connection was lost. */
    static McpConnectionLostException lost(String reason, boolean mayHaveExecuted, @Nullable Throwable cause) {
        return new McpConnectionLostException(
                reason
                        + (mayHaveExecuted
                                ? " (the request may have been carried out)"
                                : " (the request was not carried out)"),
                mayHaveExecuted,
                cause);
    }

    /** What a failed handshake is for the one who wanted a connection. */
    static McpException handshake(McpException e, ServerTarget target, String lastWords) {
        if (e instanceof McpTimeoutException) {
            return new McpConnectionException(
                    "Server '" + target.name() + "' (" + target.uri()
                            + ") did not become usable within the connectTimeout of "
                            + Text.duration(target.connectTimeout()) + ": " + e.getMessage()
                            + (lastWords.isEmpty() ? "" : ". The last it wrote beside the protocol:\n" + lastWords),
                    e);
        }
        if (e instanceof McpConnectionLostException) {
            // Whether a request was delivered is of no interest when there is no connection yet.
            Throwable reason = e.getCause() instanceof TransportException transport ? transport : e;
            return new McpConnectionException(String.valueOf(reason.getMessage()), e);
        }
        if (e instanceof McpConnectionException
                || e instanceof McpAuthorizationException
                || e instanceof McpProtocolException
                || e instanceof McpInterruptedException
                || e instanceof McpConfigurationException) {
            return e;
        }
        return new McpConnectionException(
                "Server '" + target.name() + "' (" + target.uri() + ") refuses the connection: " + e.getMessage(), e);
    }
}
