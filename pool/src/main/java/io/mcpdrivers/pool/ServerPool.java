package io.mcpdrivers.pool;

import io.mcpdrivers.engine.ServerTarget;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** All that the pool has to do with one server. */
final class ServerPool {

    private final PoolServices services;
    private final ServerKey key;
    private final ServerTarget target;
    private final SettingValues settingValues;
    private final ServerSettings settings;
    private final AtomicLong toolChanges = new AtomicLong();
    private final ServerStatistics statistics = new ServerStatistics();
    private final RetryPolicy retryPolicy;
    private final Starter starter;
    private final Departures departures;
    private final Lending lending;
    private final Returns returns;
    private final Borrowing borrowing;
    private volatile ServerSwitch toggle = new ServerSwitch();
    private volatile String name;
    private volatile boolean gone;

    ServerPool(PoolServices services, ServerKey key, ServerTarget target, SettingValues settingValues) {
        this.services = services;
        this.key = key;
        this.target = target;
        this.name = target.name();
        this.settingValues = settingValues;
        this.settings = ServerSettings.of(settingValues);
        this.retryPolicy = new RetryPolicy(settings);
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

    /** Whether it may be used, as was said while the pool runs. */
    ServerSwitch toggle() {
        return toggle;
    }

    /** The server says that its tools have changed. On a thread that reads. */
    void toolsChanged() {
        toolChanges.incrementAndGet();
    }

    /** How often it has said so. */
    long toolChanges() {
        return toolChanges.get();
    }

    boolean isEnabled() {
        return toggle.isOn(settings.enabled());
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

    /** Whether it was dropped for not having been used, and another one has to be made. */
    boolean isGone() {
        return gone;
    }

    /** Drops it if it has no connection and nobody has used it for a time. */
    boolean dropIfUnused(long nanos) {
        // What was said of it would be forgotten with it.
        gone = isEnabled() == settings.enabled() && lending.dropIfUnused(nanos);
        return gone;
    }
}
