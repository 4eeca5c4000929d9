package io.mcpdrivers.pool;

import io.mcpdrivers.McpInterruptedException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * How a caller comes to a connection of one server: it joins one that is in use, takes an idle one, or waits. A
 * connection that was not used lately is checked first, on the caller's thread; if it does not answer, the caller gets
 * another one and keeps its place.
 */
final class Borrowing {

    /** How long a promised connection is looked for that Commons Pool holds back for its eviction test. */
    private static final long LONGEST_SEARCH_NANOS = TimeUnit.SECONDS.toNanos(5);
    /** How long one is looked for before the caller queues. */
    private static final long FIRST_SEARCH_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    /** How long it is looked for whatever the caller's time, since it is there. */
    private static final long LEAST_SEARCH_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    /** What a server that is in order has to answer a check, whatever the caller's time. */
    private static final long LEAST_CHECK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final int SPINS = 50;
    private static final int YIELDS = 500;
    private static final long PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(50);

    private final ServerKey key;
    private final Lending lending;
    private final PoolServices services;
    private final ServerPool server;

    Borrowing(ServerPool server, PoolServices services) {
        this.key = server.key();
        this.lending = server.lending();
        this.server = server;
        this.services = services;
    }

    /**
     * Takes a lease.
     *
     * @param maxWaitNanos how long to wait
     * @return the connection; null if this server has to be looked up again
     * @throws io.mcpdrivers.McpException if none can be had
     */
    @Nullable
    PooledSlot borrow(long maxWaitNanos) {
        PooledSlot slot = null;
        if (lending.waiting() == 0 && !services.isSuspended()) {
            slot = lending.join();
            if (slot == null && lending.takeTicket()) {
                slot = redeem(null);
            }
        }
        if (slot != null && isFresh(slot)) {
            slot.hit();
            return slot;
        }
        return borrowSlowly(slot, new Waiter(maxWaitNanos));
    }

    private @Nullable PooledSlot borrowSlowly(@Nullable PooledSlot taken, Waiter waiter) {
        PooledSlot slot = taken;
        boolean before = false;
        while (true) {
            if (slot == null) {
                if (!lending.enqueue(waiter, before)) {
                    return null;
                }
                slot = await(waiter);
            }
            if (slot != null) {
                if (isFresh(slot) || check(slot, waiter)) {
                    break;
                }
                server.returns().discard(slot, lostOr(slot, EvictionReason.INVALID));
                slot = null;
            }
            before = true;
        }
        if (waiter.queued) {
            server.statistics().miss();
        } else {
            slot.hit();
        }
        return slot;
    }

    /** Waits for what a queued caller is given; null if that turned out not to be there. */
    private @Nullable PooledSlot await(Waiter waiter) {
        Object given = waiter.await();
        if (given == null) {
            given = lending.leave(waiter);
        }
        if (given == null) {
            if (Thread.currentThread().isInterrupted()) {
                throw interrupted();
            }
            throw exhausted(waiter);
        }
        if (given instanceof Throwable failure) {
            throw Refusals.failed(failure);
        }
        return given == Waiter.TICKET ? redeem(waiter) : (PooledSlot) given;
    }

    /**
     * Fetches a connection that was promised; null if it is no longer there or does not turn up in time, which gives the
     * promise back.
     *
     * @param waiter the caller, if it has queued
     * @throws io.mcpdrivers.McpException if its time is over, or its thread was interrupted
     */
    private @Nullable PooledSlot redeem(@Nullable Waiter waiter) {
        long until = 0;
        for (int attempt = 0; ; attempt++) {
            PooledSlot slot;
            try {
                slot = services.idle().take(key);
            } catch (RuntimeException | Error e) {
                lending.ticketReturned();
                if (services.isClosing()) {
                    throw Refusals.closed(server.name());
                }
                throw e;
            }
            if (slot != null) {
                if (slot.activate()) {
                    lending.ticketRedeemed();
                    if (!slot.isExpired(services.now())) {
                        return slot;
                    }
                    server.returns().discard(slot, EvictionReason.AGE);
                    return null;
                }
                // It was lost in this very moment; somebody else removes it.
                continue;
            }
            if (until == 0) {
                until = System.nanoTime() + longestSearch(waiter);
            }
            if (lending.ticketVoided()) {
                return null;
            }
            if (System.nanoTime() - until > 0 || Thread.currentThread().isInterrupted()) {
                lending.ticketReturned();
                return giveUp(waiter);
            }
            pause(attempt);
        }
    }

