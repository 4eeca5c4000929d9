package io.mcpdrivers.driver.http;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one client. Per origin, the one that was used last is used next, so that those which are not needed become idle. Nothing is sent, read or closed while a lock is held.
 */
final class ConnectionPool {

    /** Each request under way and each standing stream has a connection of its own. */
    static final int MOST_PER_ORIGIN = 4_096;

    static final int MOST = 16_384;
    private static final long LOOK_AGAIN_NANOS = 1_000_000L;

    private final Connector connector;
    private final Map<Host, Origin> origins = new ConcurrentHashMap<>();
    /** How many there are, those in use and those that are idle. */
    private final AtomicInteger open = new AtomicInteger();

    private volatile boolean closed;

    ConnectionPool(Connector connector) {
        this.connector = connector;
    }

    /** The HTTP proxy that all connections lead to; null for none. */
    @Nullable
    HttpProxy proxy() {
        return connector.proxy();
    }

    /** The connections to one origin, or to the proxy that all plain ones are reached by. Its own lock guards all that is in it. */
    final class Origin {
        private final Deque<WireConnection> idle = new ArrayDeque<>();
        private int leased;
        private boolean removed;
        /** Connections that were made before are not used again. */
        private long trustedFrom = System.nanoTime();

        boolean isOf(ConnectionPool pool) {
            return pool == ConnectionPool.this;
        }

        /** Counts one more that is in use; returns false if there are too many, null if this is used no more. */
        private synchronized @Nullable Boolean lease() {
            if (removed) {
                return null;
            }
            if (leased >= MOST_PER_ORIGIN || idle.isEmpty() && open.get() >= MOST) {
                return false;
            }
            leased++;
            return true;
        }

        /**
         * An idle connection that lives, for one that counts as in use already; null if a new one has to be made.
         *
         * @param fresh whether only a new one is wanted
         */
        @Nullable
        WireConnection take(boolean fresh) {
            boolean none = fresh;
            while (true) {
                WireConnection connection = null;
                if (!none) {
                    synchronized (this) {
                        connection = idle.pollFirst();
                    }
                }
                if (connection == null) {
                    open.incrementAndGet();
                    return null;
                }
                if (connection.idleUntil - System.nanoTime() <= 0) {
                    open.decrementAndGet();
                    connection.closePolitely();
                } else if (connection.isStale()) {
                    open.decrementAndGet();
                    connection.close();
                    // An interrupted thread finds none alive, and would close one after the other.
                    none = Thread.currentThread().isInterrupted();
                } else {
                    return connection;
                }
            }
        }

        /** Puts one back that was taken and not used. */
        private void putBack(WireConnection connection) {
            boolean kept;
            synchronized (this) {
                leased--;
                kept = keeps(connection);
                if (kept) {
                    idle.addFirst(connection);
                }
            }
            if (!kept) {
                open.decrementAndGet();
                connection.close();
            }
        }

        /** A connection is in use no more. It is kept for the given time, unless it is null: then it is closed. */
        void release(@Nullable WireConnection connection, long keptNanos) {
            boolean kept = false;
            if (connection != null) {
                connection.rest();
                connection.idleSince = System.nanoTime();
                connection.idleUntil = connection.idleSince + keptNanos;
            }
            synchronized (this) {
                leased--;
                if (connection != null && keeps(connection)) {
                    idle.addFirst(connection);
                    kept = true;
                }
            }
            if (!kept) {
                open.decrementAndGet();
                if (connection != null) {
                    connection.close();
                }
            }
        }

        private boolean keeps(WireConnection connection) {
            return !closed && connection.madeAt - trustedFrom >= 0;
        }

        /**
         * One has broken while it was in use, which may be the first that is seen of the end of its server: those that were
         * made before now are not used again, since a request that is sent once more must not break a second time.
         */
        void distrust() {
            List<WireConnection> all;
            synchronized (this) {
                trustedFrom = System.nanoTime();
                all = List.copyOf(idle);
                idle.clear();
            }
            for (WireConnection connection : all) {
                open.decrementAndGet();
                connection.close();
            }
        }

