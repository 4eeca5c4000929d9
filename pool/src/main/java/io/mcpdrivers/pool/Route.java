package io.mcpdrivers.pool;

import io.mcpdrivers.CallOptions;
import io.mcpdrivers.McpException;
import io.mcpdrivers.engine.ServerTarget;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Where the name or URI that a caller gives leads to, with what concerns that caller only. Thread-safe. */
final class Route {

    private final ServerDirectory directory;
    private final ServerTarget target;
    private final boolean pooled;
    /** The timeouts of the target as options; made when they are first needed. */
    private @Nullable CallOptions defaults;

    private final long maxWaitNanos;
    private final boolean enabled;
    private final @Nullable ServerSwitch named;
    private volatile ServerPool server;
    private volatile Borrowing borrowing;

    Route(
            ServerDirectory directory,
            ServerPool server,
            ServerTarget target,
            SettingValues settings,
            @Nullable ServerSwitch named) {
        this.directory = directory;
        this.server = server;
        this.borrowing = server.borrowing();
        this.named = named;
        this.target = target;
        this.maxWaitNanos = settings.nanos(PoolSetting.MAX_WAIT);
        this.enabled = settings.bool(PoolSetting.ENABLED);
        this.pooled = target.uri().bool("pool", true);
    }

    ServerPool server() {
        return server;
    }

    ServerTarget target() {
        return target;
    }

    /** What turns it on and off: that of the configured name, or that of the server. */
    ServerSwitch toggle() {
        return named != null ? named : server.toggle();
    }

    /**
     * Checks that the server may be used.
     *
     * @throws McpException if it may not
     */
    void checkEnabled() {
        McpException refusal = toggle().refusal(server, enabled);
        if (refusal != null) {
            throw refusal;
        }
    }

    /** Whether its connections are pooled at all. */
    boolean isPooled() {
        return pooled;
    }

    /** The options of a call, with this route's own timeouts if the call names none. */
    CallOptions options(CallOptions given) {
        // Another URI of the same server may have another timeout than the one the connection was opened with.
        if (server.opensWith(target) || given.timeout() != null && given.maxTimeout() != null) {
            return given;
        }
        if (given == CallOptions.defaults()) {
            return defaults();
        }
        CallOptions options = given.timeout() != null ? given : given.withTimeout(target.requestTimeout());
        return given.maxTimeout() != null ? options : options.withMaxTimeout(target.maxRequestTimeout());
    }

    private CallOptions defaults() {
        CallOptions made = defaults;
        if (made == null) {
            made = CallOptions.timeout(target.requestTimeout()).withMaxTimeout(target.maxRequestTimeout());
            defaults = made;
        }
        return made;
    }

    /** How long such a call waits at the longest, which is longer if it listens to progress. */
    long longestNanos(CallOptions options) {
        long timeout = timeoutNanos(options);
        if (options.progress() == null) {
            return timeout;
        }
        Duration longest = options.maxTimeout() != null ? options.maxTimeout() : target.maxRequestTimeout();
        return Math.max(timeout, SettingValues.nanos(longest));
    }

    /** How long a call with these options waits for its answer. */
    long timeoutNanos(CallOptions options) {
        return SettingValues.nanos(options.timeout() != null ? options.timeout() : target.requestTimeout());
    }

    /** Takes a lease on a connection of the server. */
    PooledSlot borrow() {
        return borrow(Long.MAX_VALUE);
    }

    /** As {@link #borrow()}, waiting no longer than a given time. */
    PooledSlot borrow(long mostNanos) {
        while (true) {
            checkEnabled();
            PooledSlot slot = borrowing.borrow(Math.min(mostNanos, maxWaitNanos));
            if (slot != null) {
                McpException refusal = toggle().refusal(server, enabled);
                if (refusal == null) {
                    return slot;
                }
                // Disabled while it waited; whoever did that has looked for connections already.
                server.returns().discard(slot, EvictionReason.WITHDRAWN);
                throw refusal;
            }
            server = directory.renew(server);
            borrowing = server.borrowing();
        }
    }
}
