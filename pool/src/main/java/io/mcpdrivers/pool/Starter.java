package io.mcpdrivers.pool;

import io.mcpdrivers.McpAuthorizationException;
import io.mcpdrivers.McpConfigurationException;
import io.mcpdrivers.McpException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts connections to one server: how many at once, after which pause, and what those who wait are told when it fails.
 * Methods that are marked so are called under the server's lock.
 */
final class Starter {

    /** How long a process whose start failed may take to end before its place is given away. */
    private static final long LONGEST_END_NANOS = TimeUnit.SECONDS.toNanos(30);

    private static final Logger log = LoggerFactory.getLogger(Starter.class);

    private final ServerPool server;
    private final PoolServices services;
    private final Backoff backoff;
    private final Set<ConnectionStart> running = new LinkedHashSet<>();
    private boolean retryPlanned;
    private boolean hasWorked;

    Starter(ServerPool server, PoolServices services) {
        this.server = server;
        this.services = services;
        this.backoff = new Backoff(
                () -> server.settings().backoffNanos(), () -> server.settings().maxBackoffNanos(), services.random());
    }

    /** Under the lock. */
    int count() {
        return running.size();
    }

    /** Whether a connection was ever made. Under the lock. */
    boolean hasWorked() {
        return hasWorked;
    }

    /** Whether the last attempt failed. Under the lock. */
    boolean isFailing() {
        return backoff.isFailing();
    }

    /** Whether the last attempt failed, and another one may do better though nobody has changed anything. Under the lock. */
    boolean isWorthAnotherAttempt() {
        ServerStatistics.Failure failure = server.statistics().lastFailure();
        return backoff.isFailing() && failure != null && !isFinal(failure.cause());
    }

    private static boolean isFinal(Throwable failure) {
        return failure instanceof McpConfigurationException || failure instanceof McpAuthorizationException;
    }

    /** Has what is being started not be kept. Under the lock. */
    void outdateAll(EvictionReason reason) {
        running.forEach(start -> start.outdate(reason));
    }

    /** Under the lock. */
    void interruptAll() {
        running.forEach(ConnectionStart::interrupt);
    }

    /**
     * Refuses a new caller while the server is left alone after a failure. Under the lock.
     *
     * @throws McpException if so
     */
    void refuseWhileFailing() {
        long left = backoff.left(services.now());
        ServerStatistics.Failure failure = server.statistics().lastFailure();
        if (left > 0 && failure != null && running.isEmpty()) {
            throw Refusals.backingOff(server.name(), failure, left);
        }
    }

    /** Starts what those who wait need beyond what there is, as far as the limits allow. Under the lock. */
    void startWanted(Work work) {
        long left = backoff.left(services.now());
        if (left > 0) {
            planRetry(left);
            services.permits().withdraw(server);
            return;
        }
        for (int wanted = wanted(); wanted > 0 && server.lending().isBelowLimit(); wanted--) {
            if (!services.permits().acquireOrQueue(server)) {
                work.wantRoom();
                return;
            }
            start(work, true);
        }
        // What it queued for before is no longer needed; nobody else is to be closed for it.
        services.permits().withdraw(server);
    }

    /** Starts connections to be kept idle, if nobody else wants the permits. Under the lock. */
    void startIdle(Work work, int count) {
        if (backoff.left(services.now()) > 0 || count <= 0) {
            return;
        }
        int most = isProven() ? count : Math.min(count, 1 - running.size());
        for (int i = 0;
                i < most
                        && server.lending().isBelowLimit()
                        && services.permits().tryAcquire();
                i++) {
            start(work, false);
        }
    }

    private void start(Work work, boolean wanted) {
        ConnectionStart start = new ConnectionStart(server, services, wanted, backoff.counted());
        server.lending().addOpen(1);
        running.add(start);
        work.start(start);
    }

    private boolean isProven() {
        return hasWorked && !backoff.isFailing();
    }

