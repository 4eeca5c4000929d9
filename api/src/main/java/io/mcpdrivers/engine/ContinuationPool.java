package io.mcpdrivers.engine;

import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.concurrent.TimeUnit;

/**
 * Threads of the platform for continuations; one that waits is made up for. If no thread can be started for a task, a
 * fork-join pool throws, keeps it all the same, and starts none for those that queue up behind it either, for ever; this
 * one has them run by others then.
 */
final class ContinuationPool extends ForkJoinPool {

    private static final int MOST_THREADS = 256;

    ContinuationPool(int processors, ForkJoinWorkerThreadFactory factory, long idleSeconds) {
        super(processors, factory, null, true, 0, MOST_THREADS, 1, null, idleSeconds, TimeUnit.SECONDS);
    }

    /** A thread with the name of those that the engine shares. */
    static ForkJoinWorkerThread newThread(ForkJoinPool pool) {
        ForkJoinWorkerThread thread = defaultForkJoinWorkerThreadFactory.newThread(pool);
        thread.setName("mcp-task");
        thread.setDaemon(true);
        return thread;
    }

    @Override
    public void execute(Runnable task) {
        try {
            super.execute(task);
        } catch (Error e) {
            for (ForkJoinTask<?> left = pollSubmission(); left != null; left = pollSubmission()) {
                Background.runSoon(left::quietlyInvoke);
            }
        }
    }
}
