package io.mcpdrivers.engine;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The two timers of clients in the OpenTelemetry semantic conventions for MCP, 1.41.1. All meters of one name have the
 * same tags, since Prometheus wants that; what does not apply is {@value #NONE}.
 *
 * @see <a href="https://github.com/open-telemetry/semantic-conventions/blob/v1.41.1/docs/gen-ai/mcp.md#metrics">OpenTelemetry
 *     semantic conventions: MCP metrics</a>
 */
final class OperationMeters {

    static final String OPERATION_DURATION = "mcp.client.operation.duration";
    static final String SESSION_DURATION = "mcp.client.session.duration";

    /** Stands for a value that does not apply, as elsewhere in Micrometer. */
    static final String NONE = "none";
    /** Stands for all values beyond the limit. */
    static final String OTHER = "_OTHER";

    /** How many timers there may be before what tells servers, tools and errors apart is left out of further ones. */
    private static final int MOST_TIMERS = 2_000;

    /** The boundaries of the buckets that the conventions want, in seconds. */
    private static final double[] BOUNDARIES = {0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300};

    private static final Duration[] BUCKETS = buckets();

    /**
     * What tells operations apart.
     *
     * @param tool {@code gen_ai.tool.name}
     * @param prompt {@code gen_ai.prompt.name}
     */
    record Operation(
            String method,
            @Nullable String tool,
            @Nullable String prompt,
            String revision,
            NetworkAttributes network,
            OperationOutcome outcome) {

        private Operation limited() {
            return new Operation(
                    method,
                    tool == null ? null : OTHER,
                    prompt == null ? null : OTHER,
                    revision,
                    OperationMeters.limited(network),
                    new OperationOutcome(
                            outcome.errorType() == null ? null : OTHER, outcome.statusCode() == null ? null : OTHER));
        }
    }

    private record SessionEnd(
            String revision,
            NetworkAttributes network,
            @Nullable String errorType) {}

    private final MeterRegistry registry;
    private final ConcurrentMap<Operation, Timer> operations = new ConcurrentHashMap<>();
    private final ConcurrentMap<SessionEnd, Timer> sessions = new ConcurrentHashMap<>();

    OperationMeters(MeterRegistry registry) {
        this.registry = registry;
    }

    MeterRegistry registry() {
        return registry;
    }

    void operation(Operation operation, long nanos) {
        Timer timer = operations.get(operation);
        if (timer == null) {
            Operation admitted = operations.size() < MOST_TIMERS ? operation : operation.limited();
            timer = operations.computeIfAbsent(admitted, this::register);
        }
        timer.record(nanos, TimeUnit.NANOSECONDS);
    }

    void session(String revision, NetworkAttributes network, @Nullable String errorType, long nanos) {
        SessionEnd end = new SessionEnd(revision, network, errorType);
        Timer timer = sessions.get(end);
        if (timer == null) {
            SessionEnd admitted = sessions.size() < MOST_TIMERS
                    ? end
                    : new SessionEnd(revision, limited(network), errorType == null ? null : OTHER);
            timer = sessions.computeIfAbsent(admitted, this::register);
        }
        timer.record(nanos, TimeUnit.NANOSECONDS);
    }

    private Timer register(Operation operation) {
        return timer(
                        OPERATION_DURATION,
                        "How long requests to MCP servers took, from sending to having the answer read")
                .tags(network(operation.network))
                .tags(
                        "mcp.method.name",
                        operation.method,
                        "mcp.protocol.version",
                        operation.revision,
                        "gen_ai.operation.name",
                        operation.tool == null ? NONE : "execute_tool",
                        "gen_ai.tool.name",
                        orNone(operation.tool),
                        "gen_ai.prompt.name",
                        orNone(operation.prompt),
                        "rpc.response.status_code",
                        orNone(operation.outcome.statusCode()),
                        "error.type",
                        orNone(operation.outcome.errorType()))
                .register(registry);
    }

    private Timer register(SessionEnd end) {
        return timer(SESSION_DURATION, "How long connections to MCP servers lasted")
                .tags(network(end.network))
                .tags("mcp.protocol.version", end.revision, "error.type", orNone(end.errorType))
                .register(registry);
    }

    private static Timer.Builder timer(String name, String description) {
        return Timer.builder(name).description(description).serviceLevelObjectives(BUCKETS);
    }

    private static Tags network(NetworkAttributes network) {
        return Tags.of(
                "network.transport",
                orNone(network.transport()),
                "network.protocol.name",
                orNone(network.protocol()),
                "server.address",
                orNone(network.address()),
                "server.port",
                orNone(network.port()));
    }

    private static NetworkAttributes limited(NetworkAttributes network) {
        return new NetworkAttributes(
                network.transport(),
                network.protocol(),
                network.address() == null ? null : OTHER,
                network.port() == null ? null : OTHER);
    }

    private static String orNone(@Nullable String value) {
        return value == null || value.isEmpty() ? NONE : value;
    }

    private static Duration[] buckets() {
        Duration[] buckets = new Duration[BOUNDARIES.length];
        for (int i = 0; i < buckets.length; i++) {
            buckets[i] = Duration.ofMillis(Math.round(BOUNDARIES[i] * 1_000));
        }
        return buckets;
    }
}
