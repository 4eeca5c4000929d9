package io.mcpdrivers.pool;

import io.mcpdrivers.McpException;
import org.jspecify.annotations.Nullable;

/**
 * Whether a server may be used, as was said while the pool runs. What is configured counts as long as nothing was. All
 * routes to what one name means share one switch, so that it outlives a change of the server's identity. Thread-safe.
 */
final class ServerSwitch {

    private enum Position {
        AS_CONFIGURED,
        ON,
        OFF,
        REMOVED
    }

    private volatile Position position = Position.AS_CONFIGURED;

    void enable() {
        position = Position.ON;
    }

    void disable() {
        position = Position.OFF;
    }

    /** Turns it off for good; who configures the name anew gets another switch. */
    void remove() {
        position = Position.REMOVED;
    }

    /** Why the server may not be used, given what is configured; null if it may. */
    @Nullable
    McpException refusal(ServerPool server, boolean configured) {
        return switch (position) {
            case ON -> null;
            case AS_CONFIGURED -> configured ? null : Refusals.disabled(server.name());
            case OFF -> Refusals.switchedOff(server.name());
            case REMOVED -> Refusals.removed(server.name());
        };
    }

    boolean isRemoved() {
        return position == Position.REMOVED;
    }

    /** Whether the server may be used, given what is configured. */
    boolean isOn(boolean configured) {
        return position == Position.AS_CONFIGURED ? configured : position == Position.ON;
    }
}
