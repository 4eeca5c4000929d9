package io.mcpdrivers.engine;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs tasks one after the other, in their order, on threads of an executor. One that fails does not keep the rest. */
final class SerialTasks implements Executor {

    private static final Logger log = LoggerFactory.getLogger(SerialTasks.class);

    private final Executor executor;
    private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
    private boolean running;

    SerialTasks(Executor executor) {
        this.executor = executor;
    }

    @Override
    public void execute(Runnable task) {
        offer(task, Integer.MAX_VALUE);
    }

    /** Runs a task unless so many wait already; false if they do. */
    boolean offer(Runnable task, int mostWaiting) {
        synchronized (waiting) {
            if (waiting.size() >= mostWaiting) {
                return false;
            }
            waiting.addLast(task);
            if (running) {
                return true;
            }
            running = true;
        }
        executor.execute(this::run);
        return true;
    }

    private void run() {
        while (true) {
            Runnable next;
            synchronized (waiting) {
                next = waiting.pollFirst();
                if (next == null) {
                    running = false;
                    return;
                }
            }
            try {
                next.run();
            } catch (RuntimeException | Error e) {
                log.error("A task of the protocol engine failed", e);
            }
        }
    }
}
