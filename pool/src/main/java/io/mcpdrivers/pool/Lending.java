package io.mcpdrivers.pool;

import io.mcpdrivers.McpException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Who gets which connection to one server, and who waits.
 *
 * <p>One lock guards the queue; nothing is called while it is held that could block, not even Commons Pool. What has to be
 * done is written down as {@link Work} and done afterwards. All that changes what there is to give while somebody waits,
 * or who waits, ends in {@link Dispatch}.
 */
final class Lending extends LendingCounts {

    private final PoolServices services;
    private final ServerPool server;

    private final ReentrantLock lock = new ReentrantLock();
    private final WaiterQueue waiters = new WaiterQueue(this);
    /** The connections that can be lent or are. */
    private final List<PooledSlot> slots = new ArrayList<>();

    private final SharedConnections shared = new SharedConnections();
    private final Dispatch dispatch;
    private boolean closed;
    private boolean gone;
    private long lastUsedAt;
    /** Leases per connection as far as is known; {@link PoolSetting#AUTO_STREAMS} before the first connection. */
    private volatile int streams;

    Lending(ServerPool server, PoolServices services) {
        this.server = server;
        this.services = services;
        this.dispatch = new Dispatch(server, this, waiters, shared, services);
        this.streams = server.settings().streams();
        this.lastUsedAt = services.now();
    }

    // Taking.

    /** A lease on a connection that is in use, or null. */
    @Nullable
    PooledSlot join() {
        return streams == 1 ? null : shared.join(services, false);
    }

    /** Promises an available connection to the caller. */
    boolean takeTicket() {
        if (available() <= 0) {
            return false;
        }
        if (promise()) {
            return true;
        }
        // Somebody may have relied on this connection for a moment.
        dispatchIfAnyoneWaits();
        return false;
    }

    /** The connection that was promised has been fetched and is in use. */
    void ticketRedeemed() {
        fetched();
        dispatchIfAnyoneWaits();
    }

    /** Gives up a promise without having looked for the connection to the end. */
    void ticketReturned() {
        givePromiseBack();
        dispatchIfAnyoneWaits();
    }

    /** Takes a promise back if it cannot be kept, and tells whether that was so. */
    boolean ticketVoided() {
        boolean broken = breakPromise();
        if (broken) {
            dispatchIfAnyoneWaits();
        }
        return broken;
    }

    /**
     * Queues a caller, who then waits.
     *
     * @param before whether it comes before all who wait, since it had got a connection, if an unusable one
     * @return false if this server has to be looked up again
     * @throws McpException if the pool is closed, or the server is known not to start
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
            } else if (waiter.place == 0 && !isConnected()) {
                server.starter().refuseWhileFailing();
            }
            waiter.reset();
            waiters.add(waiter);
            work = new Work();
            dispatch.run(work);
            waiter.queued |= waiter.given() == null;
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
                dispatch.withdrawIfUnwanted();
            }
            return given;
        } finally {
            lock.unlock();
        }
    }

    // Giving.

    /** Looks who can be given what, if anybody waits. */
    void dispatchIfAnyoneWaits() {
        if (waiting() > 0) {
            change(work -> {});
        }
    }

    /** Changes something under the lock, then looks again who can be given what. */
    void change(Consumer<Work> change) {
        Work work = new Work();
        lock.lock();
        try {
            change.accept(work);
            dispatch.run(work);
        } finally {
            lock.unlock();
        }
        work.run(services);
    }

    // What starts and departures change.

    /** Starts a connection with a permit that has become free; false if none is wanted any more. */
    boolean acceptPermit() {
        Work work = new Work();
        lock.lock();
        try {
            if (closed
                    || services.isSuspended()
                    || waiters.isEmpty()
                    || !server.starter().accept(work)) {
                return false;
            }
        } finally {
            lock.unlock();
        }
        work.run(services);
        return true;
    }

    /** Whether this server may have one more connection. Under the lock. */
    boolean isBelowLimit() {
        return open() < server.settings().maxConnections();
    }

    /** Whether there is a connection that could be lent, at the latest when it comes back. Under the lock. */
    boolean isConnected() {
        for (PooledSlot slot : slots) {
            if (!slot.isRetired() && !slot.isSuspect()) {
                return true;
            }
        }
        return false;
    }

    /** Whether it takes no callers any more. Under the lock. */
    boolean isClosed() {
        return closed;
    }

    /** Leases per connection as far as is known. */
    int streams() {
        return streams;
    }

    /** Guarded by the lock. */
    WaiterQueue waiters() {
        return waiters;
    }

