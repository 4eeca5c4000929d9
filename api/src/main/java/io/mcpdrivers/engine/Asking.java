package io.mcpdrivers.engine;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A question of the server on its way to the application and back. The application's code has a thread to itself, which
 * is interrupted when the answer is no longer wanted; nobody waits for it to take notice.
 */
final class Asking {

    /** The answer is not wanted any more. */
    static final class GivenUp extends Exception {
        private static final long serialVersionUID = 1L;

        GivenUp() {
            super("no longer wanted", null, false, false);
        }
    }

    /** There was no answer in time. */
    static final class TooLate extends Exception {
        private static final long serialVersionUID = 1L;

        TooLate() {
            super("no answer in time", null, false, false);
        }
    }

    private final FutureTask<JsonNode> task;
    private final Runnable whenThreadIsFree;
    private final CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    private volatile @Nullable Future<?> timer;

    /**
     * @param question asks
     * @param whenThreadIsFree runs when the application's code has come to its end, wanted or not
     */
    Asking(Callable<JsonNode> question, Runnable whenThreadIsFree) {
        this.task = new FutureTask<>(question);
        this.whenThreadIsFree = whenThreadIsFree;
    }

    /**
     * The result; or what the application's code threw, {@link TooLate}, or {@link GivenUp}. It is completed by threads
     * that may block.
     */
    CompletableFuture<JsonNode> answer() {
        return answer;
    }

    void start(long nanos) {
        timer = Background.after(nanos, () -> Background.runSoon(() -> end(new TooLate())));
        Background.BLOCKING.execute(this::run);
    }

    private void run() {
        task.run();
        // That was meant for the application's code, which may also have left one behind.
        boolean ignored = Thread.interrupted();
        Future<?> limit = timer;
        if (limit != null) {
            limit.cancel(false);
        }
        whenThreadIsFree.run();
        if (task.isCancelled()) {
            return;
        }
        try {
            answer.complete(task.get());
        } catch (ExecutionException e) {
            answer.completeExceptionally(e.getCause());
        } catch (InterruptedException e) {
            throw new IllegalStateException("A task that has ended is not waited for", e);
        }
    }

    /** Wants no answer any more; not to be called by a thread that reads. */
    void giveUp() {
        end(new GivenUp());
    }

    private void end(Exception reason) {
        if (answer.completeExceptionally(reason)) {
            task.cancel(true);
        }
    }
}
