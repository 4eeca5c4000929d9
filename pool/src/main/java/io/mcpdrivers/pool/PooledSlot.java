package io.mcpdrivers.pool;

import io.mcpdrivers.engine.PhysicalConnection;
import io.mcpdrivers.spi.Transport;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/** A connection in the pool: what it is worth, and why it leaves. */
final class PooledSlot extends LeasedObject<PooledSlot> {

    private static final VarHandle USES;
    private static final VarHandle HITS;
    private static final VarHandle CLOSED;
    private static final VarHandle PINGING;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
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

    // What every borrower looks at stands here, too, so that it need not be fetched from the settings.
    private volatile long aliveBypassNanos;
    volatile int maxIdle;
    private volatile int maxAbandoned;
    private volatile int maxUses;
    private final boolean ages;
    private final long expiresAt;

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
    /** Whether a call was lost on it, although it looks alive. */
    private volatile boolean suspect;
    /** Why it leaves the pool, once that is decided. */
    private volatile @Nullable EvictionReason leaving;

    /**
     * Wraps a connection that was just opened.
     *
     * @param maxAgeNanos how old it may get, jitter included; 0 for no limit
     */
    PooledSlot(ServerPool server, PhysicalConnection connection, long now, long maxAgeNanos) {
        super(server.settings().streamsOf(connection.isSharable()));
        this.server = server;
        this.lending = server.lending();
        this.connection = connection;
        configure(server.settings());
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

    @Override
    boolean activate() {
        return counted(super.activate());
    }

    @Override
    boolean join() {
        return counted(super.join());
    }

    private boolean counted(boolean leased) {
        if (leased && maxUses > 0) {
            USES.getAndAdd(this, 1);
        }
        return leased;
    }

    /**
     * Has it take no further lease if it is in use.
     *
     * @return false if it is free or removed, and nothing has changed
     */
    boolean retire(EvictionReason reason) {
        boolean retired = retire();
        if (retired) {
            leavesFor(reason);
        }
        return retired;
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

    /** Notes that a call was lost on it. */
    void suspect() {
        suspect = true;
    }

    boolean isSuspect() {
        return suspect;
    }

    /** Whether a lease may join it only if no other connection can be had. */
    boolean isLastResort(long now) {
        return suspect || isWorn(now) || isOverdue();
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
