package io.mcpdrivers.pool;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Looks for leases that are out for too long, once a second from the first that may be. Thread-safe. */
final class LeakWatch implements Runnable {

    private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Ticker ticker;
    private final Housekeeper housekeeper;
    private final Set<LeaseRecord> out = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean begun = new AtomicBoolean();

    LeakWatch(Ticker ticker, Housekeeper housekeeper) {
        this.ticker = ticker;
        this.housekeeper = housekeeper;
    }

    void watch(LeaseRecord lease) {
        out.add(lease);
        if (!begun.get() && begun.compareAndSet(false, true)) {
            housekeeper.every(PERIOD_NANOS, this);
        }
    }

    void forget(LeaseRecord lease) {
        if (lease.isWatched()) {
            out.remove(lease);
        }
    }

    @Override
    public void run() {
        long now = ticker.now();
        // Each is reported once.
        out.removeIf(lease -> lease.reportIfLate(now));
    }
}
