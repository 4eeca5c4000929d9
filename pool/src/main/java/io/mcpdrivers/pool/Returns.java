package io.mcpdrivers.pool;

import org.jspecify.annotations.Nullable;

/** How leases on the connections of one server end. Nothing here blocks, or looks at another server. */
final class Returns {

    private final ServerPool server;
    private final Lending lending;
    private final PoolServices services;

    Returns(ServerPool server, PoolServices services) {
        this.server = server;
        this.lending = server.lending();
        this.services = services;
    }

    /** Ends a lease. */
    void release(PooledSlot slot) {
        if (slot.releaseShared()) {
            lending.dispatchIfAnyoneWaits();
            return;
        }
        long now = services.now();
        release(slot, unfit(slot, now), now);
    }

    /** Ends a lease on a connection that is not to be lent again. */
    void discard(PooledSlot slot, EvictionReason reason) {
        slot.retire(reason);
        release(slot, reason, services.now());
    }

    /**
     * Ends a lease on a connection on which a call was lost. Others who use it go on; it is given to nobody else while there
     * is another one, and leaves with its last lease.
     */
    void leave(PooledSlot slot) {
        slot.suspect();
        release(slot, EvictionReason.LOST, services.now());
    }

    /** Why a connection is not to be lent again; null if it may be. */
    private @Nullable EvictionReason unfit(PooledSlot slot, long now) {
        if (services.isClosing()) {
            return EvictionReason.CLOSED;
        }
        if (slot.connection.isClosed() || slot.isSuspect()) {
            return EvictionReason.LOST;
        }
        if (server.isRetired()) {
            return EvictionReason.WITHDRAWN;
        }
        if (slot.isWorn(now)) {
            return slot.isExpired(now) ? EvictionReason.AGE : EvictionReason.USES;
        }
        if (slot.isOverdue()) {
            return EvictionReason.ABANDONED;
        }
        if (lending.waiting() > 0) {
            return services.permits().owesTo(server) ? EvictionReason.ROOM : null;
        }
        if (services.permits().isScarce() && !services.isSuspended()) {
            // Once idle, it would be in use again before anybody could take it.
            return EvictionReason.ROOM;
        }
        return lending.available() < slot.maxIdle ? null : EvictionReason.EXCESS;
    }

    private void release(PooledSlot slot, @Nullable EvictionReason unfit, long now) {
        // Counted before the connection is seen to be free, so that nobody starts another one in between.
        lending.returning();
        slot.returnedAt(now);
        switch (slot.release(unfit == null)) {
            case FREE -> {
                services.idle().putBack(server.key(), slot);
                lending.addAvailable(1);
                lending.returned();
                if (lending.waiting() == 0) {
                    services.wantRoom();
                    return;
                }
            }
            case REMOVE -> {
                // It is not coming back: a server that thought so would give up its place in the queue for permits.
                lending.returned();
                server.departures().removeReturned(slot, unfit == null ? EvictionReason.LOST : unfit);
            }
            case SHARED, GONE -> lending.returned();
        }
        lending.dispatchIfAnyoneWaits();
    }
}
