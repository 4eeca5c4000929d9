package io.mcpdrivers.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens when the JVM exits with connections open: pools are closed first, which lets their leases finish, then
 * whatever is still open, all at once. One shutdown hook does it, registered with the first connection.
 */
public final class ShutdownSequence {

    /** How long the last step may take: a server that resists is killed after seven seconds. */
    private static final long CLOSE_SECONDS = 12;

    /** How long a driver may take to open what has to be closed again: starting a process takes milliseconds. */
    private static final long OPENING_SECONDS = 5;

    private static final Logger log = LoggerFactory.getLogger(ShutdownSequence.class);

    private static final Set<Runnable> POOLS = ConcurrentHashMap.newKeySet();
    private static final Set<Runnable> CONNECTIONS = ConcurrentHashMap.newKeySet();
    /** Guards {@link #openings}, and {@link #started} against being set between a look at it and an opening. */
    private static final Object OPENINGS = new Object();

    private static int openings;
    private static volatile boolean started;
    private static boolean hooked;

    private ShutdownSequence() {}

    /**
     * Has a pool closed when the JVM exits.
     *
     * @param close closes the pool; every wait in it is bounded
     */
    public static void register(Runnable close) {
        hook();
        POOLS.add(close);
    }

    /**
     * Forgets a pool that was closed.
     *
     * @param close what was registered
     */
    public static void unregister(Runnable close) {
        POOLS.remove(close);
    }

    /** Has something closed when the JVM exits, after the pools. */
    static void add(Runnable close) {
        CONNECTIONS.add(close);
    }

    static void remove(Runnable close) {
        CONNECTIONS.remove(close);
    }

    /**
     * Announces that something is being opened which will have to be closed. The last step waits until
     * {@link #endOpening()} says that it was opened and added, or was not opened.
     *
     * @return false if the JVM is exiting already, so that nothing may be opened any more
     */
    static boolean beginOpening() {
        hook();
        synchronized (OPENINGS) {
            if (started) {
                return false;
            }
            openings++;
            return true;
        }
    }

    static void endOpening() {
        synchronized (OPENINGS) {
            openings--;
            OPENINGS.notifyAll();
        }
    }

    /** Whether the JVM is exiting. */
    static boolean isStarted() {
        return started;
    }

    private static synchronized void hook() {
        if (hooked || started) {
            return;
        }
        hooked = true;
        try {
            Runtime.getRuntime().addShutdownHook(new Thread(ShutdownSequence::run, "mcp-shutdown"));
        } catch (IllegalStateException e) {
            started = true;
        }
    }

    private static void run() {
        together(POOLS);
        synchronized (OPENINGS) {
            started = true;
        }
        awaitOpenings();
        together(CONNECTIONS);
    }

    private static void awaitOpenings() {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(OPENING_SECONDS);
        synchronized (OPENINGS) {
            try {
                for (long left = until - System.nanoTime(); openings > 0 && left > 0; ) {
                    TimeUnit.NANOSECONDS.timedWait(OPENINGS, left);
                    left = until - System.nanoTime();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void together(Set<Runnable> closers) {
        List<Thread> threads = new ArrayList<>();
        for (Runnable close : List.copyOf(closers)) {
            Thread thread = new Thread(close, "mcp-shutdown-close");
            thread.setDaemon(true);
            thread.setUncaughtExceptionHandler((t, e) -> log.warn("Closing at JVM exit failed", e));
            thread.start();
            threads.add(thread);
        }
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(closers == POOLS ? 60 : CLOSE_SECONDS);
        for (Thread thread : threads) {
            try {
                long millis = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
                if (millis > 0) {
                    thread.join(millis);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
