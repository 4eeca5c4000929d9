package io.mcpdrivers.pool;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Whether one server can be used, as far as is known without asking it. Holds no secret.
 *
 * @param name its name, as in {@link ServerStatus#name}
 * @param healthy whether nothing speaks against using it; true also of one that is disabled or was not asked for yet
 * @param enabled whether it may be used
 * @param state how it stands
 * @param reason what speaks against it; null if nothing does
 */
public record ServerHealth(
        String name,
        boolean healthy,
        boolean enabled,
        ServerState state,
        @Nullable String reason) {

    /** Checks what must not be null. */
    public ServerHealth {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(state, "state");
    }

    static ServerHealth of(ServerStatus status) {
        boolean healthy =
                status.state() != ServerState.SHUTDOWN && !(status.enabled() && status.state() == ServerState.ERROR);
        String reason = healthy
                ? null
                : status.state() == ServerState.SHUTDOWN
                        ? "the pool was closed"
                        : status.lastError() == null ? "it cannot be connected to" : status.lastError();
        return new ServerHealth(status.name(), healthy, status.enabled(), status.state(), reason);
    }
}
