package io.mcpdrivers.pool;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Who uses a connection. The leases are counted in one atomic number:
 *
 * <ul>
 *   <li>0: free, stored in Commons Pool;
 *   <li>n: shared by n leases;
 *   <li>n, retired: takes no further lease, and is removed by whoever gives the last one back;
 *   <li>n, removed: closed or about to be; the leases that are still there find it lost.
 * </ul>
 *
 * Whoever sets <em>removed</em>, and nobody else, takes the connection out of the pool and has it closed.
 *
 * @param <T> the kind of object that Commons Pool stores, which is this itself
 */
abstract class LeasedObject<T> extends StoredObject<T> {

    /** What a lease finds when it is given back. */
    enum Release {
        /** Others still use the connection. */
        SHARED,
        /** It was the last, and the connection is free. */
        FREE,
        /** It was the last, and the caller has to remove the connection. */
        REMOVE,
        /** The connection was removed before. */
        GONE
    }

    /** What came of an attempt to remove a connection. */
    enum Removal {
        /** Somebody else does it. */
        LOST,
        /** It was free and has to be removed by the caller. */
        WAS_FREE,
        /** It was leased and has to be removed by the caller. */
        WAS_LEASED
    }

    private static final int REMOVED = 1 << 31;
    private static final int RETIRED = 1 << 30;
    private static final int COUNT = RETIRED - 1;

    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(LeasedObject.class, "state", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** How many leases may share it. */
    final int streams;

    @SuppressWarnings("unused")
    private volatile int state;

    /**
     * Creates one that is free.
     *
     * @param streams how many leases may share it
     */
    LeasedObject(int streams) {
        this.streams = streams;
    }

    /** Takes the first lease on a free connection; false if it was removed. */
    boolean activate() {
        return STATE.compareAndSet(this, 0, 1);
    }

    /** Takes one more lease on a connection that is in use and has room. */
    boolean join() {
        while (true) {
            int seen = state;
            // Free, retired and removed connections fail this, too: the flags make the number large or negative.
            if (seen <= 0 || seen >= streams) {
                return false;
            }
            if (STATE.compareAndSet(this, seen, seen + 1)) {
                return true;
            }
        }
    }

    /** Gives a lease back if it is not the last; false if it is. */
    final boolean releaseShared() {
        while (true) {
            int seen = state;
            if ((seen & COUNT) <= 1) {
                return false;
            }
            if (STATE.compareAndSet(this, seen, seen - 1)) {
                return true;
            }
        }
    }

    /**
     * Gives a lease back.
     *
     * @param keep whether the connection may be lent again if this lease was the last
     */
    final Release release(boolean keep) {
        while (true) {
            int seen = state;
            int next;
            Release result;
            if ((seen & COUNT) > 1) {
                next = seen - 1;
                result = Release.SHARED;
            } else if (seen < 0) {
                next = REMOVED;
                result = Release.GONE;
            } else if (keep && (seen & RETIRED) == 0) {
                next = 0;
                result = Release.FREE;
            } else {
                next = REMOVED;
                result = Release.REMOVE;
            }
            if (STATE.compareAndSet(this, seen, next)) {
                return result;
            }
        }
    }

    /**
     * Has it take no further lease if it is in use.
     *
     * @return false if it is free or removed, and nothing has changed
     */
    final boolean retire() {
        while (true) {
            int seen = state;
            if (seen <= 0) {
                return false;
            }
            if ((seen & RETIRED) != 0 || STATE.compareAndSet(this, seen, seen | RETIRED)) {
                return true;
            }
        }
    }

    /** Whether it is in use and will not be lent again. */
    final boolean isRetired() {
        return (state & RETIRED) != 0;
    }

    /** Claims the removal, whether or not it is in use. */
    final Removal remove() {
        while (true) {
            int seen = state;
            if (seen < 0) {
                return Removal.LOST;
            }
            if (STATE.compareAndSet(this, seen, seen | REMOVED)) {
                return seen == 0 ? Removal.WAS_FREE : Removal.WAS_LEASED;
            }
        }
    }

    /** Claims the removal if no lease is on it. */
    final boolean removeIfFree() {
        return STATE.compareAndSet(this, 0, REMOVED);
    }

    final boolean isFree() {
        return state == 0;
    }

    final boolean isRemoved() {
        return state < 0;
    }

    /** Whether a further lease could join it now. */
    final boolean hasRoom() {
        int seen = state;
        return seen > 0 && seen < streams;
    }

    final int leases() {
        return state & COUNT;
    }
}
