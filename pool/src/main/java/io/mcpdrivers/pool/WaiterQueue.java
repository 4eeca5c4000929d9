package io.mcpdrivers.pool;

import java.util.Collection;
import java.util.Objects;
import java.util.TreeMap;

/** The callers that wait for one server, first come first served. Guarded by the server's lock. */
final class WaiterQueue {

    private static final long NOBODY = Long.MAX_VALUE;

    private final LendingCounts counts;
    private final TreeMap<Long, Waiter> waiters = new TreeMap<>();
    private long lastPlace;
    private long firstPlace;
    private volatile long firstSince = NOBODY;

    /**
     * Creates an empty queue.
     *
     * @param counts where the number of those who wait is kept
     */
    WaiterQueue(LendingCounts counts) {
        this.counts = counts;
    }

    int size() {
        return waiters.size();
    }

    boolean isEmpty() {
        return waiters.isEmpty();
    }

    /** Since when the first has waited, or the given time if nobody waits; may be read without the lock. */
    long firstSince(long ifNobody) {
        long since = firstSince;
        return since == NOBODY ? ifNobody : since;
    }

    /** At the end; or at the place that it had, if it has waited before. */
    void add(Waiter waiter) {
        if (waiter.place == 0) {
            waiter.place = ++lastPlace;
        }
        waiters.put(waiter.place, waiter);
        changed();
    }

    /** Gives a caller, who got a connection before all those that wait now, a place before them. */
    void placeFirst(Waiter waiter) {
        if (waiter.place == 0) {
            waiter.place = --firstPlace;
        }
    }

    /** The first, who leaves the queue; there must be one. */
    Waiter poll() {
        Waiter first = waiters.remove(waiters.firstKey());
        changed();
        return Objects.requireNonNull(first);
    }

    void remove(Waiter waiter) {
        waiters.remove(waiter.place, waiter);
        changed();
    }

    Collection<Waiter> all() {
        return waiters.values();
    }

    private void changed() {
        firstSince = waiters.isEmpty() ? NOBODY : waiters.firstEntry().getValue().since;
        counts.waiting(waiters.size());
    }
}
