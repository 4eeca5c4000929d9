package io.mcpdrivers.pool;

import io.mcpdrivers.McpException;
import java.time.Duration;
import java.util.NoSuchElementException;
import javax.management.ObjectName;
import org.apache.commons.pool2.impl.GenericKeyedObjectPool;
import org.apache.commons.pool2.impl.GenericKeyedObjectPoolConfig;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The idle connections: a {@link GenericKeyedObjectPool} that is set so that it never waits, never makes a connection for
 * a borrower, and does no work for other keys when one is given back. Limits are kept above it.
 */
final class IdleStore implements IdleConnections {

    private static final Logger log = LoggerFactory.getLogger(IdleStore.class);

    private final GenericKeyedObjectPool<ServerKey, PooledSlot> pool;
    private final ExpiryPolicy expiry = new ExpiryPolicy();

    IdleStore(SettingValues settings) {
        GenericKeyedObjectPoolConfig<PooledSlot> config = new GenericKeyedObjectPoolConfig<>();
        config.setMaxTotal(-1);
        config.setMaxTotalPerKey(-1);
        config.setMaxIdlePerKey(-1);
        config.setMinIdlePerKey(0);
        config.setBlockWhenExhausted(false);
        config.setMaxWait(Duration.ZERO);
        config.setReuseCapacityOnReturn(false);
        config.setReuseCapacityOnMaintenance(false);
        config.setTimeBetweenEvictionRuns(Duration.ofMillis(-1));
        config.setNumTestsPerEvictionRun(-1);
        config.setEvictionPolicy(expiry);
        config.setLifo(settings.bool(PoolSetting.LIFO));
        config.setCollectDetailedStatistics(settings.bool(PoolSetting.COLLECT_DETAILED_STATISTICS));
        config.setJmxEnabled(settings.bool(PoolSetting.JMX_ENABLED));
        config.setJmxNameBase(settings.string(PoolSetting.JMX_NAME_BASE));
        config.setJmxNamePrefix(settings.string(PoolSetting.JMX_NAME_PREFIX));
        pool = new GenericKeyedObjectPool<>(new ConnectionFactory(), config);
        pool.setSwallowedExceptionListener(e -> log.warn("Commons Pool reports", e));
    }

    @Override
    @Nullable
    public PooledSlot take(ServerKey key) {
        try {
            return pool.borrowObject(key, Duration.ZERO);
        } catch (ConnectionFactory.NothingIdle | NoSuchElementException e) {
            return null;
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new McpException("No connection can be taken out of the pool: " + e, e);
        }
    }

    @Override
    public void putBack(ServerKey key, PooledSlot slot) {
        try {
            // Not while another thread has it taken out: it would come back removed, and Commons Pool would look at it
            // for
            // ever.
            synchronized (slot) {
                pool.returnObject(key, slot);
            }
        } catch (IllegalStateException e) {
            // It was lost in this very moment and has been taken out of the pool.
            log.trace("{} is no longer in the pool", slot, e);
        }
    }

    @Override
    public void add(ServerKey key) throws Exception {
        pool.addObject(key);
    }

    /** Looks at every key, so it takes a while with many. */
    @Override
    public void remove(ServerKey key, PooledSlot slot) {
        try {
            pool.invalidateObject(key, slot);
        } catch (IllegalStateException e) {
            log.trace("{} is no longer in the pool", slot, e);
        } catch (Exception e) {
            log.warn("{} cannot be taken out of the pool", slot, e);
        }
    }

    @Override
    public void evict() {
        try {
            int idle = pool.getNumIdle();
            int before = expiry.asked();
            pool.evict();
            if (expiry.asked() - before < idle) {
                // It went on where it had stopped the last time, and stopped again after the last key.
                pool.evict();
            }
        } catch (IllegalStateException e) {
            log.trace("The pool was closed", e);
        } catch (Exception e) {
            log.warn("Closing expired connections failed", e);
        }
    }

    @Override
    @Nullable
    public ObjectName jmxName() {
        return pool.getJmxName();
    }

    @Override
    public void lifo(boolean lifo) {
        pool.setLifo(lifo);
    }

    @Override
    public boolean isClosed() {
        return pool.isClosed();
    }

    @Override
    public void close() {
        pool.close();
    }
}
