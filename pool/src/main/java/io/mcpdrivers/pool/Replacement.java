package io.mcpdrivers.pool;

import io.mcpdrivers.McpConnectionException;
import io.mcpdrivers.McpException;
import io.mcpdrivers.McpInterruptedException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Gets a lease another connection in place of one that was lost. The first call that needs it borrows on its own thread;
 * others that have lost the same connection wait for the outcome.
 */
final class Replacement {

    private final PooledLease lease;
    private final PooledLease.Use lost;
    private final long until;
    private final AtomicBoolean begun = new AtomicBoolean();
    /** How many calls wait for it that are still counted on what was lost, but use it no more. */
    private final AtomicInteger waiting = new AtomicInteger();

    private final CompletableFuture<@Nullable Void> fresh = new CompletableFuture<>();

    Replacement(PooledLease lease, PooledLease.Use lost, long until) {
        this.lease = lease;
        this.lost = lost;
        this.until = until;
    }

    boolean isFor(PooledLease.Use use) {
        return lost == use;
    }

    /**
     * Waits for it, or does it.
     *
     * @param deadline when to give up
     * @return false if it failed only because whoever did it was interrupted or had less time, so that it is worth another
     *     attempt
     * @throws McpException if no connection can be had
     */
    boolean await(long deadline) {
        waiting.incrementAndGet();
        try {
            return find(deadline);
        } finally {
            waiting.decrementAndGet();
        }
    }

    /**
     * Removes what was lost if nobody uses it: its place may be the only one in which another connection can be started. To
     * be called whenever a call of the lease has ended, or begins to wait here.
     */
    void makePlace() {
        if (!fresh.isDone() && mayRemove()) {
            lost.slot.server.departures().remove(lost.slot, EvictionReason.LOST);
        }
    }

    /** As long as this has no outcome, the lease that is left is that of the call which sees to one. */
    private synchronized boolean mayRemove() {
        return !fresh.isDone()
                && waiting.get() == lost.get()
                && lost.slot.leases() == 1
                && lost.slot.retire(EvictionReason.LOST)
                // Nobody has joined it in between, and nobody will.
                && lost.slot.leases() == 1;
    }

    private boolean find(long deadline) {
        if (begun.compareAndSet(false, true)) {
            run();
            return true;
        }
        makePlace();
        try {
            fresh.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new McpInterruptedException("Interrupted while waiting for a fresh connection", e);
        } catch (TimeoutException e) {
            throw new McpConnectionException("No fresh connection came within the call's timeout", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof McpInterruptedException || deadline - until > 0) {
                return false;
            }
            throw Refusals.failed(e.getCause() == null ? e : e.getCause());
        }
    }

    private void run() {
        try {
            if (lease.use() != lost) {
                // Another one was faster.
                fresh.complete(null);
                return;
            }
            // It may look alive still, but is given to nobody as long as another one can be had.
            lost.slot.suspect();
            makePlace();
            long left = until - System.nanoTime();
            if (left <= 0) {
                throw new McpConnectionException("The call's timeout leaves no time for a fresh connection", null);
            }
            succeed(lease.route().borrow(left));
        } catch (RuntimeException | Error e) {
            lease.forget(this);
            synchronized (this) {
                fresh.completeExceptionally(e);
            }
            throw e;
        }
    }

    private void succeed(PooledSlot borrowed) {
        boolean same = borrowed == lost.slot;
        synchronized (this) {
            if (!same) {
                lease.replaced(borrowed);
            }
            fresh.complete(null);
        }
        lease.forget(this);
        if (same) {
            // There is no other one, and it is in use elsewhere.
            borrowed.server.returns().leave(borrowed);
        }
    }
}
