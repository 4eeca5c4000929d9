package io.mcpdrivers.pool;

import io.mcpdrivers.McpTelemetry;
import io.mcpdrivers.engine.Telemetry;
import java.util.Collection;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures a pool. Everything is told where it happens, so nothing here blocks or throws. No type of a metrics library is
 * mentioned, so that none has to be there. Thread-safe.
 */
abstract class PoolMeters {

    private static final Logger log = LoggerFactory.getLogger(PoolMeters.class);

    /**
     * What measures a pool.
     *
     * @param poolName what the pool is called if it is the only one of that name
     * @return null if nothing does
     */
    static @Nullable PoolMeters of(@Nullable McpTelemetry telemetry, String poolName) {
        return telemetry instanceof Telemetry known && known.hasMeters()
                ? MicrometerPoolMeters.of(known, poolName)
                : null;
    }

    /** What measures in the registry that all of Micrometer shares; null if there is no Micrometer, which is logged. */
    static @Nullable McpTelemetry globalTelemetry() {
        try {
            return MicrometerPoolMeters.globalTelemetry();
        } catch (LinkageError e) {
            log.warn("mcp.pool.metrics is true, but Micrometer is not on the class path; nothing is measured");
            log.debug("Micrometer could not be loaded", e);
            return null;
        }
    }

    abstract void created(ServerPool server, long nanos);

    abstract void borrowed(ServerPool server, long nanos);

    abstract void returned(ServerPool server, long nanos);

    abstract void leaked(ServerPool server);

    /** Measures the servers that there are, and no longer those that have gone. */
    abstract void update(Collection<ServerPool> servers);

    /** Removes all meters. */
    abstract void close();
}
