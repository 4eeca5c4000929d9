package io.mcpdrivers.pool;

import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/**
 * How long a server that does not start is left alone: 1, 2, 4, 8 .. 30 s by default, plus up to half of that at random.
 * Guarded by the server's lock.
 */
final class Backoff {

    private static final double MOST_JITTER = 0.5;

    private final LongSupplier first;
    private final LongSupplier longest;
    private final DoubleSupplier random;

    private int failures;
    /** How many failures were counted ever. */
    private int counted;

    private long nextAttemptAt;

    /**
     * Creates a back-off.
     *
     * @param first gives the pause after the first failure, in nanoseconds
     * @param longest gives the longest pause
     * @param random gives numbers from 0 to 1
     */
    Backoff(LongSupplier first, LongSupplier longest, DoubleSupplier random) {
        this.first = first;
        this.longest = longest;
        this.random = random;
    }

    void failed(long now) {
        failures++;
        counted++;
        long longestNanos = longest.getAsLong();
        long pause = Math.min(first.getAsLong(), longestNanos);
        for (int i = 1; i < failures && pause > 0 && pause < longestNanos; i++) {
            pause = Math.min(pause * 2, longestNanos);
        }
        nextAttemptAt = now + pause + (long) (pause * MOST_JITTER * random.getAsDouble());
    }

    void succeeded() {
        failures = 0;
    }

    /** How many failures were counted ever; which of two moments was before a failure can be told by that. */
    int counted() {
        return counted;
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
