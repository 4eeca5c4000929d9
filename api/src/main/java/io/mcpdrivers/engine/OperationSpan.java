package io.mcpdrivers.engine;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.transport.Kind;
import io.micrometer.observation.transport.SenderContext;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The client span of one request, as the OpenTelemetry semantic conventions for MCP 1.41.1 describe it. Attributes that do
 * not apply are left out. Since whoever turns observations into meters wants the same tags always, those that are not
 * always there have high cardinality in Micrometer's sense.
 *
 * @see <a href="https://github.com/open-telemetry/semantic-conventions/blob/v1.41.1/docs/gen-ai/mcp.md#client">OpenTelemetry
 *     semantic conventions: MCP client spans</a>
 */
final class OperationSpan {

    /** The name of the observation, and of the meters that others may make of it; not that of a timer of ours. */
    static final String NAME = "mcp.client.operation";

    /** Marks a span as failed whose tool reported an error. It holds nothing of what the tool said. */
    private static final class ToolError extends Exception {
        private static final long serialVersionUID = 1L;

        ToolError() {
            super("tool_error", null, false, false);
        }
    }

    private final Map<String, String> carrier = new HashMap<>();
    private final Observation observation;

    OperationSpan(MicrometerOperation operation, MicrometerConnection connection) {
        ObservationRegistry registry = connection.telemetry.observations;
        this.observation = Observation.createNotStarted(NAME, () -> context(connection), registry)
                .contextualName(spanName(operation))
                .lowCardinalityKeyValue("mcp.method.name", operation.method())
                .lowCardinalityKeyValue("mcp.protocol.version", operation.revision());
        add("jsonrpc.request.id", Long.toString(operation.id()));
        if (operation.tool() != null) {
            add("gen_ai.operation.name", "execute_tool");
        }
        add("gen_ai.tool.name", operation.tool());
        add("gen_ai.prompt.name", operation.prompt());
        add("mcp.resource.uri", operation.resource());
        add("network.transport", connection.network.transport());
        add("network.protocol.name", connection.network.protocol());
        add("server.address", connection.network.address());
        add("server.port", connection.network.port());
    }

    private SenderContext<Map<String, String>> context(MicrometerConnection connection) {
        SenderContext<Map<String, String>> context =
                new SenderContext<>((map, key, value) -> carrier.put(key, value), Kind.CLIENT);
        context.setCarrier(carrier);
        context.setRemoteServiceName(connection.target.name());
        return context;
    }

    private static String spanName(MicrometerOperation operation) {
        String target = operation.tool() != null ? operation.tool() : operation.prompt();
        return target == null || target.equals(OperationMeters.OTHER)
                ? operation.method()
                : operation.method() + " " + target;
    }

    private void add(String key, @Nullable String value) {
        if (value != null && !value.isEmpty()) {
            observation.highCardinalityKeyValue(key, value);
        }
    }

    void start(@Nullable OperationSpan sibling) {
        if (sibling != null) {
            observation
                    .getContext()
                    .setParentObservation(sibling.observation.getContext().getParentObservation());
        }
        observation.start();
    }

    Observation.Scope openScope() {
        return observation.openScope();
    }

    /** What a propagator wants the server to know, once the span has begun. */
    Map<String, String> carrier() {
        return carrier;
    }

    void stop(OperationOutcome outcome, @Nullable Throwable failure) {
        add("error.type", outcome.errorType());
        add("rpc.response.status_code", outcome.statusCode());
        if (failure != null) {
            observation.error(failure);
        } else if (outcome.errorType() != null) {
            observation.error(new ToolError());
        }
        observation.stop();
    }
}
