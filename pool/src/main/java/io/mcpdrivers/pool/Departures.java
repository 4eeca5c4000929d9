package io.mcpdrivers.pool;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How connections to one server leave the pool: lost, worn out, expired, or to make room. Whoever claims the removal on
 * the slot does it; closing never waits, and the limits count the connection until its server has really ended.
 */
final class Departures {

    private static final Logger log = LoggerFactory.getLogger(Departures.class);

    private final ServerPool server;
    private final PoolServices services;

    Departures(ServerPool server, PoolServices services) {
        this.server = server;
        this.services = services;
    }

    /** Removes a connection, whether or not it is in use: it was lost, or the pool has waited for long enough. */
    void remove(PooledSlot slot, EvictionReason reason) {
        LeasedObject.Removal removal = slot.remove();
        if (removal != LeasedObject.Removal.LOST) {
            leave(slot, removal == LeasedObject.Removal.WAS_FREE, reason);
        }
    }

    /** Removes a connection if no lease is on it. */
    void removeIfIdle(PooledSlot slot, EvictionReason reason) {
        if (slot.removeIfFree()) {
            leave(slot, true, reason);
        }
    }

    /** Removes a connection at once if no lease is on it, else when the last one ends. */
    void evict(PooledSlot slot, EvictionReason reason) {
        do {
            removeIfIdle(slot, reason);
            // If it was lent in between, there is a lease to wait for; if it has come back in between, there is none.
        } while (!slot.isRemoved() && !slot.retire(reason));
    }

    /** Removes a connection whose removal the caller has claimed by giving the last lease back. */
    void removeReturned(PooledSlot slot, EvictionReason reason) {
        leave(slot, false, reason);
    }

    /** Removes an idle connection if it has expired; Commons Pool then destroys it. */
    boolean expire(PooledSlot slot) {
        long now = services.now();
        ServerSettings settings = server.settings();
        boolean idleTooLong = settings.idleTimeoutNanos() > 0
                && now - slot.returnedAt() >= settings.idleTimeoutNanos()
                && server.lending().available() > server.minIdle();
        boolean retired = server.isRetired();
        EvictionReason reason = slot.connection.isClosed()
                ? EvictionReason.LOST
                : retired
                        ? EvictionReason.WITHDRAWN
                        : idleTooLong
                                ? EvictionReason.IDLE
                                : slot.isExpired(now) ? EvictionReason.AGE : EvictionReason.USES;
        if (!(retired || idleTooLong || slot.isWorn(now) || slot.connection.isClosed()) || !slot.removeIfFree()) {
            return false;
        }
        boolean forgotten = false;
        try {
            forget(slot, true, reason);
            forgotten = true;
            return true;
        } finally {
            if (!forgotten) {
                // Commons Pool, which is not told, destroys nothing.
                end(slot);
            }
        }
    }

    /** Commons Pool has let go of a connection, on its own or because it was told to. */
    void destroyed(PooledSlot slot) {
        LeasedObject.Removal removal = slot.remove();
        try {
            if (removal != LeasedObject.Removal.LOST) {
                forget(slot, removal == LeasedObject.Removal.WAS_FREE, EvictionReason.CLOSED);
            }
        } finally {
            close(slot);
        }
    }

    private void leave(PooledSlot slot, boolean wasFree, EvictionReason reason) {
        try {
            forget(slot, wasFree, reason);
        } finally {
            // Whatever has failed, nobody else will.
            end(slot);
        }
    }

    private void forget(PooledSlot slot, boolean wasFree, EvictionReason reason) {
        services.permits().closingBegins();
        server.lending().forget(slot, wasFree);
        EvictionReason first = slot.leavesFor(reason);
        log.debug(
                "A connection to server '{}' leaves the pool: {}, {} leases on it",
                server.name(),
                first,
                slot.leases());
        server.statistics().evicted(first);
        services.events().evicted(server, slot.age(services.now()), first);
    }

    private void end(PooledSlot slot) {
        close(slot);
        if (!services.isClosing()) {
            // It looks at every key; where all connections leave, all are forgotten at once in the end.
            services.surely(() -> services.idle().remove(server.key(), slot));
        }
    }

    private void close(PooledSlot slot) {
        if (slot.claimClosing()) {
            // What follows its end never runs on this thread, which may hold a lock of Commons Pool.
            var unused =
                    services.close(slot.connection).whenCompleteAsync((nothing, e) -> ended(true), services::surely);
        }
    }

    /**
     * Nothing is left of a connection that was closing.
     *
     * @param wanted whether it was anybody's, and no attempt for which nobody has asked
     */
    void ended(boolean wanted) {
        server.lending().ended(wanted, work -> {}, services.permits()::closingEnded);
    }
}
