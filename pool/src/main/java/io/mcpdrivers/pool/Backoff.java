package io.mcpdrivers.pool;

import java.util.function.DoubleSupplier;

/**
 * How long a server that does not start is left alone: 1, 2, 4, 8 .. 30 s by default, plus up to half of that at random.
 * Guarded by the server's lock.
 */
final class Backoff {

    private static final double MOST_JITTER = 0.5;

    private final long firstNanos;
    private final long longestNanos;
    private final DoubleSupplier random;

    private int failures;
    private long nextAttemptAt;

    /**
     * Creates a back-off.
     *
     * @param random gives numbers from 0 to 1
     */
    Backoff(long firstNanos, long longestNanos, DoubleSupplier random) {
        this.firstNanos = firstNanos;
        this.longestNanos = longestNanos;
        this.random = random;
    }

    void failed(long now) {
        failures++;
        long pause = Math.min(firstNanos, longestNanos);
        for (int i = 1; i < failures && pause > 0 && pause < longestNanos; i++) {
            pause = Math.min(pause * 2, longestNanos);
        }
        nextAttemptAt = now + pause + (long) (pause * MOST_JITTER * random.getAsDouble());
    }

    void succeeded() {
        failures = 0;
    }

    /** Whether the last start failed. */
    boolean isFailing() {
        return failures > 0;
    }

    /** How long no start may be tried; 0 if one may. */
    long left(long now) {
        return failures == 0 ? 0 : Math.max(0, nextAttemptAt - now);
    }
}
