package io.mcpdrivers.spi;

import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is known of an outbound message beside its bytes, for transports that mirror some of it, as HTTP does into
 * headers. The body stays the source of truth.
 *
 * @param kind what the message is
 * @param id the request's id, or 0 if the message is no request; ids count up from 1 per transport
 * @param method the JSON-RPC method; null for a response
 * @param protocolVersion the protocol revision the message follows; null while it is not yet agreed
 * @param name what the request is about: the tool or prompt name, the resource URI; null if it has none
 * @param mirrored parameters to mirror, by header name part; empty if none
 * @param deadlineNanos by when the message must be sent, in the time of {@link System#nanoTime()}
 * @param callerWaits whether the calling thread has nothing to do until the answer comes, so that a transport may carry
 *     the whole exchange out on it and call the listener from it; false if {@link Transport#send} has to return once the
 *     message is on its way
 * @param lastDeadlineNanos when a request is given up at the latest, in the same time; later than {@code deadlineNanos}
 *     if the client waits longer once the server reports progress. Until then a transport keeps what belongs to the
 *     request; if the time is over earlier, the client abandons it
 */
public record Envelope(
        Kind kind,
        long id,
        @Nullable String method,
        @Nullable String protocolVersion,
        @Nullable String name,
        Map<String, String> mirrored,
        long deadlineNanos,
        boolean callerWaits,
        long lastDeadlineNanos) {

    /** What a message is. */
    public enum Kind {
        /** Awaits a response. */
        REQUEST,
        /** Awaits nothing. */
        NOTIFICATION,
        /** Answers a request of the server; only in protocol revisions up to 2025-11-25. */
        RESPONSE
    }

    /**
     * The envelope of a request that is given up at the time by which it must be sent.
     *
     * @param kind see {@link #kind()}
     * @param id see {@link #id()}
     * @param method see {@link #method()}
     * @param protocolVersion see {@link #protocolVersion()}
     * @param name see {@link #name()}
     * @param mirrored see {@link #mirrored()}
     * @param deadlineNanos see {@link #deadlineNanos()}
     * @param callerWaits see {@link #callerWaits()}
     */
    public Envelope(
            Kind kind,
            long id,
            @Nullable String method,
            @Nullable String protocolVersion,
            @Nullable String name,
            Map<String, String> mirrored,
            long deadlineNanos,
            boolean callerWaits) {
        this(kind, id, method, protocolVersion, name, mirrored, deadlineNanos, callerWaits, deadlineNanos);
    }

    /**
     * The envelope of a message that the calling thread does not wait to see answered.
     *
     * @param kind see {@link #kind()}
     * @param id see {@link #id()}
     * @param method see {@link #method()}
     * @param protocolVersion see {@link #protocolVersion()}
     * @param name see {@link #name()}
     * @param mirrored see {@link #mirrored()}
     * @param deadlineNanos see {@link #deadlineNanos()}
     */
    public Envelope(
            Kind kind,
            long id,
            @Nullable String method,
            @Nullable String protocolVersion,
            @Nullable String name,
            Map<String, String> mirrored,
            long deadlineNanos) {
        this(kind, id, method, protocolVersion, name, mirrored, deadlineNanos, false);
    }

    /** Checks what must not be null. */
    public Envelope {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(mirrored, "mirrored");
    }
}
