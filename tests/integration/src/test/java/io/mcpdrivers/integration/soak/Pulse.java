package io.mcpdrivers.integration.soak;

import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Measures for how long threads of this JVM do not get to run: garbage collection, and a machine that is busy otherwise. */
final class Pulse implements AutoCloseable {

    private static final long BEAT_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long REMEMBERED_NANOS = TimeUnit.SECONDS.toNanos(1) / 20;

    /** The pauses worth remembering, by the time at which they ended, from the beginning. */
    private final ConcurrentSkipListMap<Long, Long> pauses = new ConcurrentSkipListMap<>();

    private final long begun = System.nanoTime();
    private final Thread thread = new Thread(this::beat, "soak-pulse");
    private volatile boolean stopped;
    private volatile long longest;

    Pulse() {
        thread.setDaemon(true);
        thread.start();
    }

    private void beat() {
        long last = System.nanoTime();
        while (!stopped) {
            LockSupport.parkNanos(BEAT_NANOS);
            long now = System.nanoTime();
            long late = now - last - BEAT_NANOS;
            if (late > REMEMBERED_NANOS) {
                pauses.put(now - begun, late);
                longest = Math.max(longest, late);
            }
            last = now;
        }
    }

    /** The pauses since a time of {@link System#nanoTime}, added up, in nanoseconds. */
    long since(long start) {
        return pauses.tailMap(start - begun).values().stream()
                .mapToLong(Long::longValue)
                .sum();
    }

    /** The longest pause in nanoseconds. */
    long longest() {
        return longest;
    }

    @Override
    public void close() {
        stopped = true;
        LockSupport.unpark(thread);
    }
}
