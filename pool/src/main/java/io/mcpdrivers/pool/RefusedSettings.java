package io.mcpdrivers.pool;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What {@code GenericKeyedObjectPoolConfig} has and this pool has not, and why. */
final class RefusedSettings {

    private static final String VALIDATION =
            "a connection is always checked when it is lent and was not used lately; see aliveBypass,"
                    + " validationTimeout and keepalive";
    private static final String EVICTION =
            "the pool decides itself what has expired; see idleTimeout, maxAge and maxUses";
    private static final String CAPACITY = "capacity that becomes free always goes to whoever has waited for longest";
    private static final String SOFT_EVICTION = "idleTimeout leaves minIdle connections alone already";

    private static final Map<String, String> REASONS = Map.ofEntries(
            Map.entry("blockWhenExhausted", "a caller always waits for maxWait; set maxWait=0 for not waiting"),
            Map.entry("fairness", "waiting is always fair"),
            Map.entry("testOnCreate", VALIDATION),
            Map.entry("testOnBorrow", VALIDATION),
            Map.entry("testOnReturn", VALIDATION),
            Map.entry("testWhileIdle", VALIDATION),
            Map.entry("evictionPolicy", EVICTION),
            Map.entry("evictionPolicyClassName", EVICTION),
            Map.entry("numTestsPerEvictionRun", "every idle connection is looked at in each run"),
            Map.entry("evictorShutdownTimeout", "see shutdownTimeout"),
            Map.entry("evictorShutdownTimeoutDuration", "see shutdownTimeout"),
            Map.entry("evictorShutdownTimeoutMillis", "see shutdownTimeout"),
            Map.entry("softMinEvictableIdleDuration", SOFT_EVICTION),
            Map.entry("softMinEvictableIdleTime", SOFT_EVICTION),
            Map.entry("softMinEvictableIdleTimeMillis", SOFT_EVICTION),
            Map.entry("reuseCapacityOnReturn", CAPACITY),
            Map.entry("reuseCapacityOnMaintenance", CAPACITY));

    private RefusedSettings() {}

    /** All of them by name. */
    static Map<String, String> reasons() {
        return new TreeMap<>(REASONS);
    }

    /** Why a setting of Commons Pool is refused, or null if it is none of those. */
    static @Nullable String reason(String name) {
        return REASONS.get(name);
    }
}
