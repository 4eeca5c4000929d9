package io.mcpdrivers.pool;

import io.mcpdrivers.engine.PhysicalConnection;
import io.mcpdrivers.spi.DaemonThreads;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/** What the servers of one pool share. */
final class PoolServices {

    private static final ThreadFactory THREADS = DaemonThreads.light("mcp-pool-task");

    /** For tasks that may block: one thread each, reused where threads are dear. */
    static final Executor BACKGROUND = THREADS.newThread(() -> {}).getClass() == Thread.class
            ? new ThreadPoolExecutor(0, Integer.MAX_VALUE, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), THREADS)
            : task -> THREADS.newThread(task).start();

    private final Ticker ticker;
    private final DoubleSupplier random;
    private final IdleConnections idle;
    private final Permits permits;
    private final Collection<ServerPool> servers;
    private final Housekeeper housekeeper = new Housekeeper();
    private final SingleFlight roomMaking = new SingleFlight(BACKGROUND, this::makeRoom);

    private final PoolEvents events;
    private final LeakWatch leaks;

    /** Those that most servers have. */
    private volatile @Nullable ServerSettings commonSettings;

    private volatile boolean closing;
    private volatile boolean suspended;

    PoolServices(
            Ticker ticker,
            DoubleSupplier random,
            IdleConnections idle,
            Permits permits,
            Collection<ServerPool> servers,
            PoolEvents events) {
        this.ticker = ticker;
        this.random = random;
        this.idle = idle;
        this.permits = permits;
        this.servers = servers;
        this.events = events;
        this.leaks = new LeakWatch(ticker, housekeeper);
    }

    long now() {
        return ticker.now();
    }

    /** Gives numbers from 0 to 1. */
    DoubleSupplier random() {
        return random;
    }

    IdleConnections idle() {
        return idle;
    }

    Permits permits() {
        return permits;
    }

    Executor background() {
        return BACKGROUND;
    }

    /** As {@link #background}, for what has to be done in the end: if there is no thread, it runs once there is one. */
    void surely(Runnable task) {
        housekeeper.persist(() -> BACKGROUND.execute(task));
    }

    /**
     * Has a connection closed, if there is no thread for that as soon as there is one.
     *
     * @return completes when nothing is left of it
     */
    CompletableFuture<Void> close(PhysicalConnection connection) {
        CompletableFuture<Void> end = new CompletableFuture<>();
        housekeeper.persist(() -> {
            var unused = connection.closeAsync().whenComplete((nothing, e) -> end.complete(null));
        });
        return end;
    }

    Housekeeper housekeeper() {
        return housekeeper;
    }

    PoolEvents events() {
        return events;
    }

    LeakWatch leaks() {
        return leaks;
    }

    /** Notes a lease that was just given out, if anybody wants to know. */
    @Nullable
    LeaseRecord record(ServerPool server) {
        boolean watched = server.settings().leakThresholdNanos() > 0;
        if (!watched && !events.isOn()) {
            return null;
        }
        LeaseRecord record = new LeaseRecord(server, this);
        if (watched) {
            leaks.watch(record);
        }
        return record;
    }

    /** The same settings, in one object for all servers that have them: each borrower looks at them. */
    ServerSettings shared(ServerSettings settings) {
        ServerSettings common = commonSettings;
        if (common != null && common.equals(settings)) {
            return common;
        }
        commonSettings = settings;
        return settings;
    }

    /** Whether callers wait whatever there is. */
    boolean isSuspended() {
        return suspended;
    }

    void suspend(boolean now) {
        suspended = now;
    }

    /** Whether the pool takes connections back only to close them. */
    boolean isClosing() {
        return closing;
    }

    void close() {
        closing = true;
    }

    /**
     * Has the connections closed that were idle for longest, as many as are wanted for servers that have none. That looks at
     * all servers, so a thread of the pool does it.
     */
    void wantRoom() {
        if (permits.isRoomNeeded()) {
            roomMaking.request();
        }
    }

    private void makeRoom() {
        while (permits.isRoomNeeded() && !suspended) {
            PooledSlot oldest = null;
            for (ServerPool server : servers) {
                PooledSlot candidate = server.leastRecentlyUsed();
                if (candidate != null && (oldest == null || candidate.returnedAt() - oldest.returnedAt() < 0)) {
                    oldest = candidate;
                }
            }
            if (oldest == null) {
                permits.nothingIdle();
                return;
            }
            oldest.server.departures().removeIfIdle(oldest, EvictionReason.ROOM);
        }
    }
}
