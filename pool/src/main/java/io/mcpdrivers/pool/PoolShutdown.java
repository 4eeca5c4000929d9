package io.mcpdrivers.pool;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The end of a pool. */
final class PoolShutdown {

    /** How long all servers together may take to end; each is killed after seven seconds. */
    private static final long LONGEST_END_NANOS = TimeUnit.SECONDS.toNanos(20);

    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    private static final Logger log = LoggerFactory.getLogger(PoolShutdown.class);

    private final PoolServices services;
    private final ServerDirectory directory;
    private final AtomicBoolean begun = new AtomicBoolean();
    private final CountDownLatch done = new CountDownLatch(1);

    PoolShutdown(PoolServices services, ServerDirectory directory) {
        this.services = services;
        this.directory = directory;
    }

    void run() {
        boolean interrupted = Thread.interrupted();
        try {
            if (begun.compareAndSet(false, true)) {
                try {
                    shutDown();
                } finally {
                    // Not before: it tries again what could not be closed for want of a thread.
                    services.housekeeper().close();
                    services.events().closeMeters();
                    done.countDown();
                }
            } else {
                interrupted |= awaitOther();
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private boolean awaitOther() {
        boolean interrupted = false;
        while (true) {
            try {
                done.await();
                return interrupted;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
    }

    private void shutDown() {
        services.close();
        for (ServerPool server : directory.servers()) {
            server.lending().close();
        }
        closeIdle();
        long timeoutNanos = directory.configuration().settings().nanos(PoolSetting.SHUTDOWN_TIMEOUT);
        int out = countLeases();
        if (out > 0 && timeoutNanos > 0) {
            log.info(
                    "The pool is being closed and waits up to {} ms (shutdownTimeout) for {} lease{} to come back",
                    TimeUnit.NANOSECONDS.toMillis(timeoutNanos),
                    out,
                    out == 1 ? "" : "s");
        }
        if (!await(timeoutNanos, () -> countLeases() == 0)) {
            log.warn("The pool is closed with {} leases out; their calls fail", countLeases());
        }
        // Those that have come back in time are closed already; a caller may still have slipped in.
        for (ServerPool server : directory.servers()) {
            for (PooledSlot slot : server.lending().slots()) {
                server.departures().remove(slot, EvictionReason.CLOSED);
            }
        }
        if (!await(LONGEST_END_NANOS, () -> countOpen() == 0)) {
            log.warn("The pool is closed, but {} servers have not ended yet", countOpen());
        }
        services.idle().close();
    }

    private void closeIdle() {
        for (ServerPool server : directory.servers()) {
            server.lending().slots().forEach(slot -> server.departures().removeIfIdle(slot, EvictionReason.CLOSED));
        }
    }

    private int countLeases() {
        int leases = 0;
        for (ServerPool server : directory.servers()) {
            for (PooledSlot slot : server.lending().slots()) {
                leases += slot.leases();
            }
        }
        return leases;
    }

    private int countOpen() {
        return services.permits().used();
    }

    /** Looks again and again, since this happens once and nobody should have to tell of each lease that ends. */
    private static boolean await(long nanos, BooleanSupplier condition) {
        boolean interrupted = false;
        try {
            long until = System.nanoTime() + nanos;
            while (!condition.getAsBoolean()) {
                if (System.nanoTime() - until >= 0) {
                    return false;
                }
                LockSupport.parkNanos(LOOK_NANOS);
                interrupted |= Thread.interrupted();
            }
            return true;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
