package io.mcpdrivers.pool;

import io.mcpdrivers.engine.ServerTarget;
import org.jspecify.annotations.Nullable;

/** All that the pool has to do with one server. */
final class ServerPool {

    private final PoolServices services;
    private final ServerKey key;
    private volatile ServerTarget target;
    private volatile SettingValues settingValues;
    private volatile ServerSettings settings;
    private final ToolChanges toolChanges = new ToolChanges();
    private final ServerStatistics statistics = new ServerStatistics();
    private final RetryPolicy retryPolicy;
    private final Starter starter;
    private final Departures departures;
    private final Lending lending;
    private final Returns returns;
    private final Borrowing borrowing;
    private volatile ServerSwitch toggle = new ServerSwitch();
    private volatile String name;
    /** The configured name whose settings count; null if there is none. Guarded by this. */
    private @Nullable String owner;
    /** Whether connections may have another timeout than the target says. */
    private volatile boolean timeoutChanged;

    private volatile boolean retired;
    /** Whether its name leads to another server by now. */
    private volatile boolean superseded;

    private volatile boolean gone;
    /** Where it is measured; null if it is not. Of the type that does that, which need not be there. */
    private volatile @Nullable Object meters;

    ServerPool(PoolServices services, ServerKey key, ServerTarget target, SettingValues settingValues) {
        this.services = services;
        this.key = key;
        this.target = target;
        this.name = target.name();
        this.settingValues = settingValues;
        this.settings = services.shared(ServerSettings.of(settingValues));
        this.retryPolicy = new RetryPolicy(this::settings);
        this.starter = new Starter(this, services);
        this.departures = new Departures(this, services);
        this.lending = new Lending(this, services);
        this.returns = new Returns(this, services);
        this.borrowing = new Borrowing(this, services);
    }

    ServerKey key() {
        return key;
    }

    ServerTarget target() {
        return target;
    }

    String name() {
        return name;
    }

    /** Calls it by the name under which it is configured, which is also what it is switched off by. */
    void configuredAs(String configured, ServerSwitch switchOfName) {
        name = configured;
        toggle = switchOfName;
    }

    /** Has a configured name decide on the settings, unless another one does already; false if so. */
    synchronized boolean claim(String configured) {
        if (owner == null) {
            owner = configured;
        }
        return owner.equals(configured);
    }

    synchronized void disown(String configured) {
        if (configured.equals(owner)) {
            owner = null;
        }
    }

    /** The configured name whose settings count; null if they are those of the first URI. */
    synchronized @Nullable String owner() {
        return owner;
    }

    /** Has other settings count from now on, for the connections there are as well. */
    void configure(ServerTarget newTarget, SettingValues values) {
        ServerSettings newSettings = services.shared(ServerSettings.of(values));
        if (!newTarget.requestTimeout().equals(target.requestTimeout())
                || !newTarget.maxRequestTimeout().equals(target.maxRequestTimeout())) {
            timeoutChanged = true;
        }
        target = newTarget;
        settingValues = values;
        if (!newSettings.equals(settings)) {
            settings = newSettings;
            lending.settingsChanged();
        }
    }

    /** Whether all connections were opened with these timeouts as those of their calls. */
    boolean opensWith(ServerTarget other) {
        return !timeoutChanged
                && other.requestTimeout().equals(target.requestTimeout())
                && other.maxRequestTimeout().equals(target.maxRequestTimeout());
    }

    /** Has all connections leave, also those that are given back later, until it is wanted anew. */
    void retire() {
        retired = true;
        lending.evictAll(EvictionReason.WITHDRAWN);
    }

    /** Somebody has found it by what is configured now. */
    void revive() {
        if (retired) {
            retired = false;
        }
        if (toggle.isRemoved()) {
            // What a name was forbidden does not concern a URI.
            toggle = new ServerSwitch();
            name = target.name();
        }
    }

    /** Whether it is no longer what is configured; who has a lease or waits for one is served, and nobody else. */
    boolean isRetired() {
        return retired;
    }

    /** One in its place, since it is gone. */
    ServerPool successor() {
        ServerPool successor = new ServerPool(services, key, target, settingValues);
        successor.configuredAs(name, toggle);
        String decides = owner();
        if (decides != null) {
            successor.claim(decides);
        }
        successor.retired = retired;
        return successor;
    }

    /** Whether it may be used, as was said while the pool runs. */
    ServerSwitch toggle() {
        return toggle;
    }

    ToolChanges toolChanges() {
        return toolChanges;
    }

    boolean isEnabled() {
        return toggle.isOn(settings.enabled());
    }

    /** Whether an operator has removed it from the pool. */
    boolean isRemoved() {
        return toggle.isRemoved();
    }

    @Nullable
    Object meters() {
        return meters;
    }

    void meters(@Nullable Object newMeters) {
        meters = newMeters;
    }

    ServerSettings settings() {
        return settings;
    }

    SettingValues settingValues() {
        return settingValues;
    }

    ServerStatistics statistics() {
        return statistics;
    }

    RetryPolicy retryPolicy() {
        return retryPolicy;
    }

    Borrowing borrowing() {
        return borrowing;
    }

    Returns returns() {
        return returns;
    }

    Lending lending() {
        return lending;
    }

    Starter starter() {
        return starter;
    }

    Departures departures() {
        return departures;
    }

    /** Whether callers wait whatever there is. */
    boolean isSuspended() {
        return services.isSuspended();
    }

    /** Whether there is no connection, not even one that starts or ends. */
    boolean hasNone() {
        return lending.open() == 0;
    }

    /** Whether the first who waits here came before the first who waits there. */
    boolean waitsLongerThan(ServerPool other) {
        long now = System.nanoTime();
        return lending.waiters().firstSince(now) - other.lending.waiters().firstSince(now) < 0;
    }

    /** The idle connection that was used longest ago, if nobody here wants it. */
    @Nullable
    PooledSlot leastRecentlyUsed() {
        if (lending.available() <= 0 || lending.waiting() > 0) {
            return null;
        }
        PooledSlot oldest = null;
        for (PooledSlot slot : lending.slots()) {
            if (slot.isFree() && (oldest == null || slot.returnedAt() - oldest.returnedAt() < 0)) {
                oldest = slot;
            }
        }
        return oldest;
    }

    /** Notes whether its name leads to another server by now, since a placeholder stands for something else. */
    void superseded(boolean isSuperseded) {
        superseded = isSuperseded;
    }

    /** How many idle connections are to be kept; none by a value that is out of use. */
    int minIdle() {
        return superseded ? 0 : settings.minIdle();
    }

    /** Whether it was dropped for not having been used, and another one has to be made. */
    boolean isGone() {
        return gone;
    }

    /**
     * Drops it if it has no connection and nobody has used it for a time.
     *
     * @param configured whether a configured name leads to it, which is to be known as failing as long as it does
     */
    boolean dropIfUnused(long nanos, boolean configured) {
        // What was said of it would be forgotten with it.
        gone = (retired || isEnabled() == settings.enabled())
                && lending.dropIfUnused(retired ? 0 : nanos, configured && !retired);
        return gone;
    }
}
