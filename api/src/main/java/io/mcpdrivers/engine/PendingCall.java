package io.mcpdrivers.engine;

import io.mcpdrivers.McpException;
import io.mcpdrivers.schema.Progress;
import io.mcpdrivers.spi.Exchange;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A request whose answer is awaited, either by a thread or by a task. The thread that reads for the transport only
 * leaves the outcome here and wakes whoever waits.
 */
final class PendingCall {

    private static final VarHandle OUTCOME;

    static {
        try {
            OUTCOME = MethodHandles.lookup().findVarHandle(PendingCall.class, "outcome", Object.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final long id;
    final Request request;
    /** By when the answer must have come, as {@link System#nanoTime()} gives it. */
    final long deadlineNanos;

    final long timeoutNanos;
    private final @Nullable Thread waiter;
    private final @Nullable Consumer<PendingCall> whenDone;
    final @Nullable ProgressQueue progress;
    volatile Exchange exchange = Exchange.NONE;

    /** A {@link Reply} or an {@link McpException}; null while neither has come. */
    @SuppressWarnings("unused")
    private volatile @Nullable Object outcome;

    private PendingCall(
            long id,
            Request request,
            long timeoutNanos,
            @Nullable Thread waiter,
            @Nullable Consumer<PendingCall> whenDone,
            @Nullable ProgressQueue progress) {
        this.id = id;
        this.request = request;
        this.timeoutNanos = timeoutNanos;
        this.deadlineNanos = System.nanoTime() + timeoutNanos;
        this.waiter = waiter;
        this.whenDone = whenDone;
        this.progress = progress;
    }

    /** A call that the current thread will wait for. */
    static PendingCall awaited(
            long id, Request request, long timeoutNanos, @Nullable Consumer<Progress> progressListener) {
        ProgressQueue progress = progressListener == null ? null : new ProgressQueue(progressListener, null);
        return new PendingCall(id, request, timeoutNanos, Thread.currentThread(), null, progress);
    }

    /** A call at whose end a task runs, by the executor. */
    static PendingCall followed(
            long id,
            Request request,
            long timeoutNanos,
            @Nullable Consumer<Progress> progressListener,
            Consumer<PendingCall> whenDone,
            Executor executor) {
        if (progressListener == null) {
            return new PendingCall(
                    id, request, timeoutNanos, null, call -> executor.execute(() -> whenDone.accept(call)), null);
        }
        // One queue for both, so that no progress is reported after the end.
        SerialTasks tasks = new SerialTasks(executor);
        return new PendingCall(
                id,
                request,
                timeoutNanos,
                null,
                call -> tasks.execute(() -> whenDone.accept(call)),
                new ProgressQueue(progressListener, tasks));
    }

    /**
     * Leaves the outcome.
     *
     * @return false if there was one already
     */
    boolean complete(Object result) {
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
        if (result instanceof McpException failure) {
            throw failure;
        }
        throw new IllegalStateException("No outcome yet");
    }

    /** Leaves a notification of progress, from the thread that reads. */
    void progressed(Progress notification) {
        if (progress != null && outcome == null) {
            progress.add(notification);
            LockSupport.unpark(waiter);
        }
    }

    /** Reports the progress that has come, on the waiting thread. */
    void reportProgress() {
        if (progress != null) {
            progress.drain();
        }
    }
}
