package io.mcpdrivers.driver.http;

import io.mcpdrivers.spi.DaemonThreads;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Carries exchanges for callers that do not wait: virtual threads where there are some, else a bounded number, of which
 * one server that does not answer can hold a part alone. What only cleans up has others.
 */
final class RequestThreads {

    static final int MOST_PER_HOST = 512;
    private static final int MOST_THREADS = 2_048;
    private static final int MOST_FINISHING = 64;
    private static final int MOST_REMEMBERED = 10_000;
    private static final boolean VIRTUAL = Runtime.version().feature() >= 21;
    private static final ThreadFactory LIGHT = DaemonThreads.light("mcp-http");
    private static final ThreadFactory STREAMS = DaemonThreads.light("mcp-http-stream");
    private static final SynchronousQueue<Runnable> HANDOVER = new SynchronousQueue<>();
    private static final ThreadPoolExecutor POOL = pool(MOST_THREADS, HANDOVER);
    private static final ThreadPoolExecutor FINISHING = pool(MOST_FINISHING, new SynchronousQueue<>());
    private static final Map<Host, Semaphore> HOSTS = new ConcurrentHashMap<>();

    private RequestThreads() {}

    private static ThreadPoolExecutor pool(int most, SynchronousQueue<Runnable> handover) {
        return new ThreadPoolExecutor(0, most, 5, TimeUnit.SECONDS, handover, DaemonThreads.platform("mcp-http"));
    }

    /** Has a task run; if all threads for its host are busy, waits for one. Returns false if the time is over before. */
    static boolean execute(Host host, Runnable task, long nanos) {
        if (VIRTUAL) {
            LIGHT.newThread(task).start();
            return true;
        }
        return execute(permits(host), task, nanos);
    }

    private static Semaphore permits(Host host) {
        if (HOSTS.size() > MOST_REMEMBERED) {
            HOSTS.clear();
        }
        return HOSTS.computeIfAbsent(host, any -> new Semaphore(MOST_PER_HOST));
    }

    /** The same, bounded by permits, on threads of the platform. */
    static boolean execute(Semaphore permits, Runnable task, long nanos) {
        long deadline = System.nanoTime() + nanos;
        boolean accepted = false;
        boolean permitted = false;
        try {
            permitted = permits.tryAcquire(nanos, TimeUnit.NANOSECONDS);
            Runnable permittedTask = () -> {
                try {
                    task.run();
                } finally {
                    permits.release();
                }
            };
            accepted = permitted
                    && (tryExecute(POOL, permittedTask)
                            || HANDOVER.offer(permittedTask, deadline - System.nanoTime(), TimeUnit.NANOSECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            if (permitted && !accepted) {
                permits.release();
            }
        }
        return accepted;
    }

    /** Has a task run that cleans up and ends soon, unless all threads for that are busy. */
    static boolean tryFinish(Runnable task) {
        if (VIRTUAL) {
            LIGHT.newThread(task).start();
            return true;
        }
        return tryExecute(FINISHING, task);
    }

    private static boolean tryExecute(ThreadPoolExecutor pool, Runnable task) {
        try {
            pool.execute(task);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    /** Has a task run that lasts as long as a connection does. */
    static void stream(Runnable task) {
        STREAMS.newThread(task).start();
    }
}
