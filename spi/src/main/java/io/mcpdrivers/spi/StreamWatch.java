package io.mcpdrivers.spi;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread for all stream transports, which ends those whose server has stopped reading: nothing else can get a
 * thread out of a blocked write. It runs while there is a transport to watch.
 */
final class StreamWatch {

    private static final long INTERVAL_NANOS = 100_000_000L;
    /** How many idle rounds before the thread ends. */
    private static final int IDLE_ROUNDS = 20;

    private static final Logger log = LoggerFactory.getLogger(StreamWatch.class);

    private static final Set<StreamTransport> WATCHED = ConcurrentHashMap.newKeySet();
    private static final Object LOCK = new Object();
    private static @Nullable Thread thread;

    private StreamWatch() {}

    static void add(StreamTransport transport) {
        WATCHED.add(transport);
        if (transport.hasEnded()) {
            WATCHED.remove(transport);
            return;
        }
        synchronized (LOCK) {
            if (thread == null) {
                Thread started = DaemonThreads.platform("mcp-stream-watch").newThread(StreamWatch::run);
                started.start();
                // Only now: if it could not be started, the next transport tries again.
                thread = started;
            }
        }
    }

    static void remove(StreamTransport transport) {
        WATCHED.remove(transport);
    }

    private static void run() {
        int idle = 0;
        while (true) {
            LockSupport.parkNanos(INTERVAL_NANOS);
            long now = System.nanoTime();
            for (StreamTransport transport : WATCHED) {
                try {
                    transport.watch(now);
                } catch (RuntimeException | Error e) {
                    log.error("Watching a transport failed; it is watched on", e);
                }
            }
            idle = WATCHED.isEmpty() ? idle + 1 : 0;
            if (idle > IDLE_ROUNDS) {
                synchronized (LOCK) {
                    if (WATCHED.isEmpty()) {
                        thread = null;
                        return;
                    }
                }
                idle = 0;
            }
        }
    }
}
