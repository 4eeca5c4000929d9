package io.mcpdrivers.driver.stdio;

import io.mcpdrivers.spi.DaemonThreads;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread for all servers, which drains their standard errors, sees them exit and notes their descendants, so that
 * none of this costs a thread per server. It looks again at once while something goes on, and every 50 ms while nothing
 * does; it runs while there is a server to watch.
 */
final class ProcessWatch {

    /** What the thread looks after. */
    interface Watched {
        /**
         * Does what is to be done, without blocking.
         *
         * @param now the time of {@link System#nanoTime()}
         * @param buffer to read into
         * @return whether to look again soon
         */
        boolean watch(long now, byte[] buffer);
    }

    private static final long SHORTEST_PAUSE_NANOS = 1_000_000L;
    private static final long LONGEST_PAUSE_NANOS = 50_000_000L;
    /** How many idle rounds before the thread ends. */
    private static final int IDLE_ROUNDS = 10;

    private static final int BUFFER_SIZE = 64 * 1024;

    private static final Logger log = LoggerFactory.getLogger(ProcessWatch.class);

    private static final Set<Watched> WATCHED = ConcurrentHashMap.newKeySet();
    private static final Object LOCK = new Object();
    private static @Nullable Thread thread;

    private ProcessWatch() {}

    static void add(Watched watched) {
        synchronized (LOCK) {
            if (thread == null) {
                Thread started = DaemonThreads.platform("mcp-process-watch").newThread(ProcessWatch::run);
                started.start();
                thread = started;
            }
            WATCHED.add(watched);
        }
    }

    static void remove(Watched watched) {
        WATCHED.remove(watched);
    }

    private static void run() {
        byte[] buffer = new byte[BUFFER_SIZE];
        long pause = SHORTEST_PAUSE_NANOS;
        int idle = 0;
        while (true) {
            boolean busy = round(buffer);
            pause = busy ? SHORTEST_PAUSE_NANOS : Math.min(2 * pause, LONGEST_PAUSE_NANOS);
            idle = WATCHED.isEmpty() ? idle + 1 : 0;
            if (idle > IDLE_ROUNDS) {
                synchronized (LOCK) {
                    if (WATCHED.isEmpty()) {
                        thread = null;
                        return;
                    }
                }
            }
            LockSupport.parkNanos(pause);
        }
    }

    private static boolean round(byte[] buffer) {
        boolean busy = false;
        long now = System.nanoTime();
        for (Watched watched : WATCHED) {
            try {
                busy |= watched.watch(now, buffer);
            } catch (RuntimeException | Error e) {
                log.error("Watching a server failed; it is watched on", e);
            }
        }
        return busy;
    }
}
