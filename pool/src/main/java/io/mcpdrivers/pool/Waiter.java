package io.mcpdrivers.pool;

import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A caller that waits for a connection. What it is given, and whether it has given up, is decided under its server's
 * lock, so that nothing can be given to one who has left.
 */
final class Waiter implements ForkJoinPool.ManagedBlocker {

    /** Given to one who may take a free connection out of Commons Pool. */
    static final Object TICKET = new Object();

    private final Thread thread = Thread.currentThread();
    /** When it began to wait; {@link System#nanoTime()}. */
    final long since;
    /** When it gives up. */
    final long deadline;

    /** Its place in the queue, which it keeps if what it was given turns out unusable. */
    long place;
    /** How many starts failed while it waited. */
    int failedStarts;
    /** Whether there was nothing for it when it came. Set under the lock, read by its own thread. */
    boolean queued;

    /** A {@link PooledSlot} with a lease taken, the ticket, or a Throwable. */
    private volatile @Nullable Object given;

    Waiter(long maxWaitNanos) {
        this.since = System.nanoTime();
        this.deadline = since + maxWaitNanos;
    }

    /** Under the server's lock. The caller unparks it afterwards. */
    void give(Object what) {
        given = what;
    }

    void wake() {
        LockSupport.unpark(thread);
    }

    /**
     * Waits until it is given something, its time is over or its thread is interrupted.
     *
     * @return what it was given, or null
     */
    @Nullable
    Object await() {
        if (thread instanceof ForkJoinWorkerThread) {
            awaitReplaced();
        }
        while (!isReleasable()) {
            block();
        }
        return given;
    }

    /** Has another thread do the work of this one meanwhile, on which what is waited for may depend. */
    private void awaitReplaced() {
        try {
            ForkJoinPool.managedBlock(this);
        } catch (InterruptedException e) {
            thread.interrupt();
        } catch (RuntimeException | Error e) {
            // There is no thread to be had, or there are very many already.
        }
    }

    @Override
    public boolean isReleasable() {
        return given != null || thread.isInterrupted() || left() <= 0;
    }

    @Override
    public boolean block() {
        long left = left();
        if (left > 0) {
            LockSupport.parkNanos(this, left);
        }
        return isReleasable();
    }

    /** What it was given so far. */
    @Nullable
    Object given() {
        return given;
    }

    /** Makes it ready to wait again. */
    void reset() {
        given = null;
    }

    long left() {
        return deadline - System.nanoTime();
    }

    long waitedMillis() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since);
    }
}
