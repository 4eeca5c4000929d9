package io.mcpdrivers.pool;

import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
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
    private final LongAdder retries = new LongAdder();
    private final Map<EvictionReason, LongAdder> evictions = new EnumMap<>(EvictionReason.class);
    private volatile @Nullable Failure lastFailure;

    ServerStatistics() {
        for (EvictionReason reason : EvictionReason.values()) {
            evictions.put(reason, new LongAdder());
        }
    }

    /** Adds what was counted on a connection that has left the pool. */
    void addHits(long count) {
        hits.add(count);
    }

    void evicted(EvictionReason reason) {
        Objects.requireNonNull(evictions.get(reason)).increment();
    }

    long evictions(EvictionReason reason) {
        return Objects.requireNonNull(evictions.get(reason)).sum();
    }

    void miss() {
        misses.increment();
    }

    void timeout() {
        timeouts.increment();
    }

    /** Calls were made once more on a fresh connection. */
    void retried(int calls) {
        retries.add(calls);
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

    long retries() {
        return retries.sum();
    }

    long errors() {
        return errors.sum();
    }

    @Nullable
    Failure lastFailure() {
        return lastFailure;
    }
}