    private int wanted() {
        if (!isProven()) {
            // One at a time until it is known that it works, and how many leases can share it.
            return 1 - running.size();
        }
        int streams = server.lending().streams();
        int waiting = server.lending().waiting();
        return streams > 1
                ? (waiting + streams - 1) / streams - running.size()
                : waiting - running.size() - server.lending().countReturning();
    }

    /** Whether what is being started is enough for all who wait, whatever comes back. Under the lock. */
    boolean isEnough() {
        int streams = Math.max(1, server.lending().streams());
        int needed = isProven() ? (server.lending().waiting() + streams - 1) / streams : 1;
        return running.size() >= needed;
    }

    private void planRetry(long left) {
        if (!retryPlanned) {
            retryPlanned = true;
            services.housekeeper().after(left, () -> server.lending().change(work -> retryPlanned = false));
        }
    }

    /** Starts a connection with a permit that has become free; false if none is wanted any more. Under the lock. */
    boolean accept(Work work) {
        if (!server.lending().isBelowLimit() || backoff.left(services.now()) > 0 || wanted() <= 0) {
            services.permits().withdraw(server);
            return false;
        }
        start(work, true);
        startWanted(work);
        return true;
    }

    /** Under the lock. */
    void succeeded(ConnectionStart start) {
        running.remove(start);
        backoff.succeeded();
        hasWorked = true;
    }

    /**
     * A connection could not be started. Those who wait are told now; its place and its permit are kept until nothing of it
     * is left. Not under the lock.
     *
     * @param end completes when nothing is left
     */
    void failed(ConnectionStart start, Throwable failure, CompletableFuture<?> end) {
        boolean meant = start.isCancelled() || services.isClosing();
        if (!meant) {
            services.events().failed(server, failure);
        }
        if (server.lending().waiting() == 0 && !meant) {
            log.warn("Server '{}' cannot be started, for which nobody waits: {}", server.name(), failure.getMessage());
        }
        if (end.isDone()) {
            server.lending()
                    .ended(start.isWanted(), work -> noteFailure(start, failure, work), services.permits()::release);
            return;
        }
        services.permits().closingBegins();
        server.lending().change(work -> noteFailure(start, failure, work));
        services.housekeeper().after(LONGEST_END_NANOS, () -> end.complete(null));
        var unused = end.whenComplete((nothing, e) -> server.departures().ended(start.isWanted()));
    }

    private void noteFailure(ConnectionStart start, Throwable failure, Work work) {
        running.remove(start);
        if (start.isCancelled()) {
            // That says nothing about the server.
            return;
        }
        if (!services.isClosing()) {
            server.statistics().failed(failure);
            if (!backoff.isFailing() || start.failuresBefore() == backoff.counted()) {
                backoff.failed(services.now());
            }
            // Else it ran beside another one that has failed: that is one outage, and one step of the back-off.
        }
        if (running.isEmpty() && !server.lending().isConnected()) {
            failWaiters(failure, work);
        }
    }

    /** There is no connection left that could come back, for which callers waited though a start had failed. Under the lock. */
    void lostTheLast(Work work) {
        ServerStatistics.Failure failure = server.statistics().lastFailure();
        if (running.isEmpty() && backoff.isFailing() && failure != null) {
            failWaiters(failure.cause(), work);
        }
    }

    /** Tells those for whom it is not worth waiting for another attempt. */
    private void failWaiters(Throwable failure, Work work) {
        boolean atOnce = !hasWorked || isFinal(failure);
        long left = backoff.left(services.now());
        WaiterQueue waiters = server.lending().waiters();
        for (Waiter waiter : List.copyOf(waiters.all())) {
            waiter.failedStarts++;
            if (atOnce || waiter.failedStarts > server.settings().connectRetries() || waiter.left() <= left) {
                waiters.remove(waiter);
                work.give(waiter, failure);
            }
        }
    }
}
