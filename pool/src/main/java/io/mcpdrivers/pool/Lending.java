package io.mcpdrivers.pool;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Who gets which connection to one server, and who waits.
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
final class Lending {

    private final ServerPool server;
    private final PoolServices services;
    private final ServerSettings settings;
    private final SharedConnections shared = new SharedConnections();

    private final ReentrantLock lock = new ReentrantLock();
    private final WaiterQueue waiters = new WaiterQueue();
    /** The connections that can be lent or are. */
    private final List<PooledSlot> slots = new ArrayList<>();

    private boolean closed;
    private boolean gone;
    private long lastUsedAt;
    /** Leases per connection as far as is known; {@link PoolSetting#AUTO_STREAMS} before the first connection. */
    private int streams;

    /** Changed under the lock only. */
    private final AtomicInteger available = new AtomicInteger();
    /** Connections that count against the limits: starting, usable, closing. Changed under the lock only. */
    private final AtomicInteger open = new AtomicInteger();
    /** Connections promised and not yet fetched. */
    private final AtomicInteger taking = new AtomicInteger();
    /** Connections given back and not yet available. */
    private final AtomicInteger returning = new AtomicInteger();

    Lending(ServerPool server, PoolServices services) {
        this.server = server;
        this.services = services;
        this.settings = server.settings();
        this.streams = settings.streams();
        this.lastUsedAt = services.now();
    }

    // What may be read without the lock.

    int waiting() {
        return waiters.size();
    }

    /** Since when the first has waited, or the given time if nobody waits. */
    long firstWaitsSince(long ifNobody) {
        return waiters.firstSince(ifNobody);
    }

    int available() {
        return available.get();
    }

    int returning() {
        return returning.get();
    }

