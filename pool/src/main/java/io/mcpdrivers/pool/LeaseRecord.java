package io.mcpdrivers.pool;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is noted of a lease if anybody wants to know: since when it is out and, if it may be taken for forgotten, where it
 * was taken. It does not know the lease, which may be garbage.
 */
final class LeaseRecord {

    private static final Logger log = LoggerFactory.getLogger(LeaseRecord.class);

    /** Where a lease was taken; not an error. */
    private static final class TakenHere extends Throwable {
        private static final long serialVersionUID = 1L;

        TakenHere(String thread) {
            super("taken here by thread '" + thread + "'");
        }
    }

    private enum State {
        OUT,
        REPORTED,
        RETURNED
    }

    private final ServerPool server;
    private final PoolServices services;
    private final long takenAt;
    private final long thresholdNanos;
    private final @Nullable Throwable taken;
    private final AtomicReference<State> state = new AtomicReference<>(State.OUT);

    LeaseRecord(ServerPool server, PoolServices services) {
        this.server = server;
        this.services = services;
        this.takenAt = services.now();
        this.thresholdNanos = server.settings().leakThresholdNanos();
        this.taken = thresholdNanos > 0 ? new TakenHere(Thread.currentThread().getName()) : null;
    }

    /** Whether the lease may be taken for forgotten at some time. */
    boolean isWatched() {
        return taken != null;
    }

    /** Reports the lease if it has been out for too long; true if so. */
    boolean reportIfLate(long now) {
        long out = now - takenAt;
        if (out < thresholdNanos || !state.compareAndSet(State.OUT, State.REPORTED)) {
            return false;
        }
        log.warn(
                "A lease of a connection to server '{}' has been out for {} ms, longer than its leakThreshold of {} ms;"
                        + " close it, or raise leakThreshold",
                server.name(),
                TimeUnit.NANOSECONDS.toMillis(out),
                TimeUnit.NANOSECONDS.toMillis(thresholdNanos),
                taken);
        services.events().leaked(server, out);
        return true;
    }

    /** The lease has ended. */
    void returned() {
        long out = services.now() - takenAt;
        services.leaks().forget(this);
        if (state.getAndSet(State.RETURNED) == State.REPORTED) {
            log.warn(
                    "The lease of a connection to server '{}' that was reported as forgotten has come back after {} ms",
                    server.name(),
                    TimeUnit.NANOSECONDS.toMillis(out));
        }
        services.events().returned(server, out);
    }
}
