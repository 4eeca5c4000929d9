package io.mcpdrivers.driver.http;

import io.mcpdrivers.spi.TransportException;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The session that a server of the revisions up to 2025-11-25 may give, and the stream that belongs to it. */
final class LegacySession {

    private static final long LONGEST_LISTENING_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long LONGEST_DELETING_NANOS = TimeUnit.SECONDS.toNanos(2);

    private static final Logger log = LoggerFactory.getLogger(LegacySession.class);

    private final HttpTransport transport;
    /** Null if there is none. */
    private volatile @Nullable String id;
    /** What follows once the server was told {@code notifications/initialized}; null if nothing does. */
    private volatile @Nullable Next next;
    /** What was agreed on. */
    private volatile @Nullable String revision;

    private volatile @Nullable Ticket standingStream;

    private record Next(@Nullable String id) {}

    LegacySession(HttpTransport transport) {
        this.transport = transport;
    }

    @Nullable
    String id() {
        return id;
    }

    /** The session that the handshake is about, if that is under way. */
    @Nullable
    String idOfHandshake() {
        Next following = next;
        return following == null ? id : following.id;
    }

    /** The server turned out to be a modern one, whose sessions are none. */
    void forget() {
        next = null;
        id = null;
        endStandingStream();
    }

    /**
     * The server has answered {@code initialize}. Where a session is renewed, requests that are under way belong to the
     * old one, and nothing else must reach the new one before it was told {@code notifications/initialized}.
     */
    void begin(@Nullable String newId) {
        if (id == null) {
            id = newId;
            next = null;
        } else {
            next = new Next(newId);
        }
    }

    /** The server was told {@code notifications/initialized}. */
    void takeNext() {
        Next following = next;
        if (following != null) {
            endStandingStream();
            id = following.id;
            next = null;
        }
    }

    /**
     * The handshake is over. If the client answers requests of the server, opens the stream on which those come that
     * belong to no call, and waits for the server to offer it or not, for a second at most: servers drop what they would
     * send before. Without such a client nothing of interest comes on it, and it would cost a connection, and a thread
     * before Java 21.
     */
    void established(@Nullable String agreed, long deadlineNanos) {
        revision = agreed;
        if (!transport.settings.answersServer) {
            return;
        }
        endStandingStream();
        Ticket ticket = Ticket.endless();
        try {
            transport.register(ticket);
        } catch (TransportException e) {
            return;
        }
        standingStream = ticket;
        StandingStream stream = new StandingStream(transport, ticket, agreed, id);
        RequestThreads.stream(stream);
        stream.awaitAnswer(Math.min(LONGEST_LISTENING_NANOS, deadlineNanos - System.nanoTime()));
    }

    private void endStandingStream() {
        Ticket running = standingStream;
        standingStream = null;
        if (running != null) {
            running.cancel();
            transport.unregister(running);
        }
    }

    /** Tells the server that the session is over, if there is one; waits for that, with a bound. */
    void end() {
        String ended = idOfHandshake();
        if (ended == null) {
            return;
        }
        Ticket ticket = Ticket.within(LONGEST_DELETING_NANOS);
        transport.watch(ticket);
        try {
            transport
                    .wire
                    .send(
                            new Wire.Outgoing(
                                    "DELETE", transport.endpoint(), RequestHeaders.delete(revision, ended), null),
                            ticket)
                    .finishSoon();
        } catch (IOException e) {
            // A server that cannot be told will forget the session by itself.
            log.debug("The session with server '{}' was not ended: {}", transport.settings.serverName, e.getMessage());
        } finally {
            transport.unregister(ticket);
        }
    }
}
