package io.mcpdrivers.pool;

import io.mcpdrivers.spi.DriverProperty;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Every setting of the pool: the one table from which the builder, properties files, URIs and the reference page take
 * names, forms, defaults and meanings.
 *
 * <p>Settings of {@link Scope#SERVER} may be given for the whole pool and for single servers, in a file or as a parameter
 * of the URI; the nearer one counts. The aliases are the names that {@code GenericKeyedObjectPoolConfig} of Commons Pool
 * uses; they are understood in files and code.
 */
public enum PoolSetting {
    /** How many connections there may be to all servers together. */
    MAX_TOTAL(
            Scope.POOL,
            "maxTotal",
            Form.limit("-1"),
            "The most connections to all servers together, those that start or end included; -1 for no limit. When it is"
                    + " reached, the connection that was idle for longest makes room. If it is lowered, nothing is"
                    + " closed, but nothing is started either until there are fewer."),
    /** How many connections there may be to one server. */
    MAX_TOTAL_PER_KEY(
            Scope.SERVER,
            "maxTotalPerKey",
            Form.limit("8"),
            "The most connections to one server, those that start or end included; -1 for no limit."),
    /** How many leases may share one connection. */
    STREAMS(
            Scope.SERVER,
            "streams",
            Form.streams(),
            "How many leases may share one connection: a number, or auto, which is 1 for servers that may keep state per"
                    + " session (protocol revisions up to 2025-11-25) and 1024 for those that must not. A change holds"
                    + " for connections that are opened after it."),
    /** How long a caller waits for a connection. */
    MAX_WAIT(
            Scope.SERVER,
            "maxWait",
            Form.duration("35s"),
            "How long a caller waits for a connection; with 0 it gets one that is free, or none. The check of one that is"
                    + " free may take 100 ms all the same. Longer than the connectTimeout, it lets a server that does"
                    + " not start be reported as such.",
            "maxWaitDuration",
            "maxWaitMillis"),
    /** How many idle connections are kept warm. */
    MIN_IDLE(
            Scope.SERVER,
            "minIdle",
            Form.count("0"),
            "How many idle connections to a server are kept warm, within the limits.",
            "minIdlePerKey"),
    /** How many idle connections are kept at most. */
    MAX_IDLE(
            Scope.SERVER,
            "maxIdle",
            Form.orUnlimited("-1"),
            "The most idle connections to a server; one that comes back beyond it is closed. -1 for no limit.",
            "maxIdlePerKey"),
    /** How long a connection may be idle. */
    IDLE_TIMEOUT(
            Scope.SERVER,
            "idleTimeout",
            Form.duration("5m"),
            "How long a connection may be idle before it is closed, unless minIdle wants it; 0 for ever.",
            "minEvictableIdleDuration",
            "minEvictableIdleTime",
            "minEvictableIdleTimeMillis"),
    /** How old a connection may get. */
    MAX_AGE(
            Scope.SERVER,
            "maxAge",
            Form.duration("1h"),
            "How old a connection may get, less up to 2.5 % at random; then it is closed once no lease uses it. 0 for no"
                    + " limit. A change holds for connections that are opened after it."),
    /** How often a connection may be lent. */
    MAX_USES(
            Scope.SERVER,
            "maxUses",
            Form.count("0"),
            "How many leases a connection may serve before it is closed; 0 for no limit."),
    /** How often an idle connection is tried. */
    KEEPALIVE(
            Scope.SERVER,
            "keepalive",
            Form.duration("0"),
            "After how much silence an idle connection is sent a ping, and closed if it does not answer; 0 for never."),
    /** How recently a connection must have been used to be lent without a check. */
    ALIVE_BYPASS(
            Scope.SERVER,
            "aliveBypass",
            Form.duration("500ms"),
            "A connection that was used within this time is lent without a round trip to check it."),
    /** How long the check of a connection may take. */
    VALIDATION_TIMEOUT(
            Scope.SERVER,
            "validationTimeout",
            Form.positiveDuration("5s"),
            "How long a connection that is checked may take to answer."),
    /** How often a failed start is repeated for those who wait. */
    CONNECT_RETRIES(
            Scope.SERVER,
            "connectRetries",
            Form.count("3"),
            "How often a start that failed is repeated for a caller that waits, if the server has worked before."),
    /** The pause after the first failed start. */
    BACKOFF(
            Scope.SERVER,
            "backoff",
            Form.duration("1s"),
            "The pause after a failed start, doubled with each further failure, plus up to 50 % at random."),
    /** The longest pause after a failed start. */
    MAX_BACKOFF(Scope.SERVER, "maxBackoff", Form.duration("30s"), "The longest pause after a failed start."),
    /** How many unanswered requests make a connection unfit. */
    MAX_ABANDONED(
            Scope.SERVER,
            "maxAbandoned",
            Form.positive("16"),
            "A connection on which this many requests were given up and never answered is not lent again."),
    /** Whether requests that were not sent are repeated. */
    RETRY_UNSENT(
            Scope.SERVER,
            "retryUnsent",
            Form.bool("true"),
            "Whether a call that certainly did not reach the server, since the connection was lost, is made once more on a"
                    + " fresh one."),
    /** Whether requests that do no harm are repeated. */
    RETRY_HARMLESS(
            Scope.SERVER,
            "retryHarmless",
            Form.bool("true"),
            "Whether a call that may have reached the server before the connection was lost is made once more on a fresh"
                    + " one if that does no harm: reads, lists, and tools that the server marks read-only or idempotent."),
    /** After how long a lease is taken for forgotten. */
    LEAK_THRESHOLD(
            Scope.SERVER,
            "leakThreshold",
            Form.duration("0"),
            "A lease that is out for longer is logged once with where it was taken, and again when it comes back after"
                    + " all; looked at once a second. 0 for never."),
    /** How much memory the processes of one connection may use. */
    MAX_PROCESS_MEMORY(
            Scope.SERVER,
            "maxProcessMemory",
            Form.size("0"),
            "The resident memory that the processes of one connection may use, where the system shows it; one that uses"
                    + " more is closed once no lease uses it. 0 for no limit."),
    /** How much memory all processes may use. */
    MAX_POOL_MEMORY(
            Scope.POOL,
            "maxPoolMemory",
            Form.size("0"),
            "The resident memory that the processes of all connections together may use, where the system shows it;"
                    + " beyond it those that use most are closed once no lease uses them. 0 for no limit."),
    /** Whether connections to the server are given out. */
    ENABLED(Scope.SERVER, "enabled", Form.bool("true"), "Whether the server may be used."),
    /** Whether connections are given without a pool if there can be none. */
    POOL_FALLBACK(
            Scope.POOL,
            "poolFallback",
            Form.bool("true"),
            "Whether McpDrivers.getConnection opens connections directly, which is logged, if the default pool cannot be"
                    + " made, for instance since its configuration is broken. What is wrong with a URI is told in either"
                    + " case, and servers that are named in the configuration are not reached."),
    /** Which idle connection is lent first. */
    LIFO(
            Scope.POOL,
            "lifo",
            Form.bool("true"),
            "Whether the idle connection that was used last is lent first, so that those not needed expire."),
    /** How often the pool looks after itself. */
    TIME_BETWEEN_EVICTION_RUNS(
            Scope.POOL,
            "timeBetweenEvictionRuns",
            Form.positiveDuration("10s"),
            "How often the pool closes what has expired, keeps minIdle warm and sends keepalive pings.",
            "durationBetweenEvictionRuns",
            "timeBetweenEvictionRunsMillis"),
    /** How long closing waits. */
    SHUTDOWN_TIMEOUT(
            Scope.POOL,
            "shutdownTimeout",
            Form.duration("10s"),
            "How long close() waits for leases that are out before it ends their connections."),
    /** Whether the pool is measured in the global registry. */
    METRICS(
            Scope.POOL,
            "metrics",
            Form.bool("false"),
            "Whether the pool and its calls are measured in Micrometer's Metrics.globalRegistry; a pool that was given a"
                    + " McpTelemetry in code is measured there in any case."),
    /** Whether Commons Pool registers itself with JMX. */
    JMX_ENABLED(Scope.POOL, "jmxEnabled", Form.bool("true"), "Whether the pool is shown in JMX."),
    /** The first part of the JMX name. */
    JMX_NAME_BASE(
            Scope.POOL,
            "jmxNameBase",
            Form.jmxName("io.mcpdrivers:type=McpPool,name="),
            "The JMX name up to the prefix."),
    /** The last part of the JMX name. */
    JMX_NAME_PREFIX(
            Scope.POOL,
            "jmxNamePrefix",
            Form.jmxName("pool"),
            "The end of the JMX name; a number is added if the name is taken."),
    /** Whether Commons Pool measures times. */
    COLLECT_DETAILED_STATISTICS(
            Scope.POOL,
            "collectDetailedStatistics",
            Form.bool("false"),
            "Whether mean times are measured for JMX; takes a lock with each lease.");

    /** Where a setting may be given. */
    public enum Scope {
        /** For the whole pool only. */
        POOL,
        /** For the whole pool, and for a single server. */
        SERVER
    }

    /** The number of streams that stands for {@code auto}. */
    static final int AUTO_STREAMS = 0;

    /** What is read once, when the pool is made. */
    private static final Set<String> FIXED = Set.of(
            "timeBetweenEvictionRuns",
            "maxPoolMemory",
            "metrics",
            "jmxEnabled",
            "jmxNameBase",
            "jmxNamePrefix",
            "collectDetailedStatistics");

    private static final Map<String, PoolSetting> BY_NAME = new TreeMap<>();

    static {
        for (PoolSetting setting : values()) {
            BY_NAME.put(setting.settingName, setting);
            setting.aliases.forEach(alias -> BY_NAME.put(alias, setting));
        }
    }

    private final Scope scope;
    private final String settingName;

    @SuppressWarnings("ImmutableEnumChecker") // It is List.of
    private final List<String> aliases;

    @SuppressWarnings("ImmutableEnumChecker") // A record of constants
    private final Form form;

    private final String description;

    PoolSetting(Scope scope, String settingName, Form form, String description, String... aliases) {
        this.scope = scope;
        this.settingName = settingName;
        this.aliases = List.of(aliases);
        this.form = form;
        this.description = description;
    }

    /**
     * Where it may be given.
     *
     * @return for the pool only, or for single servers, too
     */
    public Scope scope() {
        return scope;
    }

    /**
     * What it is called in files, URIs and code.
     *
     * @return the name, for example {@code maxTotal}
     */
    public String settingName() {
        return settingName;
    }

    /**
     * What it is called in Commons Pool, where that differs.
     *
     * @return further names that are understood; those ending in {@code Millis} take a bare number of milliseconds
     */
    public List<String> aliases() {
        return aliases;
    }

    /**
     * The form of its value.
     *
     * @return the type
     */
    public DriverProperty.Type type() {
        return form.type();
    }

    /**
     * The value it has when it is not given.
     *
     * @return the default, as it would be written
     */
    public String defaultValue() {
        return form.defaultValue();
    }

    /**
     * Which values it takes.
     *
     * @return for example {@code 1 or more, or -1}
     */
    public String range() {
        return form.range();
    }

    /**
     * Whether {@link McpPool#reload()} changes it while the pool runs. The others count from when the pool is made.
     *
     * @return true if it does
     */
    public boolean isChangeable() {
        return !FIXED.contains(settingName);
    }

    /**
     * What it does.
     *
     * @return one or two sentences
     */
    public String description() {
        return description;
    }

    /** The setting of a name or alias, or null. */
    static @Nullable PoolSetting find(String name) {
        return BY_NAME.get(name);
    }

    /** All names, aliases left out. */
    static List<String> names() {
        List<String> names = new ArrayList<>();
        for (PoolSetting setting : values()) {
            names.add(setting.settingName);
        }
        return names;
    }

    /** The settings that a URI may carry. */
    static List<DriverProperty> uriProperties() {
        List<DriverProperty> properties = new ArrayList<>();
        for (PoolSetting setting : values()) {
            if (setting.scope == Scope.SERVER) {
                properties.add(DriverProperty.of(
                                setting.settingName, setting.type(), setting.defaultValue(), setting.description)
                        .clientSide());
            }
        }
        return properties;
    }

    /**
     * Reads a value.
     *
     * @param usedName the name or alias under which it was given
     * @param text the value
     * @return an Integer, Long, Boolean, Duration or String
     * @throws IllegalArgumentException if it has not the form or is out of range
     */
    Object read(String usedName, String text) {
        String value = text.trim();
        if (usedName.endsWith("Millis") && value.matches("\\d{1,18}")) {
            value += "ms";
        }
        return form.read(settingName, value);
    }

    Object defaultObject() {
        return form.read(settingName, form.defaultValue());
    }
}
