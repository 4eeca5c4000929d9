package io.mcpdrivers.engine;

import io.mcpdrivers.ServerMetadata;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What the connections made for one target have learnt of the server, so that the next one need not ask. Thread-safe.
 */
public final class ServerMemory {

    private static final long LONGEST_MILLIS = TimeUnit.HOURS.toMillis(1);

    private record Discovered(ServerMetadata metadata, long untilNanos) {}

    final ToolHeaders toolHeaders = new ToolHeaders();
    private volatile @Nullable Discovered discovered;

    ServerMemory() {}

    /** Keeps a result of {@code server/discover} for as long as the server allows, but for an hour at most. */
    void keep(ServerMetadata metadata, long ttlMillis) {
        if (ttlMillis > 0) {
            long nanos = TimeUnit.MILLISECONDS.toNanos(Math.min(ttlMillis, LONGEST_MILLIS));
            discovered = new Discovered(metadata, System.nanoTime() + nanos);
        }
    }

    /** What was kept; null if nothing was, or if it is too old. */
    @Nullable
    ServerMetadata discovered() {
        Discovered kept = discovered;
        return kept != null && kept.untilNanos - System.nanoTime() > 0 ? kept.metadata : null;
    }

    /** The server does not behave as what was kept lets expect. */
    void forget() {
        discovered = null;
    }
}
