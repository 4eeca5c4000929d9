package io.mcpdrivers.pool;

import io.mcpdrivers.spi.DaemonThreads;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one thread of a pool that does what is due at some time. Its tasks must not block. */
final class Housekeeper {

    private static final Logger log = LoggerFactory.getLogger(Housekeeper.class);

    /** The time between two attempts at what has to be done in the end. */
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final ScheduledThreadPoolExecutor executor =
            new ScheduledThreadPoolExecutor(1, DaemonThreads.platform("mcp-pool-housekeeping"));

    Housekeeper() {
        executor.setRemoveOnCancelPolicy(true);
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    void every(long nanos, Runnable task) {
        try {
            var unused = executor.scheduleWithFixedDelay(guarded(task), 0, nanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            log.trace("The pool was closed", e);
        }
    }

    void after(long nanos, Runnable task) {
        try {
            var unused = executor.schedule(guarded(task), nanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            log.trace("The pool was closed", e);
        }
    }

    /**
     * Does something that fails only where no thread or no memory can be had: now, on the caller's thread, and if need be
     * again each second, until it works or the pool is closed. Throws nothing.
     */
    void persist(Runnable attempt) {
        persist(attempt, true);
    }

    private void persist(Runnable attempt, boolean first) {
        try {
            attempt.run();
        } catch (RuntimeException | Error e) {
            if (first) {
                log.warn("The pool cannot clean up now and tries again each second", e);
            } else {
                log.debug("The pool still cannot clean up", e);
            }
            after(PAUSE_NANOS, () -> persist(attempt, false));
        }
    }

    /** An exception must not end a task that is to be repeated. */
    private static Runnable guarded(Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (RuntimeException | Error e) {
                log.error("Housekeeping of the pool failed", e);
            }
        };
    }

    void close() {
        executor.shutdownNow();
    }
}
