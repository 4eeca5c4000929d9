package io.mcpdrivers.integration;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;

/** Callers on threads of their own. */
public final class Threads {

    private Threads() {}

    /** Work that may throw. */
    @FunctionalInterface
    public interface Work {
        /** Does it. */
        void run() throws Exception;
    }

    /** A caller that can be interrupted and gives something, or fails. */
    public static final class Caller<T> extends CompletableFuture<T> {

        private final Thread thread;

        Caller(Callable<T> work) {
            thread = new Thread(() -> {
                try {
                    complete(work.call());
                } catch (Throwable e) {
                    completeExceptionally(e);
                }
            });
            thread.setDaemon(true);
            thread.start();
        }

        /** Interrupts the thread. */
        public void interrupt() {
            thread.interrupt();
        }

        /** What it failed with; fails if it did not. */
        public Throwable failure() {
            try {
                Await.result(this);
            } catch (RuntimeException | AssertionError e) {
                return e;
            }
            throw new AssertionError("The caller did not fail, but got " + join());
        }
    }

    /** Starts a caller. */
    public static <T> Caller<T> call(Callable<T> work) {
        return new Caller<>(work);
    }

    /** Starts a caller. */
    public static Caller<Boolean> run(Work work) {
        return new Caller<>(() -> {
            work.run();
            return true;
        });
    }

    /** Starts that many callers, with their numbers. */
    public static <T> List<Caller<T>> start(int count, IntFunction<Callable<T>> work) {
        List<Caller<T>> callers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            callers.add(call(work.apply(i)));
        }
        return callers;
    }

    /** Waits for all of them; fails as the first that failed. */
    public static <T> List<T> join(List<Caller<T>> callers) {
        List<T> results = new ArrayList<>();
        for (Caller<T> caller : callers) {
            results.add(Await.result(caller));
        }
        return results;
    }
}
