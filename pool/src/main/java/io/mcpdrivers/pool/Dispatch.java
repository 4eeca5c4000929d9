package io.mcpdrivers.pool;

import io.mcpdrivers.McpException;

/**
 * Gives those who wait for one server what there is, and has started what they need beyond it. All of it happens under the
 * server's lock.
 */
final class Dispatch {

    private final ServerPool server;
    private final Lending lending;
    private final WaiterQueue waiters;
    private final SharedConnections shared;
    private final PoolServices services;

    Dispatch(ServerPool server, Lending lending, WaiterQueue waiters, SharedConnections shared, PoolServices services) {
        this.server = server;
        this.lending = lending;
        this.waiters = waiters;
        this.shared = shared;
        this.services = services;
    }

    /** Gives what there is, and starts what is wanted beyond it. */
    void run(Work work) {
        if (services.isSuspended()) {
            services.permits().withdraw(server);
            return;
        }
        serve(work);
        if (!waiters.isEmpty() && !lending.isClosed() && !(lending.streams() > 1 && isServedInAMoment(work))) {
            server.starter().startWanted(work);
            if (server.starter().count() == 0) {
                // Better an old connection than none.
                serveShared(work, true);
            }
        }
        withdrawIfNobodyWaits();
    }

    /**
     * Whether a connection is just being fetched or given back. It can be shared in a moment, and whoever does that
     * dispatches again; or it has got there since it was looked for.
     */
    private boolean isServedInAMoment(Work work) {
        if (!lending.isInTransit()) {
            serve(work);
        }
        return waiters.isEmpty() || lending.isInTransit();
    }

    private void serve(Work work) {
        serveShared(work, false);
        while (!waiters.isEmpty() && lending.promise()) {
            work.give(waiters.poll(), Waiter.TICKET);
            if (lending.streams() > 1) {
                // The others join this one.
                return;
            }
        }
    }

    private void serveShared(Work work, boolean evenWorn) {
        PooledSlot joined;
        while (!waiters.isEmpty() && (joined = shared.join(services, evenWorn)) != null) {
            work.give(waiters.poll(), joined);
        }
    }

    /** Tells all who wait that they get nothing. */
    void turnAway(Work work, McpException refusal) {
        while (!waiters.isEmpty()) {
            work.give(waiters.poll(), refusal);
        }
        withdrawIfNobodyWaits();
    }

    /** After somebody has left: what is being started may do for the others, whom room that is made would not help. */
    void withdrawIfUnwanted() {
        if (waiters.isEmpty() || server.starter().isEnough()) {
            services.permits().withdraw(server);
        }
    }

    private void withdrawIfNobodyWaits() {
        if (waiters.isEmpty()) {
            services.permits().withdraw(server);
        }
    }
}
