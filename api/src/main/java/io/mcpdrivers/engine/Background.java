package io.mcpdrivers.engine;

import io.mcpdrivers.spi.DaemonThreads;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
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

    /** After which a task for which there was no thread is given one. */
    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** What a task passes on its way to a thread; tests have it fail, as it does where no more threads can be had. */
    static volatile Runnable wayToThread = () -> {};

    private static final ThreadFactory THREADS = DaemonThreads.light("mcp-task");

    private static final boolean VIRTUAL =
            !THREADS.newThread(() -> {}).getClass().equals(Thread.class);

    /**
     * For tasks that block: closing, writing answers. Throws an error if no thread can be had, so it is for those who can
     * do without the task or tell somebody; see {@link #persist} and {@link #runSoon}.
     */
    static final Executor BLOCKING = logging(VIRTUAL ? Background::startVirtual : newCachedPool());

    /**
     * For the continuations of users' futures. Platform threads are limited to the number of processors; one that waits
     * for another future is made up for, which is what a fork-join pool is good at.
     */
    static final Executor CONTINUATIONS = VIRTUAL
            ? Background::startVirtual
            : new ContinuationPool(
                    Runtime.getRuntime().availableProcessors(), ContinuationPool::newThread, IDLE_SECONDS);

    private static final ScheduledThreadPoolExecutor TIMER = newTimer();

    private Background() {}

    /** Runs a short task, which must not block, after a time. */
    static ScheduledFuture<?> after(long nanos, Runnable task) {
        return TIMER.schedule(task, nanos, TimeUnit.NANOSECONDS);
    }

    /**
     * Runs a task that blocks and must not be lost, such as closing. If there is no thread for it, that is tried again
     * until there is one; if there is none to try it again either, the calling thread does it.
     */
    static void persist(Runnable task) {
        AtomicBoolean begun = new AtomicBoolean();
        Runnable once = () -> {
            if (begun.compareAndSet(false, true)) {
                task.run();
            }
        };
        if (!runSoon(once)) {
            once.run();
        }
    }

    /**
     * Runs a task that blocks as soon as there is a thread for it.
     *
     * @return false if there is none now, and none that would try it again; then whoever next needs the timer has it done
     */
    static boolean runSoon(Runnable task) {
        try {
            BLOCKING.execute(task);
            return true;
        } catch (Error e) {
            log.debug("There is no thread for a task of the protocol engine; it is tried again", e);
        }
        try {
            ScheduledFuture<?> unused = after(RETRY_NANOS, () -> runSoon(task));
            return true;
        } catch (Error e) {
            return false;
        }
    }

    /** How many tasks wait for their time, for tests. */
    static int timersWaiting() {
        return TIMER.getQueue().size();
    }

    /** Nobody else learns what such a task fails with. */
    private static Executor logging(Executor executor) {
        return task -> {
            wayToThread.run();
            executor.execute(() -> {
                try {
                    task.run();
                } catch (RuntimeException | Error e) {
                    log.error("A task of the protocol engine failed", e);
                }
            });
        };
    }

    private static void startVirtual(Runnable task) {
        THREADS.newThread(task).start();
    }

    private static Executor newCachedPool() {
        return new ThreadPoolExecutor(
                0, Integer.MAX_VALUE, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), THREADS);
    }

    private static ScheduledThreadPoolExecutor newTimer() {
        ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, DaemonThreads.platform("mcp-timer"));
        timer.setRemoveOnCancelPolicy(true);
        timer.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
        timer.allowCoreThreadTimeOut(true);
        return timer;
    }
}