    int open() {
        return open.get();
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
            if (available.get() <= 0 || closed || !waiters.isEmpty()) {
                return false;
            }
            promise();
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void promise() {
        available.decrementAndGet();
        taking.incrementAndGet();
    }

    /** The connection that was promised has been fetched and is in use. */
    void ticketRedeemed() {
        taking.decrementAndGet();
        if (waiters.size() > 0) {
            // Those who wait may now share it.
            change(work -> {});
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
            boolean missing = available.get() < 0;
            if (!missing && !anyway) {
                return false;
            }
            if (missing) {
                available.incrementAndGet();
            }
            taking.decrementAndGet();
            work = dispatch(new Work());
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
                throw Refusals.closed(server.name());
            }
            lastUsedAt = services.now();
            if (before) {
                waiters.placeFirst(waiter);
            } else if (waiter.place == 0 && slots.isEmpty()) {
                server.starter().refuseWhileFailing();
            }
            waiter.reset();
            waiters.add(waiter);
            work = dispatch(new Work());
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
                change(work -> {});
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
                && (waiters.size() > 0 ? !services.permits().owesTo(server) : available.get() < settings.maxIdle());
    }

    private void release(PooledSlot slot, boolean keep) {
        // Counted before the connection is seen to be free, so that nobody starts another one in between.
        returning.incrementAndGet();
        long now = services.now();
        slot.returnedAt(now);
        int added = 0;
        switch (slot.release(keep)) {
            case FREE -> {
                services.idle().putBack(server.key(), slot);
                added = 1;
            }
            case REMOVE -> server.departures().removeReturned(slot);
            case SHARED, GONE -> {}
        }
        Work work;
        lock.lock();
        try {
            available.addAndGet(added);
            returning.decrementAndGet();
            lastUsedAt = now;
            work = waiters.isEmpty() ? null : dispatch(new Work());
        } finally {
            lock.unlock();
        }
        if (work != null) {
            work.run(services);
        } else if (added > 0) {
            makeRoomIfNeeded();
        }
    }

    // Giving.

    /** Changes something under the lock, then looks again who can be given what. */
    void change(Consumer<Work> change) {
        Work work = new Work();
        lock.lock();
        try {
            change.accept(work);
            dispatch(work);
        } finally {
            lock.unlock();
        }
        work.run(services);
    }

    /** Gives those who wait what there is, and starts what they need beyond it. Under the lock. */
    private Work dispatch(Work work) {
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
        server.starter().startWanted(work);
        if (server.starter().count() == 0) {
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
        while (!waiters.isEmpty() && available.get() > 0) {
            promise();
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
        work.give(waiters.poll(), what);
    }

    private void withdrawIfNobodyWaits() {
        if (waiters.isEmpty()) {
            services.permits().withdraw(server);
        }
    }

    private void makeRoomIfNeeded() {
        if (waiters.size() == 0 && services.permits().isRoomNeeded()) {
            services.makeRoom();
        }
    }

    // What starts and departures change.

    /** Starts a connection with a permit that has become free; false if none is wanted any more. */
    boolean acceptPermit() {
        Work work = new Work();
        lock.lock();
        try {
            if (closed || waiters.isEmpty() || !server.starter().accept(work)) {
                return false;
            }
        } finally {
            lock.unlock();
        }
        work.run(services);
        return true;
    }

    /** How many connections there may be beside those that count against the limit of this server. Under the lock. */
    boolean isBelowLimit() {
        return open.get() < settings.maxConnections();
    }

    /** Whether there is a connection that is lent or could be. Under the lock. */
    boolean isConnected() {
        return !slots.isEmpty();
    }

    /** Under the lock. */
    int streams() {
        return streams;
    }

    /** Under the lock. */
    WaiterQueue waiters() {
        return waiters;
    }

    /** Counts a connection that is started. Under the lock. */
    void opening() {
        open.incrementAndGet();
    }

    /** Counts a connection that did not start, or has ended. Under the lock. */
    void ended() {
        open.decrementAndGet();
    }

    /** A connection was started and stands in Commons Pool. */
    void started(ConnectionStart start, PooledSlot slot) {
        change(work -> {
            server.starter().succeeded(start);
            streams = slot.streams;
            // It may have been lost already.
            if (!slot.isRemoved()) {
                slots.add(slot);
                if (slot.isShared()) {
                    shared.add(slot);
                }
            }
            available.incrementAndGet();
        });
        slot.connection.onEnd(() -> server.departures().remove(slot));
        if (services.isClosing()) {
            server.departures().removeIfIdle(slot);
        } else {
            makeRoomIfNeeded();
        }
    }

    /** A connection is no longer lent. */
    void forget(PooledSlot slot, boolean wasFree) {
        lock.lock();
        try {
            slots.remove(slot);
            shared.remove(slot);
            if (wasFree) {
                available.decrementAndGet();
            }
        } finally {
            lock.unlock();
        }
    }

    /** All connections that can be lent or are. */
    List<PooledSlot> slots() {
        lock.lock();
        try {
            return List.copyOf(slots);
        } finally {
            lock.unlock();
        }
    }

    // Housekeeping and the end.

    /** Starts what is missing of the idle connections that are to be kept. */
    void warm() {
        Work work = new Work();
        lock.lock();
        try {
            if (!closed && waiters.isEmpty()) {
                int warm = available.get()
                        + shared.withRoom(services.now())
                        + server.starter().count();
                server.starter().startIdle(work, settings.minIdle() - warm);
            }
        } finally {
            lock.unlock();
        }
        work.run(services);
    }

    /** Whether there is nothing here and nobody has used it for a time; then nobody may from now on. */
    boolean dropIfUnused(long nanos) {
        lock.lock();
        try {
            if (open.get() == 0 && waiters.isEmpty() && services.now() - lastUsedAt >= nanos) {
                gone = true;
            }
            return gone;
        } finally {
            lock.unlock();
        }
    }

    /** Takes no callers any more, turns those away that wait, and gives up what is being started. */
    void close() {
        change(work -> {
            closed = true;
            while (!waiters.isEmpty()) {
                give(work, Refusals.closed(server.name()));
            }
            withdrawIfNobodyWaits();
            server.starter().interruptAll();
        });
    }

    ServerStatus status() {
        lock.lock();
        try {
            return ServerStatus.of(server, slots, waiters.size(), open.get(), closed);
        } finally {
            lock.unlock();
        }
    }
}
