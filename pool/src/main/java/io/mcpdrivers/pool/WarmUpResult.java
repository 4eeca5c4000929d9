package io.mcpdrivers.pool;

import io.mcpdrivers.McpException;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What came of warming up one server.
 *
 * @param server its name
 * @param took how long it took
 * @param failure why there is no connection to it; null if there is one
 */
public record WarmUpResult(
        String server, Duration took, @Nullable McpException failure) {

    /** Checks what must not be null. */
    public WarmUpResult {
        Objects.requireNonNull(server, "server");
        Objects.requireNonNull(took, "took");
    }

    /**
     * Whether a connection was made or was there.
     *
     * @return true if so
     */
    public boolean isReady() {
        return failure == null;
    }
}
