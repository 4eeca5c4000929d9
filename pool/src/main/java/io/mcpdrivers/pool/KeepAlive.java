package io.mcpdrivers.pool;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends a ping to connections that nobody has used or heard from for a time, and closes those that do not answer. However
 * many there are, few are asked at once. Thread-safe.
 */
final class KeepAlive {

    /** Connections that are asked at the same time, each by a thread that waits for its answer. */
    static final int MOST_AT_ONCE = 32;

    private static final Logger log = LoggerFactory.getLogger(KeepAlive.class);

    private final Executor executor;
    private final LongSupplier clock;
    /** Those to be asked, each claimed. */
    private final Queue<PooledSlot> due = new ConcurrentLinkedQueue<>();

    private final Semaphore threads = new Semaphore(MOST_AT_ONCE);

    KeepAlive(Executor executor, LongSupplier clock) {
        this.executor = executor;
        this.clock = clock;
    }

    /** Has those of a server be asked that have been silent for too long, once {@link #begin} is called. Does not block. */
    void look(ServerPool server) {
        if (server.settings().keepaliveNanos() == 0) {
            return;
        }
        for (PooledSlot slot : server.lending().slots()) {
            if (isDue(slot) && slot.claimPing()) {
                due.add(slot);
            }
        }
    }

    private boolean isDue(PooledSlot slot) {
        long keepalive = slot.server.settings().keepaliveNanos();
        return keepalive > 0 && slot.isFree() && slot.silence(clock.getAsLong()) >= keepalive;
    }

    /** Asks them. Does not block. */
    void begin() {
        for (int left = due.size(); left > 0 && threads.tryAcquire(); left--) {
            try {
                executor.execute(this::askAll);
            } catch (RuntimeException | Error e) {
                threads.release();
                log.warn("Idle connections cannot be asked whether they are alive; the next time they are again", e);
                PooledSlot slot;
                while ((slot = due.poll()) != null) {
                    slot.pinged();
                }
                return;
            }
        }
    }

    private void askAll() {
        try {
            PooledSlot slot;
            while ((slot = due.poll()) != null) {
                ask(slot);
            }
        } finally {
            threads.release();
        }
    }

    private void ask(PooledSlot slot) {
        try {
            // It may have been used while others were asked.
            if (isDue(slot) && !slot.connection.isValid(slot.server.settings().validationTimeout())) {
                // Whoever has borrowed it meanwhile finds out as well.
                slot.server.departures().removeIfIdle(slot, EvictionReason.INVALID);
            }
        } catch (RuntimeException e) {
            log.warn("A connection to server '{}' cannot be asked whether it is alive", slot.server.name(), e);
        } finally {
            slot.pinged();
        }
    }
}
