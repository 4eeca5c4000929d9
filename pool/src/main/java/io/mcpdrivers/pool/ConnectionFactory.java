package io.mcpdrivers.pool;

import io.mcpdrivers.McpConnectionException;
import org.apache.commons.pool2.DestroyMode;
import org.apache.commons.pool2.KeyedPooledObjectFactory;
import org.apache.commons.pool2.PooledObject;

/**
 * What Commons Pool makes and destroys connections with. It makes one only for a {@link ConnectionStart}, once; a borrower,
 * for whom Commons Pool would make one when there is none idle, is refused. It destroys without waiting.
 */
final class ConnectionFactory implements KeyedPooledObjectFactory<ServerKey, PooledSlot> {

    /** Tells a borrower that no connection is idle. */
    static final class NothingIdle extends Exception {
        private static final long serialVersionUID = 1L;

        @SuppressWarnings("StaticAssignmentOfThrowable") // It has no stack trace, and happens often.
        private static final NothingIdle INSTANCE = new NothingIdle();

        private NothingIdle() {
            super("no idle connection", null, false, false);
        }
    }

    @Override
    public PooledObject<PooledSlot> makeObject(ServerKey key) throws Exception {
        ConnectionStart start = ConnectionStart.take(key);
        if (start == null) {
            throw NothingIdle.INSTANCE;
        }
        try {
            return start.open();
        } catch (Error e) {
            // Commons Pool would lose count.
            throw new McpConnectionException("Opening a connection failed: " + e, e);
        }
    }

    @Override
    public void destroyObject(ServerKey key, PooledObject<PooledSlot> pooled) {
        PooledSlot slot = pooled.getObject();
        slot.server.departures().destroyed(slot);
    }

    @Override
    public void destroyObject(ServerKey key, PooledObject<PooledSlot> pooled, DestroyMode mode) {
        destroyObject(key, pooled);
    }

    /** Not used: the lease layer validates, on the borrower's thread. */
    @Override
    public boolean validateObject(ServerKey key, PooledObject<PooledSlot> pooled) {
        return !pooled.getObject().connection.isClosed();
    }

    @Override
    public void activateObject(ServerKey key, PooledObject<PooledSlot> pooled) {}

    @Override
    public void passivateObject(ServerKey key, PooledObject<PooledSlot> pooled) {}
}
