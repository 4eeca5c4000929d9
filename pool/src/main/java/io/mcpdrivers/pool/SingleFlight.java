package io.mcpdrivers.pool;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A task that many may ask for and that never runs twice at once. It runs on another thread, and once more if it was
 * asked for while it ran.
 */
final class SingleFlight {

    private static final Logger log = LoggerFactory.getLogger(SingleFlight.class);

    private final Executor executor;
    private final Runnable task;
    private final AtomicInteger wanted = new AtomicInteger();

    SingleFlight(Executor executor, Runnable task) {
        this.executor = executor;
        this.task = task;
    }

    /** Has the task run soon. Does not block and throws nothing. */
    void request() {
        if (wanted.getAndIncrement() > 0) {
            return;
        }
        try {
            executor.execute(this::run);
        } catch (RuntimeException | Error e) {
            wanted.set(0);
            log.warn("A task of the pool cannot be run", e);
        }
    }

    private void run() {
        int seen;
        do {
            seen = wanted.get();
            try {
                task.run();
            } catch (RuntimeException | Error e) {
                log.error("A task of the pool failed", e);
            }
        } while (!wanted.compareAndSet(seen, 0));
    }
}
