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

/**
 * Gets a lease another connection in place of one that was lost. The first call that needs it borrows on its own thread;
 * others that have lost the same connection wait for the outcome.
 */
final class Replacement {

    private final PooledLease lease;
    private final PooledSlot lost;
    private final long until;
    private final AtomicBoolean begun = new AtomicBoolean();
    /** How many calls of the lease wait for it, so that they use no connection. */
    private final AtomicInteger waiting = new AtomicInteger();

    private final CompletableFuture<PooledSlot> fresh = new CompletableFuture<>();

    Replacement(PooledLease lease, PooledSlot lost, long until) {
        this.lease = lease;
        this.lost = lost;
        this.until = until;
    }

    boolean isFor(PooledSlot slot) {
        return lost == slot;
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
     * be called whenever the lease has a call less, or one more that waits here.
     */
    void makePlace() {
        if (!fresh.isDone()
                && waiting.get() == lease.calls()
                && lost.leases() == 1
                && lost.retire(EvictionReason.LOST)
                // Nobody has joined it in between, and nobody will.
                && lost.leases() == 1) {
            lost.server.departures().remove(lost, EvictionReason.LOST);
        }
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
            if (lease.slot() != lost) {
                // Another one was faster.
                fresh.complete(lease.slot());
                return;
            }
            // It may look alive still, but is given to nobody as long as another one can be had.
            lost.suspect();
            makePlace();
            long left = until - System.nanoTime();
            if (left <= 0) {
                throw new McpConnectionException("The call's timeout leaves no time for a fresh connection", null);
            }
            PooledSlot borrowed = lease.route().borrow(left);
            if (borrowed == lost) {
                // There is no other one, and it is in use elsewhere.
                lost.server.returns().leave(lost);
                lease.forget(this);
            } else {
                lease.replaced(lost, borrowed);
            }
            fresh.complete(borrowed);
        } catch (RuntimeException | Error e) {
            lease.forget(this);
            fresh.completeExceptionally(e);
            throw e;
        }
    }
}
