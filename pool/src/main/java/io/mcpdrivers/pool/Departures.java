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

    /** Removes a connection, whether or not it is in use: it was lost. */
    void remove(PooledSlot slot) {
        PooledSlot.Removal removal = slot.remove();
        if (removal != PooledSlot.Removal.LOST) {
            log.debug("A connection to server '{}' was lost with {} leases on it", server.name(), slot.leases());
            forget(slot, removal == PooledSlot.Removal.WAS_FREE);
            end(slot);
        }
    }

    /** Removes a connection if no lease is on it. */
    void removeIfIdle(PooledSlot slot) {
        if (slot.removeIfFree()) {
            forget(slot, true);
            end(slot);
        }
    }

    /** Removes a connection whose removal the caller has claimed by giving the last lease back. */
    void removeReturned(PooledSlot slot) {
        forget(slot, false);
        end(slot);
    }

    /** Removes an idle connection if it has expired; Commons Pool then destroys it. */
    boolean expire(PooledSlot slot) {
        long now = services.now();
        ServerSettings settings = server.settings();
        boolean idleTooLong = settings.idleTimeoutNanos() > 0
                && now - slot.returnedAt() >= settings.idleTimeoutNanos()
                && server.lending().available() > settings.minIdle();
        if (!(idleTooLong || slot.isWorn(now) || slot.connection.isClosed()) || !slot.removeIfFree()) {
            return false;
        }
        forget(slot, true);
        return true;
    }

    /** Commons Pool has let go of a connection, on its own or because it was told to. */
    void destroyed(PooledSlot slot) {
        PooledSlot.Removal removal = slot.remove();
        if (removal != PooledSlot.Removal.LOST) {
            forget(slot, removal == PooledSlot.Removal.WAS_FREE);
        }
        close(slot);
    }

    private void forget(PooledSlot slot, boolean wasFree) {
        services.permits().closingBegins();
        server.lending().forget(slot, wasFree);
    }

    private void end(PooledSlot slot) {
        close(slot);
        services.background().execute(() -> services.idle().remove(server.key(), slot));
    }

    private void close(PooledSlot slot) {
        if (!slot.claimClosing()) {
            return;
        }
        try {
            // Never on this thread, which may hold a lock of Commons Pool.
            var unused = slot.connection.closeAsync().whenCompleteAsync((nothing, e) -> ended(), services.background());
        } catch (RuntimeException e) {
            services.background().execute(this::ended);
            throw e;
        }
    }

    /** Nothing is left of a connection that was closing. */
    void ended() {
        server.lending().ended(work -> {}, services.permits()::closingEnded);
    }
}
