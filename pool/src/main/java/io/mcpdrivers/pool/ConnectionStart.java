package io.mcpdrivers.pool;

import io.mcpdrivers.McpPoolException;
import io.mcpdrivers.engine.Connector;
import io.mcpdrivers.engine.PhysicalConnection;
import io.mcpdrivers.spi.DaemonThreads;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The start of one connection, on a thread of its own. It goes on whether or not somebody still waits for it. */
final class ConnectionStart implements Runnable {

    /** Expiry is brought forward by up to this share of the greatest age, so that a fleet does not expire at once. */
    private static final double MOST_AGE_JITTER = 0.025;

    /** The start that is asking Commons Pool for a connection on this thread, until it is asked to open it. */
    private static final ThreadLocal<ConnectionStart> CURRENT = new ThreadLocal<>();

    private final ServerPool server;
    private final PoolServices services;
    private volatile @Nullable Thread thread;

    private volatile boolean cancelled;
    /** Why what it makes is not to be kept; null if it is. Set under the server's lock. */
    private volatile @Nullable EvictionReason outdated;

    private final boolean wanted;
    private final int failuresBefore;
    private final long began;
    private @Nullable PooledSlot slot;
    /** What is still ending of attempts that failed; of this start's thread alone. */
    private final List<CompletableFuture<?>> leftovers = new ArrayList<>();

    /**
     * Prepares a start.
     *
     * @param wanted whether somebody waits for it; else it is to be kept idle
     * @param failuresBefore how many failures its server's back-off had counted by then
     */
    ConnectionStart(ServerPool server, PoolServices services, boolean wanted, int failuresBefore) {
        this.server = server;
        this.wanted = wanted;
        this.services = services;
        this.failuresBefore = failuresBefore;
        this.began = services.now();
    }

    /** Whether somebody waited for it when it began. */
    boolean isWanted() {
        return wanted;
    }

    /** How many failures the back-off had counted when it began. */
    int failuresBefore() {
        return failuresBefore;
    }

    /** Why what it makes is not to be kept; null if it is. */
    @Nullable
    EvictionReason outdated() {
        return outdated;
    }

    void outdate(EvictionReason reason) {
        outdated = reason;
    }

    /** Whether it was told to give up. */
    boolean isCancelled() {
        return cancelled;
    }

    /**
     * The start that asks on this thread for a connection, which it is given once: what it runs from then on is the code of
     * drivers and of the application, which may borrow from this pool, too.
     *
     * @return null if none asks for a connection of this key
     */
    static @Nullable ConnectionStart take(ServerKey key) {
        ConnectionStart start = CURRENT.get();
        if (start == null || !start.server.key().equals(key)) {
            return null;
        }
        CURRENT.remove();
        return start;
    }

    void launch() {
        try {
            Thread started =
                    DaemonThreads.light("mcp-pool-start-" + server.name()).newThread(this);
            thread = started;
            started.start();
            if (cancelled) {
                // It was told to give up before it could be interrupted.
                started.interrupt();
            }
        } catch (OutOfMemoryError e) {
            server.starter().failed(this, e, CompletableFuture.completedFuture(null));
        }
    }

    /** Has it give up. */
    void interrupt() {
        cancelled = true;
        Thread running = thread;
        if (running != null) {
            running.interrupt();
        }
    }

    @Override
    public void run() {
        CURRENT.set(this);
        try {
            services.idle().add(server.key());
        } catch (Throwable e) {
            failed(e);
            return;
        } finally {
            CURRENT.remove();
        }
        PooledSlot made = slot;
        if (made == null) {
            failed(new IllegalStateException("Commons Pool has made no connection"));
        } else {
            try {
                services.events().created(server, services.now() - began);
            } finally {
                // Whatever the application's code that measures does, the start has ended.
                server.lending().started(this, made);
            }
        }
    }

    private void failed(Throwable failure) {
        PooledSlot made = slot;
        if (made != null && made.claimClosing()) {
            leftovers.add(services.close(made.connection));
        }
        server.starter().failed(this, failure, CompletableFuture.allOf(leftovers.toArray(CompletableFuture[]::new)));
    }

    /** Opens the connection; called back by Commons Pool. */
    PooledSlot open() {
        PhysicalConnection connection = Connector.open(server.target(), leftovers::add);
        if (outdated != null) {
            leftovers.add(services.close(connection));
            cancelled = true;
            throw new McpPoolException("The connection was replaced while it was started", null);
        }
        long maxAge = server.settings().maxAgeNanos();
        long jitter = (long) (maxAge * MOST_AGE_JITTER * services.random().getAsDouble());
        connection.onToolsChanged(server.toolChanges()::changed);
        PooledSlot opened = new PooledSlot(server, connection, services.now(), maxAge - jitter);
        slot = opened;
        return opened;
    }
}
