package io.mcpdrivers.pool;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened in a pool. Holds no secret.
 *
 * @param type what happened
 * @param server the name of the server
 * @param at when
 * @param duration how long it took, see {@link Type}; null where that says nothing
 * @param reason why a connection left; null for other events
 * @param message what went wrong; null if nothing did
 */
public record PoolEvent(
        Type type,
        String server,
        Instant at,
        @Nullable Duration duration,
        @Nullable EvictionReason reason,
        @Nullable String message) {

    /** What can happen. */
    public enum Type {
        /** A connection was made; the duration is that of its start. */
        CREATED,
        /** A lease was given out; the duration is how long the caller waited for it. */
        BORROWED,
        /** A lease was given back; the duration is how long it was out. */
        RETURNED,
        /** A connection left the pool; with the reason, and the duration for which it had existed. */
        EVICTED,
        /** A connection could not be made; with the message. */
        FAILED,
        /** A lease has been out for longer than {@code leakThreshold}; the duration is for how long. */
        LEAKED
    }

    /** Checks what must not be null. */
    public PoolEvent {
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(server, "server");
        Objects.requireNonNull(at, "at");
    }
}