    /** A connection was started and stands in Commons Pool. */
    void started(ConnectionStart start, PooledSlot slot) {
        change(work -> {
            server.starter().succeeded(start);
            streams = slot.streams;
            // It may have been lost already.
            if (!slot.isRemoved()) {
                // They may have changed since it was opened.
                slot.configure(server.settings());
                slots.add(slot);
                if (slot.streams > 1) {
                    shared.add(slot);
                }
            }
            addAvailable(1);
        });
        slot.connection.onEnd(() -> server.departures().remove(slot, EvictionReason.LOST));
        EvictionReason outdated = start.outdated();
        if (services.isClosing()) {
            server.departures().removeIfIdle(slot, EvictionReason.CLOSED);
        } else if (outdated != null) {
            server.departures().evict(slot, outdated);
        } else if (waiting() == 0) {
            services.wantRoom();
        }
    }

    /** A connection is no longer lent. */
    void forget(PooledSlot slot, boolean wasFree) {
        Work work = new Work();
        boolean wasLast;
        lock.lock();
        try {
            slots.remove(slot);
            shared.remove(slot);
            server.statistics().addHits(slot.hits());
            if (wasFree) {
                addAvailable(-1);
            }
            wasLast = !isConnected() && !waiters.isEmpty();
            if (wasLast) {
                server.starter().lostTheLast(work);
            }
        } finally {
            lock.unlock();
        }
        if (wasLast) {
            // This thread may be inside of Commons Pool.
            services.surely(() -> work.run(services));
        }
    }

    /**
     * A connection did not start, or has ended.
     *
     * @param used whether that counts as a use of the server
     * @param change what else to change under the lock
     * @param freePermit gives its permit to whoever wants it
     */
    void ended(boolean used, Consumer<Work> change, Runnable freePermit) {
        Work work = new Work();
        lock.lock();
        try {
            addOpen(-1);
            if (used) {
                lastUsedAt = services.now();
            }
            change.accept(work);
            dispatch.run(work);
        } finally {
            lock.unlock();
        }
        freePermit.run();
        work.run(services);
        // After the limit was lowered the permit may have gone to nobody.
        services.wantRoom();
    }

    // Housekeeping and the end.

    /** Has other settings count for the connections there are, and perhaps gives those who wait some more. */
    void settingsChanged() {
        change(work -> {
            ServerSettings settings = server.settings();
            slots.forEach(slot -> slot.configure(settings));
        });
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

    /** Starts what is missing of the idle connections that are to be kept. */
    void warm() {
        change(work -> {
            if (mayStartIdle()) {
                int warm = available()
                        + shared.withRoom(services.now())
                        + server.starter().count();
                server.starter().startIdle(work, server.minIdle() - warm);
            }
        });
    }

    /**
     * Starts a connection if there is none, the last attempt failed long enough ago and for no reason that stays, and
     * nobody has tried since.
     */
    void tryAgain() {
        Work work = new Work();
        lock.lock();
        try {
            if (slots.isEmpty() && server.starter().isWorthAnotherAttempt() && mayStartIdle()) {
                server.starter().startIdle(work, 1);
            }
        } finally {
            lock.unlock();
        }
        work.run(services);
    }

    private boolean isTriedAgain() {
        return server.starter().isWorthAnotherAttempt()
                || server.minIdle() > 0 && server.starter().isFailing();
    }

    private boolean mayStartIdle() {
        return !closed && !services.isClosing() && !services.isSuspended() && waiters.isEmpty();
    }

    /**
     * Whether there is nothing here and nobody has used it for a time; then nobody may from now on.
     *
     * @param unlessTriedAgain whether to keep it as long as it fails and is tried again though nobody asks for it
     */
    boolean dropIfUnused(long nanos, boolean unlessTriedAgain) {
        lock.lock();
        try {
            if (open() == 0
                    && waiters.isEmpty()
                    && services.now() - lastUsedAt >= nanos
                    && !(unlessTriedAgain && isTriedAgain())) {
                gone = true;
            }
            return gone;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Has all connections leave that there are, those in use when their last lease ends; those that are being started as soon
     * as they are there.
     */
    void evictAll(EvictionReason reason) {
        List<PooledSlot> all;
        lock.lock();
        try {
            all = List.copyOf(slots);
            server.starter().outdateAll(reason);
        } finally {
            lock.unlock();
        }
        all.forEach(slot -> server.departures().evict(slot, reason));
    }

    /** Turns those away that wait, gives up what is being started, and has all connections leave. */
    void withdraw(McpException refusal) {
        evictAll(EvictionReason.WITHDRAWN);
        change(work -> {
            dispatch.turnAway(work, refusal);
            server.starter().interruptAll();
        });
    }

    /** Takes no callers any more, turns those away that wait, and gives up what is being started. */
    void close() {
        change(work -> {
            closed = true;
            dispatch.turnAway(work, Refusals.closed(server.name()));
            server.starter().interruptAll();
        });
    }

    ServerStatus status() {
        lock.lock();
        try {
            return ServerStatus.of(server, slots, waiters.size(), open(), closed);
        } finally {
            lock.unlock();
        }
    }
}
