package io.mcpdrivers.pool;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How one server stands at some moment. Holds no secret.
 *
 * @param name its name as configured, or made up from its URI; of several servers whose URIs give the same name, with
 *     {@code #} and eight digits that are others in each JVM
 * @param enabled whether it may be used
 * @param state how it stands
 * @param leases connections that callers hold; those that share one count each
 * @param connections those that count against the limits: active, idle, starting and closing ones
 * @param active connections in use
 * @param idle connections that wait for a use
 * @param starting connections that are being started
 * @param closing connections whose server is ending
 * @param waiting callers that wait
 * @param hits how often a connection was given out at once
 * @param misses how often a caller had to wait for one, or for its start
 * @param timeouts how often a caller waited in vain
 * @param errors how often an attempt to connect failed
 * @param lastError the reason of the last failed attempt; null if none has failed
 * @param lastErrorAt when that was; null if none has failed
 */
public record ServerStatus(
        String name,
        boolean enabled,
        ServerState state,
        int leases,
        int connections,
        int active,
        int idle,
        int starting,
        int closing,
        int waiting,
        long hits,
        long misses,
        long timeouts,
        long errors,
        @Nullable String lastError,
        @Nullable Instant lastErrorAt) {

    /** Checks what must not be null. */
    public ServerStatus {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(state, "state");
    }

    /** A server that is in use. Under its lock. */
    static ServerStatus of(ServerPool server, List<PooledSlot> slots, int waiting, int open, boolean closed) {
        int leases = 0;
        int active = 0;
        long hits = server.statistics().hits();
        for (PooledSlot slot : slots) {
            leases += slot.leases();
            hits += slot.hits();
            active += slot.leases() > 0 ? 1 : 0;
        }
        int starting = server.starter().count();
        ServerState state = closed
                ? ServerState.SHUTDOWN
                : slots.isEmpty() && server.starter().isFailing()
                        ? ServerState.ERROR
                        : server.starter().hasWorked() ? ServerState.READY : ServerState.INITIALIZING;
        ServerStatistics statistics = server.statistics();
        ServerStatistics.Failure failure = statistics.lastFailure();
        return new ServerStatus(
                server.name(),
                server.isEnabled(),
                state,
                leases,
                open,
                active,
                slots.size() - active,
                starting,
                open - starting - slots.size(),
                waiting,
                hits,
                statistics.misses(),
                statistics.timeouts(),
                statistics.errors(),
                failure == null ? null : String.valueOf(failure.cause().getMessage()),
                failure == null ? null : failure.at());
    }

    /** A configured server of which there is no connection and was none. */
    static ServerStatus unused(String name, boolean enabled, ServerState state) {
        return new ServerStatus(name, enabled, state, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, null, null);
    }

    /** The same with an entry of the configuration that cannot be used. */
    ServerStatus broken(ServerEntry.Failure failure) {
        ServerState broken = state == ServerState.SHUTDOWN ? state : ServerState.ERROR;
        return with(name, broken, errors + failure.count(), failure.reason(), failure.at());
    }

    /** The same, by the name by which it is told from the others. */
    ServerStatus named(String other) {
        return other.equals(name) ? this : with(other, state, errors, lastError, lastErrorAt);
    }

    private ServerStatus with(
            String newName, ServerState newState, long newErrors, @Nullable String error, @Nullable Instant at) {
        return new ServerStatus(
                newName,
                enabled,
                newState,
                leases,
                connections,
                active,
                idle,
                starting,
                closing,
                waiting,
                hits,
                misses,
                timeouts,
                newErrors,
                error,
                at);
    }
}
