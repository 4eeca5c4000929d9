package io.mcpdrivers.engine;

import io.mcpdrivers.spi.DaemonThreads;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads that the engine shares among all connections, for what must not run on a thread that reads. They are
 * daemons, virtual where the JVM has that, and end when they have nothing to do.
 */
final class Background {

    private static final Logger log = LoggerFactory.getLogger(Background.class);

    /** How long a thread without a task lives. */
    private static final long IDLE_SECONDS = 3;

    private static final ThreadFactory THREADS = DaemonThreads.light("mcp-task");

    private static final boolean VIRTUAL =
            !THREADS.newThread(() -> {}).getClass().equals(Thread.class);

    /** For tasks that block: closing, writing answers. */
    static final Executor BLOCKING = logging(VIRTUAL ? Background::startVirtual : newCachedPool());

    /**
     * For the continuations of users' futures. Platform threads are limited to the number of processors; one that waits
     * for another future is made up for, which is what a fork-join pool is good at.
     */
    static final Executor CONTINUATIONS = VIRTUAL ? Background::startVirtual : newForkJoinPool();

    private static final ScheduledThreadPoolExecutor TIMER = newTimer();

    private Background() {}

    /** Runs a short task, which must not block, after a time. */
    static ScheduledFuture<?> after(long nanos, Runnable task) {
        return TIMER.schedule(task, nanos, TimeUnit.NANOSECONDS);
    }

    /** How many tasks wait for their time, for tests. */
    static int timersWaiting() {
        return TIMER.getQueue().size();
    }

    /** Nobody else learns what such a task fails with. */
    private static Executor logging(Executor executor) {
        return task -> executor.execute(() -> {
            try {
                task.run();
            } catch (RuntimeException | Error e) {
                log.error("A task of the protocol engine failed", e);
            }
        });
    }

    private static void startVirtual(Runnable task) {
        THREADS.newThread(task).start();
    }

    private static Executor newCachedPool() {
        return new ThreadPoolExecutor(
                0, Integer.MAX_VALUE, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), THREADS);
    }

    private static Executor newForkJoinPool() {
        ForkJoinPool.ForkJoinWorkerThreadFactory factory = pool -> {
            ForkJoinWorkerThread thread = ForkJoinPool.defaultForkJoinWorkerThreadFactory.newThread(pool);
            thread.setName("mcp-task");
            thread.setDaemon(true);
            return thread;
        };
        int processors = Runtime.getRuntime().availableProcessors();
        return new ForkJoinPool(processors, factory, null, true, 0, 256, 1, null, IDLE_SECONDS, TimeUnit.SECONDS);
    }

    private static ScheduledThreadPoolExecutor newTimer() {
        ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, DaemonThreads.platform("mcp-timer"));
        timer.setRemoveOnCancelPolicy(true);
        timer.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
        timer.allowCoreThreadTimeOut(true);
        return timer;
    }
}
