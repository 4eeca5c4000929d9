package io.mcpdrivers.pool;

import io.mcpdrivers.McpAuthorizationException;
import io.mcpdrivers.McpConfigurationException;
import io.mcpdrivers.McpConnectionClosedException;
import io.mcpdrivers.McpConnectionException;
import io.mcpdrivers.McpConnectionLostException;
import io.mcpdrivers.McpException;
import io.mcpdrivers.McpPoolClosedException;
import io.mcpdrivers.McpPoolException;
import io.mcpdrivers.McpPoolExhaustedException;
import io.mcpdrivers.McpProtocolException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What a caller is told who gets no connection. */
final class Refusals {

    private Refusals() {}

    static McpPoolClosedException closed(String server) {
        return new McpPoolClosedException(
                "The pool was closed; it gives no connection to server '" + server + "' any more", null);
    }

    static McpPoolException disabled(String server) {
        return new McpPoolException("Server '" + server + "' is disabled; set its enabled=true to use it", null);
    }

    static McpPoolException switchedOff(String server) {
        return new McpPoolException(
                "Server '" + server + "' was disabled while the pool runs; enable it to use it again", null);
    }

    static McpPoolException removed(String server) {
        return new McpPoolException("Server '" + server + "' was removed from the pool", null);
    }

    static McpPoolExhaustedException exhausted(ServerStatus status, Waiter waiter, Permits permits, ServerPool server) {
        ServerStatistics.Failure failure = server.statistics().lastFailure();
        int limit = server.settings().maxConnections();
        StringBuilder message = new StringBuilder(200)
                .append("No connection to server '")
                .append(server.name())
                .append("' became free within ")
                .append(waiter.waitedMillis())
                .append(" ms: ")
                .append(status.connections())
                .append(" of at most ")
                .append(limit(limit))
                .append(" connections (")
                .append(status.active())
                .append(" active, ")
                .append(status.idle())
                .append(" idle, ")
                .append(status.starting())
                .append(" starting, ")
                .append(status.closing())
                .append(" closing), ")
                .append(status.leases())
                .append(status.leases() == 1 ? " lease out, " : " leases out, ")
                .append(status.waiting())
                .append(status.waiting() == 1 ? " other caller" : " other callers")
                .append(" waiting; in the whole pool ")
                .append(permits.used())
                .append(" of at most ")
                .append(limit(permits.max()))
                .append(" connections.");
        if (server.isSuspended()) {
            message.append(" The pool is suspended; resume() it.");
        } else if (status.connections() >= limit) {
            message.append(room("maxTotalPerKey", status));
        } else if (permits.used() >= permits.max()) {
            message.append(room("maxTotal", status));
        } else if (status.starting() > 0) {
            message.append(" Raise maxWait if a start takes that long.");
        }
        if (failure == null) {
            message.append(" No attempt to connect has failed.");
        } else {
            message.append(" The last failure to connect was ")
                    .append(ago(failure.at()))
                    .append(": ")
                    .append(failure.cause().getMessage());
        }
        return new McpPoolExhaustedException(message.toString(), failure == null ? null : failure.cause());
    }

    /** A connection was free, but its server did not answer while the caller had time. */
    static McpPoolExhaustedException unanswered(String server, Waiter waiter, Duration check) {
        return new McpPoolExhaustedException(
                "No connection to server '" + server + "' could be given within " + waiter.waitedMillis()
                        + " ms: on the one that was free the server did not answer a check within " + check.toMillis()
                        + " ms. Raise maxWait if it may take longer, or aliveBypass to be given connections unchecked that"
                        + " were used lately.",
                null);
    }

    /** What helps against a limit that is reached. */
    private static String room(String limit, ServerStatus status) {
        return " Raise " + limit + " or maxWait"
                + (status.leases() == 0 ? "." : ", or set leakThreshold to find leases that are never closed.");
    }

    private static String limit(int limit) {
        return limit == Integer.MAX_VALUE ? "any number of" : String.valueOf(limit);
    }

    /** The server did not start of late and is left alone. */
    static McpException backingOff(String server, ServerStatistics.Failure failure, long leftNanos) {
        return like(
                failure.cause(),
                "Server '" + server + "' did not start " + ago(failure.at()) + " and is not tried again for "
                        + Math.max(1, TimeUnit.NANOSECONDS.toMillis(leftNanos)) + " ms; the reason was: "
                        + failure.cause().getMessage());
    }

    /** A failure, or the end of the pool, that a thread of the pool has met, for the caller who waited. */
    static McpException failed(Throwable failure) {
        return like(failure, String.valueOf(failure.getMessage()));
    }

    /** The pool has closed the connection of a lease, since it was lost or the pool was closed, before a call was made. */
    static McpConnectionLostException endedBefore(String server, McpConnectionClosedException cause) {
        return new McpConnectionLostException(
                "The connection to server '" + server
                        + "' had ended before this call was made, which has not reached the server",
                false,
                cause);
    }

    /**
     * An exception of the same kind, with the caller's stack trace. What it repeats is not its cause as well, since it may
     * hold all that a server has written.
     */
    private static McpException like(Throwable failure, String message) {
        McpException same = ofKind(failure, message, failure.getCause());
        if (same.getClass() != failure.getClass()) {
            return ofKind(failure, message, failure);
        }
        for (Throwable other : failure.getSuppressed()) {
            same.addSuppressed(other);
        }
        return same;
    }

    private static McpException ofKind(Throwable failure, String message, @Nullable Throwable cause) {
        if (failure instanceof McpPoolClosedException) {
            return new McpPoolClosedException(message, cause);
        }
        if (failure instanceof McpPoolException) {
            return new McpPoolException(message, cause);
        }
        if (failure instanceof McpConfigurationException) {
            return new McpConfigurationException(message, cause);
        }
        if (failure instanceof McpAuthorizationException) {
            return new McpAuthorizationException(message, cause);
        }
        if (failure instanceof McpProtocolException) {
            return new McpProtocolException(message, cause);
        }
        return new McpConnectionException(message, cause);
    }

    private static String ago(@Nullable Instant at) {
        if (at == null) {
            return "before";
        }
        return Math.max(0, Duration.between(at, Instant.now()).toMillis()) + " ms ago";
    }
}
