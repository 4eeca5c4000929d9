package io.mcpdrivers.engine;

import io.mcpdrivers.schema.Progress;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Notifications of progress on their way from the thread that reads to the one that may run a user's listener. */
final class ProgressQueue {

    /** A server could send them faster than the listener takes them, and large ones at that. */
    private static final int MOST_WAITING = 1_000;

    private static final int MOST_CHARACTERS_WAITING = 1024 * 1024;

    private static final Logger log = LoggerFactory.getLogger(ProgressQueue.class);

    private final Consumer<Progress> listener;
    private final @Nullable SerialTasks tasks;
    private final ArrayDeque<Progress> waiting = new ArrayDeque<>();
    private long charactersWaiting;
    private boolean scheduled;
    private boolean ended;

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
            if (ended) {
                return;
            }
            waiting.addLast(notification);
            charactersWaiting += characters(notification);
            while (waiting.size() > MOST_WAITING || charactersWaiting > MOST_CHARACTERS_WAITING && waiting.size() > 1) {
                charactersWaiting -= characters(waiting.removeFirst());
            }
            schedule = tasks != null && !scheduled;
            scheduled |= schedule;
        }
        if (schedule && tasks != null) {
            tasks.execute(this::reportAll);
        }
    }

    private static int characters(Progress notification) {
        String message = notification.message();
        return message == null ? 0 : message.length();
    }

    /** Drops what has not been reported; nothing is from now on. */
    void end() {
        synchronized (waiting) {
            ended = true;
            waiting.clear();
        }
    }

    private void reportAll() {
        while (reportNext()) {
            // One after the other.
        }
    }

    /** Reports the oldest notification; false if there is none. */
    boolean reportNext() {
        Progress next;
        synchronized (waiting) {
            next = waiting.pollFirst();
            if (next == null) {
                scheduled = false;
                return false;
            }
            charactersWaiting -= characters(next);
        }
        try {
            listener.accept(next);
        } catch (RuntimeException | Error e) {
            log.warn("A progress listener failed; it is told of the next progress all the same", e);
        }
        return true;
    }
}
