package io.mcpdrivers.pool;

import io.mcpdrivers.McpDrivers;
import io.mcpdrivers.engine.Connector;
import io.mcpdrivers.engine.PhysicalConnection;
import io.mcpdrivers.engine.ServerTarget;
import io.mcpdrivers.spi.McpUri;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import javax.management.ObjectName;

/**
 * The lease layer of one server as it is, over connections to nothing and the simplest store. It has no thread, and there
 * are never more connections than those it begins with.
 */
final class LendingRig {

    private static final ServerKey KEY = ServerKey.of("rig", "rig");
    private static final ServerTarget TARGET = target();

    final PoolServices services;
    final PooledSlot slot;
    final ServerPool server;

    /** What {@link #state} says as long as nobody uses anything. */
    static final String UNUSED = "0 leases, 1 available, 1 stored, 0 waiting, 0 in transit, 1 open";

    private final Store store = new Store();

    /** Makes one connection. */
    LendingRig(SettingValues settings) {
        this(settings, new StubConnection());
    }

    /** Has one connection, which is given. */
    LendingRig(SettingValues settings, PhysicalConnection connection) {
        this(settings, connection, () -> 0);
    }

    /** Has a clock, too. */
    LendingRig(SettingValues settings, PhysicalConnection connection, Ticker ticker) {
        List<ServerPool> servers = new ArrayList<>();
        services = new PoolServices(
                ticker, () -> 0, store, new Permits(1), servers, new PoolEvents(List.of(), null, task -> {}));
        server = new ServerPool(services, KEY, TARGET, settings);
        servers.add(server);
        services.permits().tryAcquire();
        server.lending().addOpen(1);
        slot = new PooledSlot(server, connection, 0, 0);
        store.putBack(KEY, slot);
        server.lending().started(new ConnectionStart(server, services, true, 0), slot);
    }

    /** All that the lease layer counts, which has to be right whenever nobody is in it. */
    String state() {
        Lending lending = server.lending();
        return slot.leases() + " leases, " + lending.available() + " available, " + store.idle.size() + " stored, "
                + lending.waiting() + " waiting, " + (lending.isInTransit() ? "some" : "0") + " in transit, "
                + lending.open() + " open";
    }

    private static ServerTarget target() {
        MemoryDriver driver = new MemoryDriver();
        McpDrivers.register(driver);
        try {
            return Connector.prepare(McpUri.parse("mcp:mem:rig"), "rig");
        } finally {
            McpDrivers.deregister(driver);
        }
    }

    /** The settings of a server of one connection. */
    static SettingValues settings(int streams) {
        SettingValues settings = new SettingValues(null);
        settings.set("maxTotalPerKey", "1", "in a test");
        settings.set("streams", String.valueOf(streams), "in a test");
        return settings;
    }

    private static final class Store implements IdleConnections {
        private final Deque<PooledSlot> idle = new ArrayDeque<>();

        @Override
        public synchronized PooledSlot take(ServerKey key) {
            return idle.poll();
        }

        @Override
        public synchronized void putBack(ServerKey key, PooledSlot slot) {
            idle.push(slot);
        }

        @Override
        public void add(ServerKey key) {
            throw new IllegalStateException("nothing is to be started");
        }

        @Override
        public synchronized void remove(ServerKey key, PooledSlot slot) {
            idle.remove(slot);
        }

        @Override
        public void evict() {}

        @Override
        public ObjectName jmxName() {
            return null;
        }

        @Override
        public void lifo(boolean lifo) {}

        @Override
        public boolean isClosed() {
            return false;
        }

        @Override
        public void close() {}
    }
}
