package io.mcpdrivers.integration.soak;

import io.mcpdrivers.pool.EvictionReason;
import io.mcpdrivers.pool.PoolEvent;
import io.mcpdrivers.pool.PoolListener;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** What the pool says has happened in it. */
final class Ledger implements PoolListener {

    private final Map<PoolEvent.Type, LongAdder> events = new ConcurrentHashMap<>();
    private final Map<EvictionReason, LongAdder> reasons = new ConcurrentHashMap<>();

    @Override
    public void onEvent(PoolEvent event) {
        events.computeIfAbsent(event.type(), any -> new LongAdder()).increment();
        EvictionReason reason = event.reason();
        if (reason != null) {
            reasons.computeIfAbsent(reason, any -> new LongAdder()).increment();
        }
    }

    long count(PoolEvent.Type type) {
        LongAdder count = events.get(type);
        return count == null ? 0 : count.sum();
    }

    Map<String, Long> evictions() {
        Map<String, Long> all = new TreeMap<>();
        reasons.forEach((reason, count) -> all.put(reason.name(), count.sum()));
        return all;
    }
}
