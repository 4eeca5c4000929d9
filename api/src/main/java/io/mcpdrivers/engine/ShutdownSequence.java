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

    private static final Logger log = LoggerFactory.getLogger(ShutdownSequence.class);

    private static final Set<Runnable> POOLS = ConcurrentHashMap.newKeySet();
    private static final Set<Runnable> CONNECTIONS = ConcurrentHashMap.newKeySet();
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

    /** Has something closed when the JVM exits, after the pools; false if the JVM is exiting already. */
    static boolean add(Runnable close) {
        hook();
        CONNECTIONS.add(close);
        if (started) {
            CONNECTIONS.remove(close);
            return false;
        }
        return true;
    }

    static void remove(Runnable close) {
        CONNECTIONS.remove(close);
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
        started = true;
        together(CONNECTIONS);
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
