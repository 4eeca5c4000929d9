package io.mcpdrivers.engine;

import io.mcpdrivers.schema.Progress;
import io.mcpdrivers.spi.Exchange;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A request whose answer is awaited, either by a thread or by a task. The thread that reads for the transport only
 * leaves the outcome here and wakes whoever waits.
 */
final class PendingCall {

    private static final VarHandle OUTCOME;
    private static final VarHandle TOLD;

    private static final long SHORTEST_HELD_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            OUTCOME = lookup.findVarHandle(PendingCall.class, "outcome", Object.class);
            TOLD = lookup.findVarHandle(PendingCall.class, "toldOfAbandoning", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final long id;
    final Request request;
    /** By when the answer must have come, as {@link System#nanoTime()} gives it; arriving progress postpones it. */
    volatile long deadlineNanos;
    /** Beyond which nothing postpones that. */
    volatile long lastDeadlineNanos;
    /** How long that is after the call was made. */
    volatile long longestNanos;
    /** How long whoever made the call waits, from its beginning or from the last progress. */
    final long timeoutNanos;

    private volatile boolean postponed;

    private final @Nullable Thread waiter;
    private final @Nullable Consumer<PendingCall> whenDone;
    private final @Nullable ProgressQueue progress;
    /** The session that it was sent in; null before. */
    volatile @Nullable Session session;
    /** Measures the call; before it is sent, that of the call that this one repeats. Null if nothing is measured. */
    @Nullable
    OperationMeter meter;

    /** The request as it was written; null before. */
    volatile byte @Nullable [] message;
    /** The request as the transport knows it; null before it was handed to it. */
    volatile @Nullable Exchange exchange;
    /** Why the call was given up; null if it was not. */
    volatile @Nullable String abandonedFor;
    /** Ends the call when its time is over; null if the thread that waits does that. */
    volatile @Nullable Future<?> timer;

    /** For how many reasons the time stands still, and since when. */
    private int holds;

    private long heldSinceNanos;
    /** For how long it still may, all reasons together. */
    private long holdNanos;

    @SuppressWarnings("unused")
    private volatile boolean toldOfAbandoning;

    /** A {@link Reply} or a {@link Supplier} of an exception; null while neither has come. */
    @SuppressWarnings("unused")
    private volatile @Nullable Object outcome;

    private PendingCall(
            long id,
            Request request,
            long timeoutNanos,
            long deadlineNanos,
            @Nullable Thread waiter,
            @Nullable Consumer<PendingCall> whenDone,
            @Nullable ProgressQueue progress) {
        this.id = id;
        this.request = request;
        this.timeoutNanos = timeoutNanos;
        this.deadlineNanos = deadlineNanos;
        this.lastDeadlineNanos = deadlineNanos;
        this.longestNanos = timeoutNanos;
        this.waiter = waiter;
        this.whenDone = whenDone;
        this.progress = progress;
    }

    /** A call that the current thread will wait for. */
    static PendingCall awaited(
            long id,
            Request request,
            long timeoutNanos,
            long deadlineNanos,
            @Nullable Consumer<Progress> progressListener) {
        ProgressQueue progress = progressListener == null ? null : new ProgressQueue(progressListener, null);
        return new PendingCall(id, request, timeoutNanos, deadlineNanos, Thread.currentThread(), null, progress);
    }

    /** A call at whose end a task runs, by the executor. */
    static PendingCall followed(
            long id,
            Request request,
            long timeoutNanos,
            long deadlineNanos,
            @Nullable Consumer<Progress> progressListener,
            Consumer<PendingCall> whenDone,
            Executor executor) {
        if (progressListener == null) {
            return new PendingCall(
                    id,
                    request,
                    timeoutNanos,
                    deadlineNanos,
                    null,
                    call -> executor.execute(() -> whenDone.accept(call)),
                    null);
        }
        // One queue for both, so that the progress that came before the end is reported before it.
        SerialTasks tasks = new SerialTasks(executor);
        return new PendingCall(
                id,
                request,
                timeoutNanos,
                deadlineNanos,
                null,
                call -> tasks.execute(() -> whenDone.accept(call)),
                new ProgressQueue(progressListener, tasks));
    }

    /** Lets the progress that somebody listens to postpone the deadline. */
    PendingCall postponable(long lastNanos, long longest) {
        if (progress != null && lastNanos - deadlineNanos > 0) {
            lastDeadlineNanos = lastNanos;
            longestNanos = longest;
        }
        return this;
    }

    /** Lets questions of the server stop the time, for so long in all; if it is a call in which servers may ask. */
    PendingCall holdable(long nanos) {
        if (request.mayAsk()) {
            holdNanos = nanos;
        }
        return this;
    }

    /** For how long the time may still stand; 0 for requests in which servers do not ask. */
    synchronized long holdNanos() {
        passHeldTime();
        return holdNanos;
    }

    private synchronized void postpone() {
        passHeldTime();
        long later = System.nanoTime() + timeoutNanos;
        long last = lastDeadlineNanos;
        later = later - last < 0 ? later : last;
        if (later - deadlineNanos > 0) {
            deadlineNanos = later;
            postponed = true;
        }
    }

    /** Whether progress has postponed the deadline. */
    boolean isPostponed() {
        return postponed;
    }

    /**
     * Leaves the reply.
     *
     * @return false if there was an outcome already
     */
    boolean complete(Reply reply) {
        return end(reply);
    }

    /**
     * Leaves a failure.
     *
     * @param failure makes the exception, on the thread that gets it, so that its stack trace shows who made the call
     * @return false if there was an outcome already
     */
    boolean fail(Supplier<? extends RuntimeException> failure) {
        return end(failure);
    }

    private boolean end(Object result) {
        if (!OUTCOME.compareAndSet(this, null, result)) {
            return false;
        }
        if (waiter != null) {
            LockSupport.unpark(waiter);
        } else if (whenDone != null) {
            whenDone.accept(this);
        }
        return true;
    }

    boolean isDone() {
        return outcome != null;
    }

    /** The reply; call it only when {@link #isDone()}. */
    Reply reply() {
        Object result = outcome;
        if (result instanceof Reply reply) {
            return reply;
        }
        if (result instanceof Supplier<?> failure) {
            throw (RuntimeException) failure.get();
        }
        throw new IllegalStateException("No outcome yet");
    }

    /** How long the answer may still take; the time during which the call is held does not count. */
    synchronized long remainingNanos() {
        passHeldTime();
        long left = deadlineNanos - System.nanoTime();
        // It does not become less while the call is held, so that is no time to wait for.
        return holds > 0 && holdNanos > 0 && left > 0 ? Math.max(left, SHORTEST_HELD_WAIT_NANOS) : left;
    }

    /** Stops the time; may be called several times, and lasts until as many releases, or until it may no longer. */
    synchronized void hold() {
        passHeldTime();
        if (holds++ == 0) {
            heldSinceNanos = System.nanoTime();
        }
    }

    synchronized void release() {
        passHeldTime();
        holds--;
    }

    /** Moves the deadlines by the time for which the call was held and that has not been made good yet. */
    synchronized void passHeldTime() {
        if (holds > 0) {
            long now = System.nanoTime();
            long held = Math.min(now - heldSinceNanos, holdNanos);
            heldSinceNanos = now;
            holdNanos -= held;
            deadlineNanos += held;
            lastDeadlineNanos += held;
        }
    }

    /** True for one caller: the one that has to tell the server of a call that was given up. */
    boolean takesTelling() {
        return TOLD.compareAndSet(this, false, true);
    }

    boolean hasProgressListener() {
        return progress != null;
    }

    /** Leaves a notification of progress, from the thread that reads. */
    void progressed(Progress notification) {
        if (progress != null && outcome == null) {
            postpone();
            progress.add(notification);
            LockSupport.unpark(waiter);
        }
    }

    /** Reports the oldest progress that has come and was not reported, on this thread; false if there is none. */
    boolean reportProgress() {
        return progress != null && progress.reportNext();
    }

    /** Has no more progress reported. */
    void endProgress() {
        if (progress != null) {
            progress.end();
        }
    }
}
