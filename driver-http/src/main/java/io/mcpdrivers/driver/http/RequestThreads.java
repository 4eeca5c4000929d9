package io.mcpdrivers.driver.http;

import io.mcpdrivers.spi.DaemonThreads;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Carries exchanges for callers that do not wait: virtual threads where there are some, else a bounded number. */
final class RequestThreads {

    private static final int MOST_THREADS = 512;
    private static final boolean VIRTUAL = Runtime.version().feature() >= 21;
    private static final ThreadFactory LIGHT = DaemonThreads.light("mcp-http");
    private static final ThreadFactory STREAMS = DaemonThreads.light("mcp-http-stream");
    private static final SynchronousQueue<Runnable> HANDOVER = new SynchronousQueue<>();
    private static final ThreadPoolExecutor POOL =
            new ThreadPoolExecutor(0, MOST_THREADS, 5, TimeUnit.SECONDS, HANDOVER, DaemonThreads.platform("mcp-http"));

    private RequestThreads() {}

    /** Has a task run; if all threads are busy, waits for one. Returns false if the time is over before. */
    static boolean execute(Runnable task, long nanos) {
        if (tryExecute(task)) {
            return true;
        }
        try {
            return HANDOVER.offer(task, nanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Has a task run, unless all threads are busy. */
    static boolean tryExecute(Runnable task) {
        if (VIRTUAL) {
            LIGHT.newThread(task).start();
            return true;
        }
        try {
            POOL.execute(task);
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
