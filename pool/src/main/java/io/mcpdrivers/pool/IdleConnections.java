package io.mcpdrivers.pool;

import javax.management.ObjectName;
import org.jspecify.annotations.Nullable;

/**
 * Where idle connections are kept. {@link IdleStore} is what pools use; checks that look at every instruction of the lease
 * layer take something simpler. Nothing here is called while a lock of the pool is held.
 */
interface IdleConnections {

    /** Takes an idle connection out; null if there is none at this moment. */
    @Nullable
    PooledSlot take(ServerKey key);

    /** Puts a connection back that was taken out. */
    void putBack(ServerKey key, PooledSlot slot);

    /** Has a connection made, and keeps it. */
    void add(ServerKey key) throws Exception;

    /** Takes a connection out for good, whether idle or lent. May take a while. */
    void remove(ServerKey key, PooledSlot slot);

    /** Has what has expired destroyed. */
    void evict();

    /** The name under which it is found in JMX; null if it is not. */
    @Nullable
    ObjectName jmxName();

    /** Whether the connection that was used last is lent first. */
    void lifo(boolean lifo);

    boolean isClosed();

    void close();
}