        /** Takes out those whose time is over at a given one; at the end of time, all. */
        private synchronized void takeExpired(long now, boolean all, List<WireConnection> into) {
            for (Iterator<WireConnection> each = idle.iterator(); each.hasNext(); ) {
                WireConnection connection = each.next();
                if (all || connection.idleUntil - now <= 0) {
                    each.remove();
                    into.add(connection);
                }
            }
        }

        /** Takes out the one that has been idle for longest; null if there is none. */
        private synchronized @Nullable WireConnection takeOldest() {
            return idle.pollLast();
        }

        private synchronized boolean removeIfUnused() {
            removed |= leased == 0 && idle.isEmpty();
            return removed;
        }
    }

    /** Counts a connection to an endpoint as in use; waits while there are too many. */
    Origin lease(Endpoint at, Ticket ticket) throws Ticket.Abandoned {
        while (true) {
            Origin origin = origin(at);
            Boolean leased = origin.lease();
            if (leased != null && leased) {
                return origin;
            }
            if (leased != null) {
                evict();
                ticket.pause(LOOK_AGAIN_NANOS);
            }
        }
    }

    private Origin origin(Endpoint at) {
        Origin known = at.origin;
        if (known == null || !known.isOf(this) || known.removed) {
            known = origins.compute(
                    connector.destination(at),
                    (host, before) -> before == null || before.removed ? new Origin() : before);
            at.origin = known;
        }
        return known;
    }

    /** Makes room for one more, if there are too many and one is idle. */
    private void evict() {
        if (open.get() < MOST) {
            return;
        }
        for (Origin each : origins.values()) {
            WireConnection oldest = each.takeOldest();
            if (oldest != null) {
                open.decrementAndGet();
                oldest.closePolitely();
                return;
            }
        }
    }

    /** Connects within a time, however often a byte of a handshake comes. */
    void connect(WireConnection connection, Endpoint at, long nanos) throws IOException {
        Ticket limit = ExchangeWatch.limit(nanos, connection::close);
        try {
            connector.connect(connection, at, nanos);
        } catch (IOException e) {
            if (limit.remaining() <= 0 && connection.isClosed()) {
                Connector.ConnectTimeoutException late =
                        new Connector.ConnectTimeoutException("No connection within " + nanos / 1_000_000 + " ms");
                late.initCause(e);
                throw late;
            }
            throw e;
        } finally {
            ExchangeWatch.forget(limit);
        }
    }

    /** Connects to an endpoint, unless a connection to it is idle, and keeps that for a while. */
    void prepare(Endpoint at, Ticket ticket, long keptNanos) throws IOException {
        Origin origin = lease(at, ticket);
        WireConnection connection = origin.take(false);
        if (connection != null) {
            origin.putBack(connection);
            return;
        }
        WireConnection made = new WireConnection();
        try {
            connect(made, at, ticket.remaining());
            connection = made.isClosed() ? null : made;
        } finally {
            origin.release(connection, keptNanos);
            if (connection == null) {
                made.close();
            }
        }
    }

    /** Closes those that have been idle for too long. */
    void clean() {
        List<WireConnection> expired = new ArrayList<>();
        long now = System.nanoTime();
        for (Origin each : origins.values()) {
            each.takeExpired(now, closed, expired);
        }
        boolean unused = origins.values().removeIf(Origin::removeIfUnused);
        for (WireConnection connection : expired) {
            open.decrementAndGet();
            connection.closePolitely();
        }
    }

    /** Closes all that are idle, and later those that are still in use. */
    void close() {
        closed = true;
        clean();
    }

    /** How many are in use. */
    int leased() {
        int sum = 0;
        for (Origin each : origins.values()) {
            synchronized (each) {
                sum += each.leased;
            }
        }
        return sum;
    }
}
