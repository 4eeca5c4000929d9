package io.mcpdrivers.pool;

import io.mcpdrivers.McpPoolClosedException;
import io.mcpdrivers.engine.ServerTarget;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The connections to one server and the callers that want them: who gets which, and who waits.
 *
 * <p>One lock guards the counts; nothing is called while it is held that could block, not even Commons Pool. What has to
 * be done is written down as {@link Work} and done afterwards. All that changes what there is to give, or who wants it,
 * ends in {@link #dispatch}.
 *
 * <p>A free connection is promised before it is fetched: {@link #available} counts those that are promised to nobody. It
 * goes up when a connection has been put back, and down when one is promised or a free one is removed, in whatever order
 * that happens; so it may be below zero for a moment, which means that somebody who was promised one will find none. See
 * {@link Borrowing}.
 */
final class ServerPool {

    private final PoolServices services;
    private final ServerKey key;
    private final ServerTarget target;
    private final SettingValues settingValues;
    private final ServerSettings settings;
    private final ServerStatistics statistics = new ServerStatistics();
    private final SharedConnections shared = new SharedConnections();
    private final Borrowing borrowing;
    private final Starter starter;
    private final Departures departures;
    private final RetryPolicy retryPolicy;
    private volatile String name;

    private final ReentrantLock lock = new ReentrantLock();
    private final WaiterQueue waiters = new WaiterQueue();
    /** The connections that can be lent or are. */
    private final List<PooledSlot> slots = new ArrayList<>();

    private boolean closed;
    private long lastUsedAt;

    /** Changed under the lock only. */
    private volatile int available;
    /** Connections that count against the limits: starting, usable, closing. Changed under the lock only. */
    private volatile int open;

    private volatile boolean gone;
    /** Leases per connection as far as is known; {@link PoolSetting#AUTO_STREAMS} before the first connection. */
    private volatile int streams;

    /** Connections promised and not yet fetched. */
    private final AtomicInteger taking = new AtomicInteger();
    /** Connections given back and not yet available. */
    private final AtomicInteger returning = new AtomicInteger();

    ServerPool(PoolServices services, ServerKey key, ServerTarget target, SettingValues settingValues) {
        this.services = services;
        this.key = key;
        this.target = target;
        this.name = target.name();
        this.settingValues = settingValues;
        this.settings = ServerSettings.of(settingValues);
        this.streams = settings.streams();
        this.starter = new Starter(this, services);
        this.departures = new Departures(this, services);
        this.borrowing = new Borrowing(this, services);
        this.retryPolicy = new RetryPolicy(settings);
        this.lastUsedAt = services.now();
    }

    ServerKey key() {
        return key;
    }

    ServerTarget target() {
        return target;
    }

    String name() {
        return name;
    }

    /** Calls it by the name under which it is configured. */
    void name(String configured) {
        name = configured;
    }

    ServerSettings settings() {
        return settings;
    }

    SettingValues settingValues() {
        return settingValues;
    }

    ServerStatistics statistics() {
        return statistics;
    }

    Borrowing borrowing() {
        return borrowing;
    }

    Departures departures() {
        return departures;
    }

    RetryPolicy retryPolicy() {
        return retryPolicy;
    }

    // What may be read without the lock.

    /** Whether it was dropped for not having been used, and another one has to be made. */
    boolean isGone() {
        return gone;
    }

    int waiting() {
        return waiters.size();
    }

    int available() {
        return available;
    }

    int returning() {
        return returning.get();
    }

    int streams() {
        return streams;
    }

    /** Whether there is no connection, not even one that starts or ends. */
    boolean hasNone() {
        return open == 0;
    }

    /** Whether the first who waits here came before the first who waits there. */
    boolean waitsLongerThan(ServerPool other) {
        long now = System.nanoTime();
        return waiters.firstSince(now) - other.waiters.firstSince(now) < 0;
    }

    // Taking.

    /** A lease on a connection that is in use, or null. */
    @Nullable
    PooledSlot join() {
        return shared.join(services, false);
    }

    /** Promises an available connection to the caller, if nobody waits for one. */
    boolean takeTicket() {
        lock.lock();
        try {
            if (available <= 0 || closed || !waiters.isEmpty()) {
                return false;
            }
            available--;
            taking.incrementAndGet();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** The connection that was promised has been fetched and is in use. */
    void ticketRedeemed() {
        taking.decrementAndGet();
        if (waiters.size() > 0) {
            // Those who wait may now share it.
            redispatch();
        }
    }

    /**
     * Takes a promise back if it cannot be kept.
     *
     * @param anyway whether to do so even if it looks as if it could
     * @return whether it was taken back
     */
    boolean ticketVoided(boolean anyway) {
        Work work;
        lock.lock();
        try {
            if (available >= 0 && !anyway) {
                return false;
            }
            if (available < 0) {
                available++;
            }
            taking.decrementAndGet();
            work = dispatch();
        } finally {
            lock.unlock();
        }
        work.run(services);
        return true;
    }

    /**
     * Queues a caller, who then waits.
     *
     * @param before whether it comes before all who wait, since it had got a connection, if an unusable one
     * @return false if this server has to be looked up again
     * @throws io.mcpdrivers.McpException if the pool is closed, or the server is known not to start
     */
    boolean enqueue(Waiter waiter, boolean before) {
        Work work;
        lock.lock();
        try {
            if (gone) {
                return false;
            }
            if (closed || services.isClosing()) {
                throw Refusals.closed(name);
            }
            lastUsedAt = services.now();
            if (before) {
                waiters.placeFirst(waiter);
            } else if (waiter.place == 0 && slots.isEmpty()) {
                starter.refuseWhileFailing();
            }
            waiter.reset();
            waiters.add(waiter);
            work = dispatch();
        } finally {
            lock.unlock();
        }
        work.run(services);
        return true;
    }

    /** Lets a caller go that gives up, unless it was given something at the same moment. */
    @Nullable
    Object leave(Waiter waiter) {
        lock.lock();
        try {
            Object given = waiter.given();
            if (given == null) {
                waiters.remove(waiter);
                withdrawIfNobodyWaits();
            }
            return given;
        } finally {
            lock.unlock();
        }
    }

    // Giving back.

    /** Ends a lease. Never blocks. */
    void release(PooledSlot slot) {
        if (slot.releaseShared()) {
            if (slot.connection.abandoned() >= settings.maxAbandoned()) {
                slot.retire();
            }
            if (waiters.size() > 0) {
                redispatch();
            }
            return;
        }
        release(slot, isFit(slot));
    }

    /** Ends a lease on a connection that is not to be lent again. */
    void discard(PooledSlot slot) {
        slot.retire();
        release(slot, false);
    }

    private boolean isFit(PooledSlot slot) {
        return !services.isClosing()
                && !slot.connection.isClosed()
                && !slot.isWorn(services.now())
                && slot.connection.abandoned() < settings.maxAbandoned()
                && (waiters.size() > 0 ? !services.permits().owesTo(this) : available < settings.maxIdle());
    }

    private void release(PooledSlot slot, boolean keep) {
        // Counted before the connection is seen to be free, so that nobody starts another one in between.
        returning.incrementAndGet();
        slot.returnedAt(services.now());
        int added = 0;
        switch (slot.release(keep)) {
            case FREE -> {
                services.idle().putBack(key, slot);
                added = 1;
            }
            case REMOVE -> departures.removeReturned(slot);
            case SHARED, GONE -> {}
        }
        Work work;
        lock.lock();
        try {
            available += added;
            returning.decrementAndGet();
            lastUsedAt = slot.returnedAt();
            work = waiters.isEmpty() ? null : dispatch();
        } finally {
            lock.unlock();
        }
        if (work != null) {
            work.run(services);
        } else if (added > 0 && services.permits().isRoomNeeded()) {
            services.makeRoom();
        }
    }

    // Giving.

    void redispatch() {
        redispatch(() -> {});
    }

    /** Looks again who can be given what, after something was changed under the lock. */
    void redispatch(Runnable change) {
        Work work;
        lock.lock();
        try {
            change.run();
            work = dispatch();
        } finally {
            lock.unlock();
        }
        work.run(services);
    }

    /** Gives those who wait what there is, and starts what they need beyond it. Under the lock. */
    private Work dispatch() {
        Work work = new Work();
        serve(work);
        if (waiters.isEmpty() || closed) {
            return work;
        }
        if (streams > 1) {
            // One that is just being fetched or given back can be shared in a moment, and whoever does that dispatches
            // again; or it has got there since it was looked for.
            if (isInTransit()) {
                return work;
            }
            serve(work);
            if (waiters.isEmpty() || isInTransit()) {
                return work;
            }
        }
        starter.startWanted(work);
        if (starter.count() == 0) {
            // Better an old connection than none.
            serveShared(work, true);
        }
        withdrawIfNobodyWaits();
        return work;
    }

    private boolean isInTransit() {
        return taking.get() + returning.get() > 0;
    }

    private void serve(Work work) {
        serveShared(work, false);
        while (!waiters.isEmpty() && available > 0) {
            available--;
            taking.incrementAndGet();
            give(work, Waiter.TICKET);
            if (streams > 1) {
                // The others join this one.
                return;
            }
        }
    }

    private void serveShared(Work work, boolean evenWorn) {
        PooledSlot joined;
        while (!waiters.isEmpty() && (joined = shared.join(services, evenWorn)) != null) {
            give(work, joined);
        }
    }

    private void give(Work work, Object what) {
        Waiter waiter = waiters.poll();
        waiter.give(what);
        work.wake(waiter);
    }

    private void withdrawIfNobodyWaits() {
        if (waiters.isEmpty()) {
            services.permits().withdraw(this);
        }
    }

    // What the starter and the departures change.

    /** Under the lock. */
    boolean isBelowLimit() {
        return open < settings.maxConnections();
    }

    /** Whether there is a connection that is lent or could be. Under the lock. */
    boolean isConnected() {
        return !slots.isEmpty();
    }

    /** Under the lock. */
    void opening() {
        open++;
    }

    /** Starts a connection with a permit that has become free; false if none is wanted any more. */
    boolean acceptPermit() {
        Work work = new Work();
        lock.lock();
        try {
            if (closed || waiters.isEmpty() || !starter.accept(work)) {
                return false;
            }
        } finally {
            lock.unlock();
        }
        work.run(services);
        return true;
    }

    /** A connection was started and stands in Commons Pool. */
    void started(ConnectionStart start, PooledSlot slot) {
        Work work;
        boolean tooLate;
        lock.lock();
        try {
            starter.succeeded(start);
            streams = slot.streams;
            if (!slot.isRemoved()) {
                slots.add(slot);
                if (slot.isShared()) {
                    shared.add(slot);
                }
            }
            available++;
            tooLate = closed;
            work = dispatch();
        } finally {
            lock.unlock();
        }
        work.run(services);
        slot.connection.onEnd(() -> departures.remove(slot));
        if (tooLate) {
            departures.removeIfIdle(slot);
        } else if (waiters.size() == 0 && services.permits().isRoomNeeded()) {
            services.makeRoom();
        }
    }

    /** A connection could not be started, and nothing of it is left. */
    void startFailed(ConnectionStart start, Throwable failure) {
        Work work = new Work();
        lock.lock();
        try {
            open--;
            if (!closed) {
                statistics.failed(failure);
            }
            starter.failed(start, failure, waiters, work);
            work.add(dispatch());
        } finally {
            lock.unlock();
        }
        services.permits().release();
        work.run(services);
    }

    /** A connection is no longer lent. */
    void forget(PooledSlot slot, boolean wasFree) {
        lock.lock();
        try {
            slots.remove(slot);
            shared.remove(slot);
            if (wasFree) {
                available--;
            }
        } finally {
            lock.unlock();
        }
    }

    /** A connection was closed and its server has ended. */
    void ended() {
        Work work;
        lock.lock();
        try {
            open--;
            work = dispatch();
        } finally {
            lock.unlock();
        }
        services.permits().closingEnded();
        work.run(services);
    }

    /** The idle connection that was used longest ago, if nobody here wants it. */
    @Nullable
    PooledSlot leastRecentlyUsed() {
        if (available <= 0 || waiters.size() > 0) {
            return null;
        }
        lock.lock();
        try {
            PooledSlot oldest = null;
            for (PooledSlot slot : slots) {
                if (slot.isFree() && (oldest == null || slot.returnedAt() - oldest.returnedAt() < 0)) {
                    oldest = slot;
                }
            }
            return oldest;
        } finally {
            lock.unlock();
        }
    }

    // Housekeeping and the end.

    /** All connections that can be lent or are. */
    List<PooledSlot> slots() {
        lock.lock();
        try {
            return List.copyOf(slots);
        } finally {
            lock.unlock();
        }
    }

    /** Starts what is missing of the idle connections that are to be kept. */
    void warm() {
        if (settings.minIdle() == 0) {
            return;
        }
        Work work = new Work();
        lock.lock();
        try {
            if (!closed && waiters.isEmpty()) {
                int warm = available + shared.withRoom(services.now()) + starter.count();
                starter.startIdle(work, settings.minIdle() - warm);
            }
        } finally {
            lock.unlock();
        }
        work.run(services);
    }

    /** Has this one dropped, to be made anew when wanted, if it has nothing and nobody has used it for a time. */
    boolean dropIfUnused(long nanos) {
        lock.lock();
        try {
            if (open == 0 && waiters.isEmpty() && services.now() - lastUsedAt >= nanos) {
                gone = true;
            }
            return gone;
        } finally {
            lock.unlock();
        }
    }

    /** Takes no callers any more, turns those away that wait, and gives up what is being started. */
    void close() {
        Work work = new Work();
        lock.lock();
        try {
            closed = true;
            for (Waiter waiter : waiters.drain()) {
                waiter.give(new McpPoolClosedException(Refusals.closed(name).getMessage(), null));
                work.wake(waiter);
            }
            services.permits().withdraw(this);
            starter.interruptAll();
        } finally {
            lock.unlock();
        }
        work.run(services);
    }

    ServerStatus status() {
        lock.lock();
        try {
            int leases = 0;
            int active = 0;
            for (PooledSlot slot : slots) {
                leases += slot.leases();
                active += slot.leases() > 0 ? 1 : 0;
            }
            ServerStatistics.Failure failure = statistics.lastFailure();
            return new ServerStatus(
                    name,
                    settings.enabled(),
                    state(),
                    leases,
                    open,
                    active,
                    slots.size() - active,
                    starter.count(),
                    open - starter.count() - slots.size(),
                    waiters.size(),
                    statistics.hits(),
                    statistics.misses(),
                    statistics.timeouts(),
                    statistics.errors(),
                    failure == null ? null : String.valueOf(failure.cause().getMessage()),
                    failure == null ? null : failure.at());
        } finally {
            lock.unlock();
        }
    }

    private ServerState state() {
        if (closed) {
            return ServerState.SHUTDOWN;
        }
        if (starter.isFailing() && slots.isEmpty()) {
            return ServerState.ERROR;
        }
        return starter.hasWorked() ? ServerState.READY : ServerState.INITIALIZING;
    }
}
