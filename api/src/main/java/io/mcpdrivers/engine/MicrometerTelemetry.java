package io.mcpdrivers.engine;

import io.mcpdrivers.McpTelemetry;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Measures with Micrometer, and is loaded only by who has it. What fails there fails no call. */
public final class MicrometerTelemetry extends Telemetry {

    private static final Logger log = LoggerFactory.getLogger(MicrometerTelemetry.class);

    /** How many methods, and how many tools and prompts, are told apart. */
    private static final int MOST_METHODS = 100;

    private static final int MOST_TARGETS = 1_000;

    final @Nullable OperationMeters meters;
    final @Nullable ObservationRegistry observations;
    private final @Nullable MeterRegistry meterRegistry;
    private final NameLimit methods = new NameLimit(MOST_METHODS);
    private final NameLimit targets = new NameLimit(MOST_TARGETS);
    private volatile boolean failed;

    private MicrometerTelemetry(@Nullable MeterRegistry meters, @Nullable ObservationRegistry observations) {
        this.meterRegistry = meters;
        this.meters = meters == null ? null : new OperationMeters(meters);
        this.observations = observations;
    }

    /**
     * Meters alone.
     *
     * @param meters where they are registered
     * @return the telemetry
     */
    public static McpTelemetry of(MeterRegistry meters) {
        return new MicrometerTelemetry(Objects.requireNonNull(meters, "meters"), null);
    }

    /**
     * Observations alone.
     *
     * @param observations what observes
     * @return the telemetry
     */
    public static McpTelemetry of(ObservationRegistry observations) {
        return new MicrometerTelemetry(null, Objects.requireNonNull(observations, "observations"));
    }

    /**
     * Both.
     *
     * @param meters where meters are registered
     * @param observations what observes
     * @return the telemetry
     */
    public static McpTelemetry of(MeterRegistry meters, ObservationRegistry observations) {
        return new MicrometerTelemetry(
                Objects.requireNonNull(meters, "meters"), Objects.requireNonNull(observations, "observations"));
    }

    /**
     * Where meters are registered.
     *
     * @return the registry; null if there is none
     */
    public @Nullable MeterRegistry meterRegistry() {
        return meterRegistry;
    }

    @Override
    public boolean hasMeters() {
        return meterRegistry != null;
    }

    @Override
    @Nullable
    Executor context() {
        Observation current = observations == null ? null : observations.getCurrentObservation();
        return current == null ? null : task -> within(current::openScope, task);
    }

    /** Runs a task in a scope that the code of others opens, if it does. */
    void within(Supplier<Observation.Scope> opening, Runnable task) {
        Observation.Scope[] scope = new Observation.Scope[1];
        guarded(() -> scope[0] = opening.get());
        try {
            task.run();
        } finally {
            if (scope[0] != null) {
                guarded(scope[0]::close);
            }
        }
    }

    @Override
    ConnectionMeter connection(ServerTarget target) {
        return new MicrometerConnection(this, target);
    }

    /** A method's name, unless there are too many. */
    String method(String name) {
        return methods.admits(name) ? name : OperationMeters.OTHER;
    }

    /** The name of a tool or prompt, unless there are too many. */
    String target(String name) {
        return targets.admits(name) ? name : OperationMeters.OTHER;
    }

    /**
     * Does what may fail in the code of others. The first failure is logged as a warning, further ones for debugging.
     *
     * @param task what measures, here or in the pool
     */
    public void guarded(Runnable task) {
        try {
            task.run();
        } catch (VirtualMachineError e) {
            // That the JVM can do no more is nobody's measuring.
            throw e;
        } catch (RuntimeException | Error e) {
            if (failed) {
                log.debug("Measuring failed", e);
            } else {
                failed = true;
                log.warn(
                        "Measuring failed, which callers do not notice; further failures are logged at debug level", e);
            }
        }
    }
}
