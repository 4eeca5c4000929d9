package io.mcpdrivers.pool;

import io.mcpdrivers.CallOptions;
import io.mcpdrivers.McpException;
import io.mcpdrivers.engine.Telemetry;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A call that a lease makes without blocking. It counts as in flight until the connection has done with it, even if the
 * caller completes or cancels this future earlier; cancelling cancels the request.
 */
final class LeaseFuture<T> extends CompletableFuture<T> implements BiConsumer<T, @Nullable Throwable> {

    private static final Logger log = LoggerFactory.getLogger(LeaseFuture.class);

    private final PooledLease lease;
    private final CallOptions options;
    private final long started = System.nanoTime();
    /** What the caller is at; null if that is nothing that anybody traces. */
    private final @Nullable Executor context;

    private Call<T> call;
    private PooledLease.Use used;
    private boolean repeated;
    private volatile @Nullable CompletableFuture<T> current;

    LeaseFuture(PooledLease lease, Call<T> call, CallOptions options, PooledLease.Use used) {
        this.lease = lease;
        this.call = call;
        this.options = options;
        this.used = used;
        this.context = Telemetry.contextOf(used.slot.connection.target());
    }

    /** Makes the call, which the lease has counted in. */
    void start() {
        make(options);
    }

    private void make(CallOptions how) {
        CompletableFuture<T> made;
        try {
            made = call.makeAsync(used.slot.connection, how);
        } catch (McpException e) {
            made = CompletableFuture.failedFuture(e);
        } catch (RuntimeException | Error e) {
            lease.exit(used);
            throw e;
        }
        current = made;
        var unused = made.whenComplete(this);
        if (isCancelled()) {
            made.cancel(true);
        }
    }

    @Override
    public void accept(@Nullable T result, @Nullable Throwable failed) {
        Throwable cause = RetryPolicy.cause(failed);
        Throwable failure = cause instanceof McpException known ? lease.ofLease(known) : cause;
        try {
            Call<T> again = repeated || isDone() ? null : call.again(result, failure);
            if (again != null) {
                repeated = true;
                // Waiting for a connection is not for the thread that completes futures.
                lease.background().execute(() -> inContext(context, () -> repeat(again, result, failure)));
                return;
            }
        } catch (RuntimeException | Error e) {
            // What is thrown here reaches nobody, and the call would be counted for ever.
            if (failure == null) {
                finish(null, e);
                return;
            }
            failure.addSuppressed(e);
        }
        finish(result, failure);
    }

    /** Runs a task once, whatever the application's code does that says what its thread is at. */
    static void inContext(@Nullable Executor context, Runnable task) {
        if (context == null) {
            task.run();
            return;
        }
        AtomicBoolean begun = new AtomicBoolean();
        try {
            context.execute(() -> {
                begun.set(true);
                task.run();
            });
        } catch (RuntimeException | Error e) {
            log.warn("A repeated call is not traced where it belongs", e);
            if (!begun.get()) {
                task.run();
            }
        }
    }

    private void repeat(Call<T> again, @Nullable T result, @Nullable Throwable failure) {
        CallOptions left;
        try {
            left = lease.replace(used, again, options, started);
        } catch (McpException e) {
            if (failure != null) {
                failure.addSuppressed(e);
            }
            finish(result, failure);
            return;
        } catch (RuntimeException | Error e) {
            finish(null, e);
            return;
        }
        used = lease.moved(used);
        if (isDone()) {
            // Cancelled meanwhile: what nobody waits for is not sent.
            lease.exit(used);
            return;
        }
        call = again;
        try {
            make(left);
        } catch (RuntimeException | Error e) {
            // Nobody sees what this thread throws.
            completeExceptionally(e);
        }
    }

    private void finish(@Nullable T result, @Nullable Throwable failure) {
        lease.exit(used);
        if (failure != null) {
            completeExceptionally(failure);
        } else {
            complete(result);
        }
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        boolean cancelled = super.cancel(mayInterruptIfRunning);
        CompletableFuture<T> made = current;
        if (cancelled && made != null) {
            made.cancel(mayInterruptIfRunning);
        }
        return cancelled;
    }

    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new CompletableFuture<>();
    }
}
