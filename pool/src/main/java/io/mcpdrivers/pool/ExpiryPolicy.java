package io.mcpdrivers.pool;

import java.util.concurrent.atomic.AtomicInteger;
import org.apache.commons.pool2.PooledObject;
import org.apache.commons.pool2.impl.EvictionConfig;
import org.apache.commons.pool2.impl.EvictionPolicy;

/** Tells Commons Pool which idle connections have expired, by the pool's own clock and the settings of each server. */
final class ExpiryPolicy implements EvictionPolicy<PooledSlot> {

    private final AtomicInteger asked = new AtomicInteger();

    /** How often it was asked, ever. */
    int asked() {
        return asked.get();
    }

    @Override
    public boolean evict(EvictionConfig config, PooledObject<PooledSlot> pooled, int idleCount) {
        asked.incrementAndGet();
        PooledSlot slot = pooled.getObject();
        return slot.server.departures().expire(slot);
    }
}
