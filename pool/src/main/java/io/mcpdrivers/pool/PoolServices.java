package io.mcpdrivers.pool;

import io.mcpdrivers.spi.DaemonThreads;
import java.util.Collection;
import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;

/** What the servers of one pool share. */
final class PoolServices {

    private static final ThreadFactory THREADS = DaemonThreads.light("mcp-pool-task");

    /** For tasks that may block: one thread each, reused where threads are dear. */
    static final Executor BACKGROUND = THREADS.newThread(() -> {}).getClass() == Thread.class
            ? new ThreadPoolExecutor(0, Integer.MAX_VALUE, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), THREADS)
            : task -> THREADS.newThread(task).start();

    private final Ticker ticker;
    private final DoubleSupplier random;
    private final IdleStore idle;
    private final Permits permits;
    private final Collection<ServerPool> servers;
    private final Housekeeper housekeeper = new Housekeeper();
    private final SingleFlight roomMaking = new SingleFlight(BACKGROUND, this::makeRoom);

    private volatile boolean closing;

    PoolServices(
            Ticker ticker, DoubleSupplier random, IdleStore idle, Permits permits, Collection<ServerPool> servers) {
        this.ticker = ticker;
        this.random = random;
        this.idle = idle;
        this.permits = permits;
        this.servers = servers;
    }

    long now() {
        return ticker.now();
    }

    /** Gives numbers from 0 to 1. */
    DoubleSupplier random() {
        return random;
    }

    IdleStore idle() {
        return idle;
    }

    Permits permits() {
        return permits;
    }

    Executor background() {
        return BACKGROUND;
    }

    Housekeeper housekeeper() {
        return housekeeper;
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
        while (permits.isRoomNeeded()) {
            PooledSlot oldest = null;
            for (ServerPool server : servers) {
                PooledSlot candidate = server.leastRecentlyUsed();
                if (candidate != null && (oldest == null || candidate.returnedAt() - oldest.returnedAt() < 0)) {
                    oldest = candidate;
                }
            }
            if (oldest == null) {
                return;
            }
            oldest.server.departures().removeIfIdle(oldest);
        }
    }
}
