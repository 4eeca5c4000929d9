package io.mcpdrivers.engine;

import io.mcpdrivers.schema.Progress;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Notifications of progress on their way from the thread that reads to the one that may run a user's listener. */
final class ProgressQueue {

    /** A server could send them faster than the listener takes them. */
    private static final int MOST_WAITING = 1_000;

    private static final Logger log = LoggerFactory.getLogger(ProgressQueue.class);

    private final Consumer<Progress> listener;
    private final @Nullable SerialTasks tasks;
    private final ArrayDeque<Progress> waiting = new ArrayDeque<>();
    private boolean scheduled;

    /**
     * @param tasks runs the listener; null if the thread that waits for the call does
     */
    ProgressQueue(Consumer<Progress> listener, @Nullable SerialTasks tasks) {
        this.listener = listener;
        this.tasks = tasks;
    }

    void add(Progress notification) {
        boolean schedule;
        synchronized (waiting) {
            if (waiting.size() == MOST_WAITING) {
                waiting.removeFirst();
            }
            waiting.addLast(notification);
            schedule = tasks != null && !scheduled;
            scheduled |= schedule;
        }
        if (schedule && tasks != null) {
            tasks.execute(this::drain);
        }
    }

    void drain() {
        while (true) {
            Progress next;
            synchronized (waiting) {
                next = waiting.pollFirst();
                if (next == null) {
                    scheduled = false;
                    return;
                }
            }
            try {
                listener.accept(next);
            } catch (RuntimeException e) {
                log.warn("A progress listener failed; it is told of the next progress all the same", e);
            }
        }
    }
}
