package io.mcpdrivers.pool;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.function.Function;

/** Does something that blocks for many things, for some of them at a time. */
final class AtOnce {

    private final Executor executor;
    private final int most;

    AtOnce(Executor executor, int most) {
        this.executor = executor;
        this.most = most;
    }

    /** Begins, and gives what will come of each, in the order of the things. */
    <T, R> List<CompletableFuture<R>> map(List<T> things, Function<T, R> function) {
        Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
        List<CompletableFuture<R>> results = new ArrayList<>();
        for (T thing : things) {
            CompletableFuture<R> result = new CompletableFuture<>();
            results.add(result);
            tasks.add(() -> {
                try {
                    result.complete(function.apply(thing));
                } catch (RuntimeException | Error e) {
                    result.completeExceptionally(e);
                }
            });
        }
        for (int i = 0; i < Math.min(most, things.size()); i++) {
            try {
                executor.execute(() -> runAll(tasks));
            } catch (RuntimeException | Error e) {
                if (i == 0) {
                    results.forEach(result -> result.completeExceptionally(e));
                    break;
                }
                // Those that were begun do the rest.
            }
        }
        return results;
    }

    private static void runAll(Queue<Runnable> tasks) {
        Runnable task;
        while ((task = tasks.poll()) != null) {
            task.run();
        }
    }
}
