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
