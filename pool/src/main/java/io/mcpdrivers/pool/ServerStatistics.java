package io.mcpdrivers.pool;

import java.time.Instant;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** What is counted for one server. Thread-safe. */
final class ServerStatistics {

    /** A failure and when it happened. */
    record Failure(Throwable cause, Instant at) {}

    private final LongAdder hits = new LongAdder();
    private final LongAdder misses = new LongAdder();
    private final LongAdder timeouts = new LongAdder();
    private final LongAdder errors = new LongAdder();
    private volatile @Nullable Failure lastFailure;

    /** Adds what was counted on a connection that has left the pool. */
    void addHits(long count) {
        hits.add(count);
    }

    void miss() {
        misses.increment();
    }

    void timeout() {
        timeouts.increment();
    }

    void failed(Throwable cause) {
        errors.increment();
        lastFailure = new Failure(cause, Instant.now());
    }

    long hits() {
        return hits.sum();
    }

    long misses() {
        return misses.sum();
    }

    long timeouts() {
        return timeouts.sum();
    }

    long errors() {
        return errors.sum();
    }

    @Nullable
    Failure lastFailure() {
        return lastFailure;
    }
}
