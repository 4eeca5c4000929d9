package io.mcpdrivers.pool;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * How many connections there may be in all. A permit is held from before a connection is started until its server has
 * really ended. Servers that want one when there is none left queue for it, each once, in the order in which they came.
 *
 * <p>The lock may be taken while a server's lock is held, never the other way round.
 */
final class Permits {

    private volatile int max;
    private final ReentrantLock lock = new ReentrantLock();
    private final Set<ServerPool> starving = new LinkedHashSet<>();
    private int used;
    /** Connections that are being closed: each will free a permit. */
    private int closing;

    private volatile boolean roomNeeded;
    /** Whether room is needed for which no idle connection was found. */
    private volatile boolean scarce;
    /** Whether any server is in the queue. */
    private volatile boolean anyStarving;

    Permits(int max) {
        this.max = max;
    }

    int max() {
        return max;
    }

    /** Sets how many there may be. If there are more already, none is given out until there are fewer. */
    void max(int newMax) {
        max = newMax;
        while (true) {
            ServerPool next;
            lock.lock();
            try {
                var first = starving.iterator();
                if (used >= max || !first.hasNext()) {
                    return;
                }
                next = first.next();
                first.remove();
                used++;
                look();
            } finally {
                lock.unlock();
            }
            if (!next.lending().acceptPermit()) {
                release();
            }
        }
    }

    int used() {
        lock.lock();
        try {
            return used;
        } finally {
            lock.unlock();
        }
    }

    /** Takes a permit, if need be queues for one: it is then offered by {@link Lending#acceptPermit}. */
    boolean acquireOrQueue(ServerPool server) {
        lock.lock();
        try {
            if (used < max) {
                used++;
                return true;
            }
            starving.add(server);
            look();
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** Takes a permit if one is left that nobody waits for. */
    boolean tryAcquire() {
        lock.lock();
        try {
            if (used < max) {
                used++;
                return true;
            }
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** Leaves the queue; under the lock of the server, which is what lets it join. */
    void withdraw(ServerPool server) {
        if (!anyStarving) {
            return;
        }
        lock.lock();
        try {
            starving.remove(server);
            look();
        } finally {
            lock.unlock();
        }
    }

    /** Notes that a permit will be freed soon. */
    void closingBegins() {
        lock.lock();
        try {
            closing++;
            look();
        } finally {
            lock.unlock();
        }
    }

    /** Frees the permit of a connection that was being closed. Not to be called under a server's lock. */
    void closingEnded() {
        lock.lock();
        try {
            closing--;
        } finally {
            lock.unlock();
        }
        release();
    }

    /**
     * Frees a permit, or hands it to the first who wants it, unless there are too many since the limit was lowered. Not to be
     * called under a server's lock.
     */
    void release() {
        while (true) {
            ServerPool next;
            lock.lock();
            try {
                var first = starving.iterator();
                if (!first.hasNext() || used > max) {
                    used--;
                    look();
                    return;
                }
                next = first.next();
                first.remove();
                look();
            } finally {
                lock.unlock();
            }
            if (next.lending().acceptPermit()) {
                return;
            }
        }
    }

    /** Whether more servers want a permit than are about to be freed. */
    boolean isRoomNeeded() {
        return roomNeeded;
    }

    /** Notes that no connection was idle that could have made room. */
    void nothingIdle() {
        lock.lock();
        try {
            scarce = roomNeeded;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Whether room is needed for which no idle connection was found; then it is made by one that comes back. As long as idle
     * ones are looked for, none in use has to go.
     */
    boolean isScarce() {
        return scarce;
    }

    /**
     * Whether a server that is about to give a connection to a caller of its own should rather close it: another one has
     * none at all, and a caller of that one came earlier.
     */
    boolean owesTo(ServerPool other) {
        if (!roomNeeded) {
            return false;
        }
        lock.lock();
        try {
            for (ServerPool first : starving) {
                if (first != other && first.hasNone() && first.waitsLongerThan(other)) {
                    return true;
                }
            }
            return false;
        } finally {
            lock.unlock();
        }
    }

    private void look() {
        anyStarving = !starving.isEmpty();
        roomNeeded = starving.size() > closing;
        if (!roomNeeded) {
            scarce = false;
        }
    }
}
