package io.mcpdrivers.pool;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What a pool is to do, in as few words as possible: one thread, and starts and ends of servers take no time. Who waits is
 * served in the order of arrival; permits go to servers in the order in which they queued.
 */
final class PoolModel {

    /** A connection. */
    static final class Connection {
        final Server server;
        final long openedAt;
        int leases;
        boolean retired;
        boolean gone;
        long returnedAt;
        /** What it really is, once somebody has got it. */
        MemoryProcess process;

        Connection(Server server, long now) {
            this.server = server;
            this.openedAt = now;
        }
    }

    /** One who wants a connection. */
    static final class Caller {
        final Server server;
        final int number;
        boolean queued;
        Connection given;

        Caller(Server server, int number) {
            this.server = server;
            this.number = number;
        }
    }

    /** A server. */
    final class Server {
        final List<Connection> connections = new ArrayList<>();
        /** The one that came back last is first. */
        final Deque<Connection> idle = new ArrayDeque<>();

        final Deque<Caller> waiting = new ArrayDeque<>();
        int hits;
        int misses;
        int timeouts;

        boolean isFull() {
            return connections.size() >= limit;
        }

        /** One that is in use and has room. */
        Connection joinable() {
            return connections.stream()
                    .filter(connection -> !connection.retired && connection.leases > 0 && connection.leases < streams)
                    .findFirst()
                    .orElse(null);
        }

        @Override
        public String toString() {
            long active = connections.stream().filter(c -> c.leases > 0).count();
            int leases = connections.stream().mapToInt(c -> c.leases).sum();
            return describe(leases, connections.size(), active, idle.size(), waiting.size(), hits, misses, timeouts);
        }
    }

    static String describe(
            int leases, int connections, long active, int idle, int waiting, long hits, long misses, long timeouts) {
        return "leases " + leases + ", connections " + connections + " (active " + active + ", idle " + idle
                + "), waiting " + waiting + ", hits " + hits + ", misses " + misses + ", timeouts " + timeouts;
    }

    final List<Server> servers = new ArrayList<>();
    final int streams;
    final long idleTimeout;
    final long maxAge;
    int limit;
    int maxTotal;
    int used;
    boolean suspended;
    long now;
    /** Servers that want a permit. */
    private final Set<Server> starving = new LinkedHashSet<>();
    /** Connections that end at this moment. */
    private int closing;

    PoolModel(int serverCount, int streams, int limit, int maxTotal, long idleTimeout, long maxAge) {
        this.streams = streams;
        this.limit = limit;
        this.maxTotal = maxTotal;
        this.idleTimeout = idleTimeout;
        this.maxAge = maxAge;
        for (int i = 0; i < serverCount; i++) {
            servers.add(new Server());
        }
    }

    void borrow(Caller caller) {
        Server server = caller.server;
        server.waiting.add(caller);
        serve(server);
        caller.queued = caller.given == null;
        dispatch(server);
    }

    /** Whether one who does not wait gets nothing, and has nothing started either. */
    boolean isInVain(Server server) {
        return suspended
                || !server.waiting.isEmpty()
                || server.idle.isEmpty() && server.joinable() == null && server.isFull();
    }

    private void give(Caller caller, Connection connection) {
        connection.leases++;
        caller.given = connection;
        if (caller.queued) {
            caller.server.misses++;
        } else {
            caller.server.hits++;
        }
    }

    private void serve(Server server) {
        while (!suspended && !server.waiting.isEmpty()) {
            Connection connection = server.joinable();
            if (connection == null) {
                connection = server.idle.poll();
            }
            if (connection == null) {
                return;
            }
            if (connection.leases == 0 && isExpired(connection)) {
                remove(connection);
            } else {
                give(server.waiting.remove(), connection);
            }
        }
    }

    private void dispatch(Server server) {
        serve(server);
        while (!suspended && !server.waiting.isEmpty() && !server.isFull()) {
            if (used >= maxTotal) {
                starving.add(server);
                makeRoom();
                return;
            }
            used++;
            start(server);
        }
        starving.remove(server);
    }

    private void start(Server server) {
        Connection connection = new Connection(server, now);
        connection.returnedAt = now;
        server.connections.add(connection);
        // It waited for the start, even if it came just now.
        Caller first = server.waiting.remove();
        first.queued = true;
        give(first, connection);
        serve(server);
    }

    private void makeRoom() {
        while (starving.size() > closing) {
            Connection oldest = null;
            for (Server server : servers) {
                for (Connection connection : server.waiting.isEmpty() ? server.idle : new ArrayDeque<Connection>()) {
                    if (oldest == null || connection.returnedAt < oldest.returnedAt) {
                        oldest = connection;
                    }
                }
            }
            if (oldest == null) {
                return;
            }
            remove(oldest);
        }
    }

    private void remove(Connection connection) {
        closing++;
        connection.gone = true;
        connection.server.connections.remove(connection);
        connection.server.idle.remove(connection);
        dispatch(connection.server);
        closing--;
        used--;
        handOutPermits();
    }

    private void handOutPermits() {
        while (used < maxTotal && !starving.isEmpty()) {
            Server next = starving.iterator().next();
            starving.remove(next);
            dispatch(next);
        }
    }

    private boolean isExpired(Connection connection) {
        return maxAge > 0 && now - connection.openedAt >= maxAge;
    }

    void giveBack(Connection connection) {
        connection.leases--;
        if (connection.gone || connection.leases > 0) {
            if (!connection.gone) {
                dispatch(connection.server);
            }
            return;
        }
        connection.returnedAt = now;
        Server server = connection.server;
        if (connection.retired || isExpired(connection) || owesToAnother(server)) {
            remove(connection);
            return;
        }
        server.idle.push(connection);
        dispatch(server);
        makeRoom();
    }

    private boolean owesToAnother(Server server) {
        return !server.waiting.isEmpty()
                && starving.size() > closing
                && starving.stream()
                        .anyMatch(other -> other != server
                                && other.connections.isEmpty()
                                && other.waiting.getFirst().number < server.waiting.getFirst().number);
    }

    void giveUp(Caller caller) {
        caller.server.waiting.remove(caller);
        if (caller.server.waiting.isEmpty()) {
            starving.remove(caller.server);
        }
    }

    void kill(Connection connection) {
        remove(connection);
    }

    void softEvict(Server server) {
        for (Connection connection : List.copyOf(server.connections)) {
            if (connection.leases > 0) {
                connection.retired = true;
            } else {
                remove(connection);
            }
        }
    }

    /** What housekeeping does. */
    void tend() {
        for (Server server : servers) {
            for (Connection connection : List.copyOf(server.idle)) {
                if (now - connection.returnedAt >= idleTimeout || isExpired(connection)) {
                    remove(connection);
                }
            }
        }
    }

    void suspend() {
        suspended = true;
        starving.clear();
    }

    void resume() {
        suspended = false;
        servers.forEach(this::dispatch);
    }

    void limits(int newLimit, int newMaxTotal) {
        limit = newLimit;
        maxTotal = newMaxTotal;
        handOutPermits();
        servers.forEach(this::dispatch);
    }
}
