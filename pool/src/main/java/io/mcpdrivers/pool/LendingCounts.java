package io.mcpdrivers.pool;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The numbers by which connections to one server are lent. They stand in one object, and may be read and some of them
 * changed without the server's lock, so that borrowing an idle connection and giving it back takes no lock at all when
 * nobody waits.
 *
 * <p>A free connection is promised before it is fetched. {@link #available} counts those that are promised to nobody: it
 * goes up when a connection has been put back, and down when one is promised or a free one is removed, in whatever order
 * that happens; so it may be below zero for a moment, which means that somebody who was promised one will find none.
 *
 * <p>Whoever makes something available does that first and then looks whether somebody waits; whoever waits is counted
 * first and then looks what is available. So at least one of them sees the other.
 */
class LendingCounts {

    private static final VarHandle AVAILABLE;
    private static final VarHandle TAKING;
    private static final VarHandle RETURNING;
    private static final VarHandle OPEN;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            AVAILABLE = lookup.findVarHandle(LendingCounts.class, "available", int.class);
            TAKING = lookup.findVarHandle(LendingCounts.class, "taking", int.class);
            RETURNING = lookup.findVarHandle(LendingCounts.class, "returning", int.class);
            OPEN = lookup.findVarHandle(LendingCounts.class, "open", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile int available;
    /** Connections promised and not yet fetched. */
    private volatile int taking;
    /** Connections given back and not yet available. */
    private volatile int returning;
    /** Connections that count against the limits: starting, usable, closing. */
    private volatile int open;
    /** Callers that wait. */
    private volatile int waiting;

    final int available() {
        return available;
    }

    /** Promises an available connection to the caller; false if there is none. */
    final boolean promise() {
        if (available <= 0) {
            return false;
        }
        // Counted first, so that there is no moment at which a shared connection on its way is seen in no count.
        TAKING.getAndAdd(this, 1);
        while (true) {
            int seen = available;
            if (seen <= 0) {
                TAKING.getAndAdd(this, -1);
                return false;
            }
            if (AVAILABLE.compareAndSet(this, seen, seen - 1)) {
                return true;
            }
        }
    }

    /** The one who was promised a connection has it, or has given it up. */
    final void fetched() {
        TAKING.getAndAdd(this, -1);
    }

    /** A promise cannot be kept if more free connections were removed than were available; then it ends here. */
    final boolean breakPromise() {
        while (true) {
            int seen = available;
            if (seen >= 0) {
                return false;
            }
            if (AVAILABLE.compareAndSet(this, seen, seen + 1)) {
                TAKING.getAndAdd(this, -1);
                return true;
            }
        }
    }

    /** Makes available to others what was promised to one who does not take it. */
    final void givePromiseBack() {
        AVAILABLE.getAndAdd(this, 1);
        TAKING.getAndAdd(this, -1);
    }

    final void addAvailable(int change) {
        AVAILABLE.getAndAdd(this, change);
    }

    final void returning() {
        RETURNING.getAndAdd(this, 1);
    }

    final void returned() {
        RETURNING.getAndAdd(this, -1);
    }

    final int countReturning() {
        return returning;
    }

    /** Whether a connection is being fetched or given back, and will be in use or available in a moment. */
    final boolean isInTransit() {
        return taking + returning > 0;
    }

    final int open() {
        return open;
    }

    final void addOpen(int change) {
        OPEN.getAndAdd(this, change);
    }

    final int waiting() {
        return waiting;
    }

    final void waiting(int count) {
        waiting = count;
    }
}
