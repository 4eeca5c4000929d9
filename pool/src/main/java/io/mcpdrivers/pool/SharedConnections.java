package io.mcpdrivers.pool;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The connections of a server that leases may share. Read without a lock, changed under the server's. A lease joins the
 * least loaded by compare-and-set on its count.
 */
final class SharedConnections {

    private static final PooledSlot[] NONE = {};

    private volatile PooledSlot[] slots = NONE;

    /** Guarded by the server's lock. */
    void add(PooledSlot slot) {
        PooledSlot[] changed = Arrays.copyOf(slots, slots.length + 1);
        changed[slots.length] = slot;
        slots = changed;
    }

    /** Guarded by the server's lock. */
    void remove(PooledSlot slot) {
        PooledSlot[] current = slots;
        for (int i = 0; i < current.length; i++) {
            if (current[i] == slot) {
                PooledSlot[] changed = Arrays.copyOf(current, current.length - 1);
                System.arraycopy(current, i + 1, changed, i, current.length - i - 1);
                slots = changed;
                return;
            }
        }
    }

    /**
     * Takes a lease on a connection that is in use.
     *
     * @param evenWorn whether one will do that is too old to be lent again, has too many unanswered requests, or has lost a
     *     call
     * @return the connection, or null if none is in use and has room
     */
    @Nullable
    PooledSlot join(PoolServices services, boolean evenWorn) {
        PooledSlot[] current = slots;
        if (current.length == 0) {
            return null;
        }
        long now = services.now();
        // Each round fails only because others have joined; when all are full, there is no candidate left.
        while (true) {
            PooledSlot best = null;
            int least = Integer.MAX_VALUE;
            for (PooledSlot slot : current) {
                if (slot.hasRoom() && slot.leases() < least && (evenWorn || !slot.isLastResort(now))) {
                    best = slot;
                    least = slot.leases();
                }
            }
            if (best == null || best.join()) {
                return best;
            }
        }
    }

    /** How many are in use and have room. */
    int withRoom(long now) {
        int count = 0;
        for (PooledSlot slot : slots) {
            if (slot.hasRoom() && !slot.isLastResort(now)) {
                count++;
            }
        }
        return count;
    }
}
