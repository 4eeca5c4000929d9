package io.mcpdrivers.driver.http;

import io.mcpdrivers.spi.DaemonThreads;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread for all clients. It ends exchanges whose time is over where a limit on a single read does not, as when a
 * server sends a byte now and then, and closes connections that have been idle for long and clients that nobody uses.
 * It runs while there is something to watch.
 */
final class ExchangeWatch {

    private static final long INTERVAL_NANOS = 100_000_000L;
    private static final long SHORTEST_NANOS = 1_000_000L;
    private static final int IDLE_ROUNDS = 20;
    private static final long CLEANING_NANOS = 500_000_000L;
    /** What lasts longer is looked at before its time is over, on a busy machine, too. */
    static final long SURELY_SEEN_NANOS = 300_000_000L;

    private static final Logger log = LoggerFactory.getLogger(ExchangeWatch.class);

    private static final Set<HttpTransport> TRANSPORTS = ConcurrentHashMap.newKeySet();
    /** What ends at a time, whoever it belongs to. */
    private static final Set<Ticket> LIMITS = ConcurrentHashMap.newKeySet();

    private static final Object LOCK = new Object();
    private static volatile @Nullable Thread thread;

    private ExchangeWatch() {}

    static void add(HttpTransport transport) {
        TRANSPORTS.add(transport);
        wake();
    }

    static void remove(HttpTransport transport) {
        TRANSPORTS.remove(transport);
    }

    /**
     * Has something ended after a time, from another thread, unless it is forgotten before. A limit on each read does
     * not do for that.
     */
    static Ticket limit(long nanos, Cancellable what) {
        Ticket limit = Ticket.limit(nanos, what);
        LIMITS.add(limit);
        wake();
        return limit;
    }

    static void forget(Ticket limit) {
        LIMITS.remove(limit);
    }

    private static long endOverdue() {
        long next = Long.MAX_VALUE;
        for (Ticket limit : LIMITS) {
            long left = limit.remaining();
            if (left <= 0) {
                limit.expire();
            } else {
                next = Math.min(next, left);
            }
        }
        return next;
    }

    private static boolean nothingToWatch() {
        return TRANSPORTS.isEmpty() && LIMITS.isEmpty() && !SharedClient.anyOpen();
    }

    /** There is something to watch. */
    static void wake() {
        if (thread != null) {
            return;
        }
        synchronized (LOCK) {
            if (thread == null) {
                Thread started = DaemonThreads.platform("mcp-http-watch").newThread(ExchangeWatch::run);
                started.start();
                thread = started;
            }
        }
    }

    private static void run() {
        int idle = 0;
        long pause = INTERVAL_NANOS;
        long cleanAt = System.nanoTime();
        while (true) {
            LockSupport.parkNanos(pause);
            pause = INTERVAL_NANOS;
            try {
                for (HttpTransport transport : TRANSPORTS) {
                    pause = Math.min(pause, transport.endOverdue());
                }
                pause = Math.min(pause, endOverdue());
                pause = Math.max(pause, SHORTEST_NANOS);
                if (System.nanoTime() - cleanAt >= 0) {
                    cleanAt = System.nanoTime() + CLEANING_NANOS;
                    SharedClient.clean();
                }
            } catch (RuntimeException | Error e) {
                log.error("Watching HTTP exchanges failed; they are watched on", e);
            }
            idle = nothingToWatch() ? idle + 1 : 0;
            if (idle > IDLE_ROUNDS) {
                synchronized (LOCK) {
                    thread = null;
                    if (nothingToWatch()) {
                        return;
                    }
                    thread = Thread.currentThread();
                }
                idle = 0;
            }
        }
    }
}
