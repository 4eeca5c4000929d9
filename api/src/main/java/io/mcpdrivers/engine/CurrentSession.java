package io.mcpdrivers.engine;

import io.mcpdrivers.McpAuthorizationException;
import io.mcpdrivers.McpException;
import io.mcpdrivers.McpInterruptedException;
import io.mcpdrivers.McpTimeoutException;
import io.mcpdrivers.ServerMetadata;
import io.mcpdrivers.engine.EraMemory.Era;
import io.mcpdrivers.spi.TransportException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The session that a connection is in. If the server has lost it, it is renewed on the same transport, once for all
 * calls that need it; a session is known by its object, so that a late failure in one that was replaced renews nothing.
 * If it cannot be renewed, the connection has ended. Thread-safe, without a lock.
 *
 * @see <a href="https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#session-management">
 *     Specification: Session Management</a>
 */
final class CurrentSession {

    private static final Logger log = LoggerFactory.getLogger(CurrentSession.class);

    private record Renewal(Session lost, CompletableFuture<Session> done) {}

    private final RpcChannel channel;
    private volatile Session session;
    /** The last renewal that was begun; null if there was none. */
    private final AtomicReference<@Nullable Renewal> renewal = new AtomicReference<>();

    CurrentSession(RpcChannel channel, Session session) {
        this.channel = channel;
        this.session = session;
    }

    Session get() {
        return session;
    }

    /** Goes on with another modern revision, which the server wants. */
    void useRevision(String revision) {
        channel.target().memory().forget();
        ServerMetadata known = session.metadata();
        if (!known.protocolVersion().equals(revision)) {
            ServerMetadata metadata = new ServerMetadata(
                    revision, known.serverName(), known.serverVersion(), known.capabilities(), known.instructions());
            session = new ModernSession(metadata, channel.features().capabilities());
        }
    }

    /**
     * Sees to it that a lost session is replaced, and waits for that.
     *
     * @param lost the session in which a request failed
     * @param failed that request
     * @throws McpException if it cannot be, or not by the request's deadline
     */
    void renew(Session lost, PendingCall failed) {
        Renewal running = beginUnlessBegun(lost);
        if (running == null) {
            return;
        }
        try {
            running.done.get(Math.max(1, failed.remainingNanos()), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new McpInterruptedException("Interrupted while a lost session was renewed", e);
        } catch (TimeoutException e) {
            throw new McpTimeoutException(
                    "The session with server '" + channel.target().name() + "' was lost, and was not renewed within "
                            + Text.duration(Duration.ofNanos(failed.timeoutNanos)),
                    false,
                    e);
        } catch (ExecutionException e) {
            throw notRenewed(e.getCause());
        }
    }

    private McpException notRenewed(@Nullable Throwable reason) {
        String message = describe(reason);
        return reason instanceof McpAuthorizationException
                ? new McpAuthorizationException(message, reason)
                : Failures.lost(message, false, reason);
    }

    private String describe(@Nullable Throwable reason) {
        return "The session with server '" + channel.target().name() + "' was lost and cannot be renewed: "
                + (reason == null ? "no reason" : reason.getMessage());
    }

    /** The renewal of a session; null if it was replaced already. */
    private @Nullable Renewal beginUnlessBegun(Session lost) {
        while (session == lost) {
            Renewal last = renewal.get();
            if (last != null && last.lost == lost) {
                return last;
            }
            Renewal own = new Renewal(lost, new CompletableFuture<>());
            if (renewal.compareAndSet(last, own)) {
                // Whoever noticed it may be in a hurry, or interrupted; the others are not.
                try {
                    Background.BLOCKING.execute(() -> carryOut(own));
                } catch (RuntimeException | Error e) {
                    // Such as when no thread can be had. Nobody else would tell those who wait for it.
                    giveUp(own, e);
                }
                return own;
            }
        }
        return null;
    }

    private void carryOut(Renewal own) {
        ServerTarget target = channel.target();
        log.info("Server '{}' has lost the session; beginning another", target.name());
        long now = System.nanoTime();
        try {
            Session renewed = new Handshake(
                            channel, target, now, now + target.connectTimeout().toNanos(), Handshake.PROBE_NANOS)
                    .perform(Era.LEGACY);
            session = renewed;
            own.done.complete(renewed);
        } catch (McpException | Handshake.Reopen e) {
            Exception reason =
                    e instanceof McpException known ? Failures.handshake(known, target, "") : new McpException("", e);
            giveUp(own, reason);
        } catch (RuntimeException | Error e) {
            giveUp(own, e);
            throw e;
        }
    }

    private void giveUp(Renewal own, Throwable reason) {
        // First, so that whoever is told finds the connection closed.
        channel.closed(new TransportException(TransportException.Kind.CONNECTION, describe(reason), true, reason));
        own.done.completeExceptionally(reason);
    }
}
