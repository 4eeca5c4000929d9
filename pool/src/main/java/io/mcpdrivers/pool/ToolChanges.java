package io.mcpdrivers.pool;

import io.mcpdrivers.McpInterruptedException;
import io.mcpdrivers.McpRequestException;
import io.mcpdrivers.engine.PhysicalConnection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** How often a server has said that its tools have changed, and that it says so at all. Thread-safe. */
final class ToolChanges {

    private final AtomicLong count = new AtomicLong();
    private final long longestWaitNanos;
    /** Completes when the server has begun to tell of changes; null if it was not asked to. */
    private final AtomicReference<@Nullable CompletableFuture<Void>> followed = new AtomicReference<>();

    ToolChanges() {
        this(TimeUnit.SECONDS.toNanos(3));
    }

    /**
     * No changes yet.
     *
     * @param longestWaitNanos how long a server may take to begin to tell
     */
    ToolChanges(long longestWaitNanos) {
        this.longestWaitNanos = longestWaitNanos;
    }

    long count() {
        return count.get();
    }

    /** Also on threads that read. */
    void changed() {
        count.incrementAndGet();
    }

    /**
     * Has a server that tells of changes only when asked do so, as long as this connection lasts, unless it does already.
     * Waits until it has begun to, so that no change after what is asked for next is missed; if that takes too long, its
     * beginning will count as a change.
     *
     * @throws McpInterruptedException if the thread was interrupted
     */
    void follow(PhysicalConnection connection) {
        CompletableFuture<Void> begun = new CompletableFuture<>();
        CompletableFuture<Void> other = followed.compareAndExchange(null, begun);
        if (other == null) {
            ask(connection, begun);
        } else {
            begun = other;
        }
        try {
            begun.get(longestWaitNanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new McpInterruptedException("Interrupted while the server was asked to tell of changes", e);
        } catch (TimeoutException | ExecutionException e) {
            // Nobody else is to wait for it.
            begun.complete(null);
        }
    }

    private void ask(PhysicalConnection connection, CompletableFuture<Void> begun) {
        CompletableFuture<Void> following;
        try {
            following = connection.followTools(() -> {
                if (!begun.complete(null)) {
                    changed();
                }
            });
        } catch (RuntimeException | Error e) {
            stopped(begun);
            throw e;
        }
        if (following.isDone()) {
            stopped(begun);
            return;
        }
        CompletableFuture<Void> unused = following.whenComplete((nothing, failure) -> {
            if (!(RetryPolicy.cause(failure) instanceof McpRequestException)) {
                // What changes from now on is not told.
                changed();
            }
            stopped(begun);
        });
    }

    /** The next connection may be asked. */
    private void stopped(CompletableFuture<Void> begun) {
        followed.set(null);
        begun.complete(null);
    }
}
