package io.mcpdrivers.pool;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** A clock that stands still until it is turned. */
final class ManualTicker implements Ticker {

    private final AtomicLong now = new AtomicLong(System.nanoTime());

    @Override
    public long now() {
        return now.get();
    }

    void advance(Duration time) {
        now.addAndGet(time.toNanos());
    }
}
