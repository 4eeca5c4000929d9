package io.mcpdrivers.pool;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** The time of a pool, which stands still until it is turned. It stands in the pool's package since only tests may turn it. */
public final class PoolTime {

    private final AtomicLong now = new AtomicLong(System.nanoTime());

    /** Has the pool that is built go by this time, but for how long callers wait and servers take. */
    public PoolBuilder rule(PoolBuilder builder) {
        return builder.ticker(now::get);
    }

    /** Turns it. */
    public void advance(Duration time) {
        now.addAndGet(time.toNanos());
    }

    /** Has a pool do once what its thread does from time to time. */
    public static void tend(McpPool pool) {
        pool.tend();
    }
}