    private static long longestSearch(@Nullable Waiter waiter) {
        return waiter == null
                ? FIRST_SEARCH_NANOS
                : Math.min(Math.max(waiter.left(), LEAST_SEARCH_NANOS), LONGEST_SEARCH_NANOS);
    }

    private @Nullable PooledSlot giveUp(@Nullable Waiter waiter) {
        if (waiter != null && Thread.currentThread().isInterrupted()) {
            throw interrupted();
        }
        if (waiter != null && waiter.left() <= 0) {
            throw exhausted(waiter);
        }
        return null;
    }

    @SuppressWarnings("ThreadPriorityCheck") // Whoever has the connection in hand needs the processor.
    private static void pause(int attempt) {
        if (attempt < SPINS) {
            Thread.onSpinWait();
        } else if (attempt < YIELDS) {
            Thread.yield();
        } else {
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private boolean isFresh(PooledSlot slot) {
        return !slot.connection.isClosed() && slot.isRecent(services.now());
    }

    /**
     * Makes a round trip to the server.
     *
     * @return whether the connection can be used
     * @throws io.mcpdrivers.McpException if the caller's time is over, or its thread was interrupted, before that is
     *     known; then somebody else finds it out
     */
    private boolean check(PooledSlot slot, Waiter waiter) {
        if (slot.connection.isClosed()) {
            return false;
        }
        Duration timeout = server.settings().validationTimeout();
        Duration left = Duration.ofNanos(Math.max(waiter.left(), LEAST_CHECK_NANOS));
        boolean short_ = left.compareTo(timeout) < 0;
        if (!Thread.currentThread().isInterrupted() && isValid(slot, short_ ? left : timeout)) {
            return true;
        }
        if (Thread.currentThread().isInterrupted()) {
            checkLater(slot);
            throw interrupted();
        }
        if (short_ && !slot.connection.isClosed()) {
            checkLater(slot);
            server.statistics().timeout();
            throw Refusals.unanswered(server.name(), waiter, left);
        }
        return false;
    }

    /** As {@link io.mcpdrivers.McpConnection#isValid}; gives the lease up if that throws. */
    private boolean isValid(PooledSlot slot, Duration timeout) {
        try {
            return slot.connection.isValid(timeout);
        } catch (RuntimeException | Error e) {
            server.returns().discard(slot, EvictionReason.INVALID);
            throw e;
        }
    }

    private static EvictionReason lostOr(PooledSlot slot, EvictionReason reason) {
        return slot.connection.isClosed() ? EvictionReason.LOST : reason;
    }

    private void checkLater(PooledSlot slot) {
        try {
            services.background().execute(() -> {
                if (isValid(slot, server.settings().validationTimeout())) {
                    server.returns().release(slot);
                } else {
                    server.returns().discard(slot, lostOr(slot, EvictionReason.INVALID));
                }
            });
        } catch (RuntimeException | Error e) {
            // Without a thread it cannot be found out.
            server.returns().discard(slot, EvictionReason.INVALID);
            throw e;
        }
    }

    private McpInterruptedException interrupted() {
        return new McpInterruptedException(
                "Interrupted while waiting for a connection to server '" + server.name() + "'", null);
    }

    private RuntimeException exhausted(Waiter waiter) {
        server.statistics().timeout();
        return Refusals.exhausted(lending.status(), waiter, services.permits(), server);
    }
}
