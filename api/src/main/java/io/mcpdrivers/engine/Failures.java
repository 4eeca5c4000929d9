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
            case REJECTED, REFUSED, SESSION_LOST, CONNECTION, TIMEOUT -> new McpConnectionException(message, e);
        };
    }

    /** A request could not be carried, was refused without a word of the protocol, or its connection was lost. */
    static McpException calling(TransportException e, boolean mayHaveExecuted) {
        String message = String.valueOf(e.getMessage());
        return switch (e.kind()) {
            case SESSION_LOST, CONNECTION -> lost(message, mayHaveExecuted, e);
            case CONFIGURATION -> refused(e, "mend what is named here", mayHaveExecuted);
            case REJECTED -> refused(e, "check the server's URI and the request", mayHaveExecuted);
            case REFUSED -> refused(e, "call again later, or less often", mayHaveExecuted);
            case AUTHORIZATION -> new McpAuthorizationException(message, e);
            case PROTOCOL -> new McpProtocolException(message, e);
            case TIMEOUT -> new McpTimeoutException(message, mayHaveExecuted, e);
        };
    }

    private static McpConnectionException refused(TransportException e, String nextStep, boolean mayHaveExecuted) {
        return new McpConnectionException(
                e.getMessage()
                        + (mayHaveExecuted
                                ? " (the request may have been carried out"
                                : " (the request was not carried out")
                        + "; the connection is in order: " + nextStep + ")",
                mayHaveExecuted,
                e);
    }

    /** Whether a request was refused, by the server or by what was to send it, and its connection is in order. */
    private static boolean isRefusal(McpException e) {
        return is(e, TransportException.Kind.REJECTED) || isOfRequest(e);
    }

    /** Whether a failure is about the request alone, and says nothing against its connection or its server. */
    static boolean isOfRequest(McpException e) {
        return is(e, TransportException.Kind.REFUSED) || is(e, TransportException.Kind.CONFIGURATION);
    }

    /** Whether a transport has reported a failure of that kind. */
    private static boolean is(McpException e, TransportException.Kind kind) {
        return e.getCause() instanceof TransportException cause && cause.kind() == kind;
    }

    /**
     * What a failure means for a call after rounds in which the server has acted on it: this message may not have
     * arrived, but the ones before have.
     */
    static McpException afterRounds(McpException e, int rounds) {
        if (rounds == 0 || e.mayHaveExecuted()) {
            return e;
        }
        String message = e.getMessage() + "; the server has acted on what was sent before";
        if (e instanceof McpConnectionLostException) {
            return new McpConnectionLostException(message, true, e);
        }
        if (e instanceof McpTimeoutException) {
            return new McpTimeoutException(message, true, e);
        }
        return isRefusal(e) ? new McpConnectionException(message, true, e) : e;
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
                            + "; is it an MCP server? If it is, raise connectTimeout"
                            + (lastWords.isEmpty() ? "" : ". The last it wrote beside the protocol:\n" + lastWords),
                    e);
        }
        if (e instanceof McpConnectionLostException || isRefusal(e)) {
            // Whether a request was delivered is of no interest when there is no connection yet. The transport's words
            // may
            // hold all that a server has written, so they are not said again as causes.
            McpConnectionException failure = e.getCause() instanceof TransportException transport
                    ? new McpConnectionException(String.valueOf(transport.getMessage()), transport.getCause())
                    : new McpConnectionException(String.valueOf(e.getMessage()), e);
            for (Throwable other : e.getSuppressed()) {
                failure.addSuppressed(other);
            }
            return failure;
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
