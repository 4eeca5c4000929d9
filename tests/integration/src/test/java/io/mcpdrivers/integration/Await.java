package io.mcpdrivers.integration;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for what must happen, and fails when it does not. */
public final class Await {

    /** Long enough for any machine, also one that does much else; a test that waits this long has failed. */
    public static final Duration PATIENCE = Duration.ofSeconds(90);

    private Await() {}

    /** Waits until a condition holds. */
    public static void until(String what, BooleanSupplier condition) {
        if (!within(PATIENCE, condition)) {
            throw new AssertionError("Not within " + PATIENCE.toSeconds() + " s: " + what);
        }
    }

    /** Whether a condition came to hold in time. */
    public static boolean within(Duration time, BooleanSupplier condition) {
        long deadline = System.nanoTime() + time.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                return false;
            }
            LockSupport.parkNanos(1_000_000);
        }
        return true;
    }

    /** What a future gives. A failure is thrown as it is, without the wrapping. */
    public static <T> T result(CompletableFuture<T> future) {
        try {
            return future.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new AssertionError("The future failed", e.getCause());
        } catch (TimeoutException e) {
            throw new AssertionError("The future did not complete within " + PATIENCE.toSeconds() + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("Interrupted", e);
        }
    }

    /** The milliseconds that something takes. */
    public static long millis(Runnable work) {
        long start = System.nanoTime();
        work.run();
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    }
}
