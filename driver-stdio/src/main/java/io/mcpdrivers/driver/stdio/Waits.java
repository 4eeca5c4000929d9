package io.mcpdrivers.driver.stdio;

import java.util.concurrent.TimeUnit;

/**
 * Waits that an interrupt does not cut short: it is noted, and handed on to the thread at the end. Belongs to one
 * thread.
 */
final class Waits implements AutoCloseable {

    private static final long FIRST_PAUSE_NANOS = 1_000_000L;
    private static final long LONGEST_PAUSE_NANOS = 20_000_000L;

    /** Something that can be waited for. */
    @FunctionalInterface
    interface Wait {
        /** Waits no longer than the given time; true if what was waited for has come. */
        boolean await(long nanos) throws InterruptedException;
    }

    /** Something that can only be asked. */
    @FunctionalInterface
    interface Condition {
        boolean holds();
    }

    private boolean interrupted = Thread.interrupted();

    /** Waits for up to the given time; true if what was waited for has come. */
    boolean until(long nanos, Wait wait) {
        long deadline = System.nanoTime() + nanos;
        while (true) {
            try {
                return wait.await(Math.max(0, deadline - System.nanoTime()));
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
    }

    /** Asks again and again for up to the given time. */
    boolean polling(long nanos, Condition condition) {
        long deadline = System.nanoTime() + nanos;
        long pause = FIRST_PAUSE_NANOS;
        while (!condition.holds()) {
            long remaining = deadline - System.nanoTime();
            if (remaining <= 0) {
                return false;
            }
            long nap = Math.min(pause, remaining);
            until(nap, time -> {
                TimeUnit.NANOSECONDS.sleep(time);
                return true;
            });
            pause = Math.min(2 * pause, LONGEST_PAUSE_NANOS);
        }
        return true;
    }

    /** Restores the interrupt. */
    @Override
    public void close() {
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
