package io.mcpdrivers.pool;

import java.time.Duration;

/** Interrupts the thread that has set it when the time is over before it is closed. */
final class TimeLimit implements AutoCloseable {

    private final Thread thread = Thread.currentThread();
    private boolean closed;
    private boolean over;

    TimeLimit(Housekeeper housekeeper, Duration time) {
        housekeeper.after(SettingValues.nanos(time), this::end);
    }

    private synchronized void end() {
        if (!closed) {
            over = true;
            thread.interrupt();
        }
    }

    synchronized boolean isOver() {
        return over;
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (over) {
            // The interrupt was ours, whether or not it was noticed.
            Thread.interrupted();
        }
    }
}
