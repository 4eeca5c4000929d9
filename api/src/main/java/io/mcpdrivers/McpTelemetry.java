package io.mcpdrivers;

import io.mcpdrivers.engine.MicrometerTelemetry;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.ObservationRegistry;

/**
 * Where measurements go: to registries of Micrometer. Given to a pool or, for connections of their own, to
 * {@link ConnectionOptions#withTelemetry}. One object may serve any number of both. Thread-safe.
 * Not to be implemented: only what these methods give is accepted.
 *
 * <p>Micrometer is an optional dependency, and these methods are the only ones that mention it: where it is missing, this
 * interface alone must be left alone, above all by those who look at classes by reflection; all others work. What is
 * measured is listed in {@code docs/metrics.md}. No measurement holds a secret, an argument of a tool or a result.
 *
 * <p>Names and attributes are those of the OpenTelemetry semantic conventions for MCP.
 *
 * @see <a href="https://github.com/open-telemetry/semantic-conventions/blob/v1.41.1/docs/gen-ai/mcp.md">OpenTelemetry
 *     semantic conventions 1.41.1: MCP</a>
 */
@SuppressWarnings("exports") // Transitive, Micrometer would have to be there for whoever compiles against this module.
public interface McpTelemetry {

    /**
     * Has operations, sessions and pools counted and timed.
     *
     * @param meters where the meters are registered
     * @return the telemetry
     */
    static McpTelemetry of(MeterRegistry meters) {
        return MicrometerTelemetry.of(meters);
    }

    /**
     * Has each request observed: with the handlers of Micrometer Tracing in the registry it becomes a client span, whose
     * context is written to the request's {@code _meta}.
     *
     * @param observations what observes
     * @return the telemetry
     */
    static McpTelemetry of(ObservationRegistry observations) {
        return MicrometerTelemetry.of(observations);
    }

    /**
     * Both of the other two.
     *
     * @param meters where the meters are registered
     * @param observations what observes
     * @return the telemetry
     */
    static McpTelemetry of(MeterRegistry meters, ObservationRegistry observations) {
        return MicrometerTelemetry.of(meters, observations);
    }
}
