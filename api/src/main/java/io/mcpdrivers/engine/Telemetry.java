package io.mcpdrivers.engine;

import io.mcpdrivers.McpTelemetry;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * What the engine and the pool know of an {@link McpTelemetry}. No type of a metrics library is mentioned here, so that
 * none has to be there.
 */
public abstract class Telemetry implements McpTelemetry {

    /** For implementations. */
    protected Telemetry() {}

    /**
     * Whether there is a place for meters.
     *
     * @return true if things are to be counted and timed, not only traced
     */
    public abstract boolean hasMeters();

    /** As {@link #contextOf}. */
    abstract @Nullable Executor context();

    /**
     * What the current thread is at, for work that goes on elsewhere.
     *
     * @param target what a connection was opened to
     * @return runs a task at once, with that as what its thread is at; null if there is nothing
     */
    public static @Nullable Executor contextOf(ServerTarget target) {
        McpTelemetry telemetry = target.options().telemetry();
        return telemetry == null ? null : ((Telemetry) telemetry).context();
    }

    /**
     * Measures a connection that is being opened.
     *
     * @param target what it is opened to
     * @return what is told of it
     */
    abstract ConnectionMeter connection(ServerTarget target);

    /** What measures a connection; null if nothing does. */
    static @Nullable ConnectionMeter of(ServerTarget target) {
        McpTelemetry telemetry = target.options().telemetry();
        return telemetry == null ? null : ((Telemetry) telemetry).connection(target);
    }
}
