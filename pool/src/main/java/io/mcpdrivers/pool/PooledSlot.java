package io.mcpdrivers.pool;

import io.mcpdrivers.engine.PhysicalConnection;
import io.mcpdrivers.spi.Transport;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * A connection in the pool, and who uses it. The leases are counted in one atomic number:
 *
 * <ul>
 *   <li>0: free, stored in Commons Pool;
 *   <li>n: shared by n leases;
 *   <li>n, retired: takes no further lease, and is removed by whoever gives the last one back;
 *   <li>n, removed: closed or about to be; the leases that are still there find it lost.
 * </ul>
 *
 * Whoever sets <em>removed</em>, and nobody else, takes the connection out of the pool and has it closed.
 */
final class PooledSlot extends StoredObject<PooledSlot> {

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
    private static final VarHandle USES;
    private static final VarHandle HITS;
    private static final VarHandle CLOSED;
    private static final VarHandle PINGING;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            STATE = lookup.findVarHandle(PooledSlot.class, "state", int.class);
            USES = lookup.findVarHandle(PooledSlot.class, "uses", int.class);
            HITS = lookup.findVarHandle(PooledSlot.class, "hits", long.class);
            CLOSED = lookup.findVarHandle(PooledSlot.class, "closed", boolean.class);
            PINGING = lookup.findVarHandle(PooledSlot.class, "pinging", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final PhysicalConnection connection;
    final ServerPool server;
    final Lending lending;
    /** How many leases may share it. */
    final int streams;

    // What every borrower looks at stands here, too, so that it need not be fetched from the settings.
    private volatile long aliveBypassNanos;
    volatile int maxIdle;
    private volatile int maxAbandoned;
    private volatile int maxUses;
    private final boolean ages;
    private final long expiresAt;

    @SuppressWarnings("unused")
    private volatile int state;

    @SuppressWarnings("unused")
    private volatile int uses;

    @SuppressWarnings("unused")
    private volatile long hits;

    @SuppressWarnings("unused")
    private volatile boolean closed;

    @SuppressWarnings("unused")
    private volatile boolean pinging;

    private final long openedAt;
    private final long processId;
    private volatile long returnedAt;
    /** Why it leaves the pool, once that is decided. */
    private volatile @Nullable EvictionReason leaving;

    /**
     * Wraps a connection that was just opened.
     *
     * @param maxAgeNanos how old it may get, jitter included; 0 for no limit
     */
    PooledSlot(ServerPool server, PhysicalConnection connection, long now, long maxAgeNanos) {
        this.server = server;
        this.lending = server.lending();
        this.connection = connection;
        ServerSettings settings = server.settings();
        this.streams = settings.streamsOf(connection.isSharable());
        configure(settings);
        this.ages = maxAgeNanos > 0;
        this.expiresAt = now + maxAgeNanos;
        this.openedAt = now;
        this.processId = connection.isWrapperFor(Transport.class)
                ? connection.unwrap(Transport.class).processId().orElse(-1)
                : -1;
        this.returnedAt = now;
    }

    /** Has settings count that can change while it is open. */
    void configure(ServerSettings settings) {
        aliveBypassNanos = settings.aliveBypassNanos();
        maxIdle = settings.maxIdle();
        maxAbandoned = settings.maxAbandoned();
        maxUses = settings.maxUses();
    }

    /** Takes the first lease on a free connection; false if it was removed. */
    boolean activate() {
        if (!STATE.compareAndSet(this, 0, 1)) {
            return false;
        }
        countUse();
        return true;
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
                countUse();
                return true;
            }
        }
    }

    private void countUse() {
        if (maxUses > 0) {
            USES.getAndAdd(this, 1);
        }
    }

    /** Gives a lease back if it is not the last; false if it is. */
    boolean releaseShared() {
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
    Release release(boolean keep) {
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
    boolean retire(EvictionReason reason) {
        while (true) {
            int seen = state;
            if (seen <= 0) {
                return false;
            }
            if ((seen & RETIRED) != 0 || STATE.compareAndSet(this, seen, seen | RETIRED)) {
                leavesFor(reason);
                return true;
            }
        }
    }

    /** Notes why it leaves; the first reason counts. */
    EvictionReason leavesFor(EvictionReason reason) {
        EvictionReason first = leaving;
        if (first == null) {
            leaving = reason;
            return reason;
        }
        return first;
    }

    /** Whether it was decided that it leaves. */
    boolean isLeaving() {
        return leaving != null;
    }

    /** The process of its server; -1 if there is none that is known. */
    long processId() {
        return processId;
    }

    /** How long it has existed. */
    long age(long now) {
        return now - openedAt;
    }

    /** Whether it is in use and will not be lent again. */
    boolean isRetired() {
        return (state & RETIRED) != 0;
    }

    /** Claims the removal, whether or not it is in use. */
    Removal remove() {
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
    boolean removeIfFree() {
        return STATE.compareAndSet(this, 0, REMOVED);
    }

    boolean isFree() {
        return state == 0;
    }

    boolean isRemoved() {
        return state < 0;
    }

    /** Whether a further lease could join it now. */
    boolean hasRoom() {
        int seen = state;
        return seen > 0 && seen < streams;
    }

    int leases() {
        return state & COUNT;
    }

    /** Whether so many of its requests were given up that it is not to be lent again. */
    boolean isOverdue() {
        return connection.abandoned() >= maxAbandoned;
    }

    /** Counts that it was given out at once. */
    void hit() {
        HITS.getAndAdd(this, 1L);
    }

    long hits() {
        return hits;
    }

    @Override
    public PooledSlot getObject() {
        return this;
    }

    /** Whether it is too old to be lent. */
    boolean isExpired(long now) {
        return ages && now - expiresAt >= 0;
    }

    /** Whether it is too old, or has served too many leases, for one more. */
    boolean isWorn(long now) {
        return isExpired(now) || maxUses > 0 && uses >= maxUses;
    }

    long returnedAt() {
        return returnedAt;
    }

    void returnedAt(long now) {
        returnedAt = now;
    }

    /** Whether it was used, or heard from, so lately that it need not be checked. */
    boolean isRecent(long now) {
        long bypass = aliveBypassNanos;
        return (now - returnedAt < bypass || now - connection.lastReceivedNanos() < bypass) && !connection.isInDoubt();
    }

    /** How long nothing was heard from it and nobody used it. */
    long silence(long now) {
        return Math.min(now - returnedAt, now - connection.lastReceivedNanos());
    }

    /** True for the first caller only, who has to close the connection. */
    boolean claimClosing() {
        return CLOSED.compareAndSet(this, false, true);
    }

    /** True for one caller at a time, who may check an idle connection. */
    boolean claimPing() {
        return PINGING.compareAndSet(this, false, true);
    }

    void pinged() {
        pinging = false;
    }

    @Override
    public String toString() {
        return connection + ", " + leases() + " leases" + (isRemoved() ? ", removed" : "");
    }
}
