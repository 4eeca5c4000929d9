package io.mcpdrivers.engine;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Measures one request with Micrometer. */
final class MicrometerOperation extends OperationMeter {

    private final MicrometerConnection connection;
    private final long id;
    private final String revision;
    private final String method;
    private final @Nullable String tool;
    private final @Nullable String prompt;
    private final @Nullable String resource;
    private final long startedNanos = System.nanoTime();
    private @Nullable OperationSpan span;
    private boolean ended;

    MicrometerOperation(MicrometerConnection connection, PendingCall call, String revision) {
        Request request = call.request;
        String name = request.name();
        this.connection = connection;
        this.id = call.id;
        this.revision = revision;
        this.method = connection.telemetry.method(request.method());
        this.tool = name != null && request.method().equals(Request.TOOL_CALL) ? target(name) : null;
        this.prompt = name != null && request.method().equals("prompts/get") ? target(name) : null;
        this.resource = name != null && request.method().startsWith("resources/") ? name : null;
    }

    private String target(String name) {
        return connection.telemetry.target(name);
    }

    /** Begins a span; as a sibling of the one of the operation that this one repeats, if there is one. */
    void observe(@Nullable MicrometerOperation repeated) {
        OperationSpan begun = new OperationSpan(this, connection);
        span = begun;
        OperationSpan sibling = repeated == null ? null : repeated.span;
        begun.start(sibling);
    }

    long id() {
        return id;
    }

    String revision() {
        return revision;
    }

    String method() {
        return method;
    }

    @Nullable
    String tool() {
        return tool;
    }

    @Nullable
    String prompt() {
        return prompt;
    }

    /** The URI of the resource, without secrets. */
    @Nullable
    String resource() {
        return resource == null ? null : connection.target.uri().redact(resource);
    }

    @Override
    Map<String, String> meta() {
        OperationSpan begun = span;
        return begun == null ? Map.of() : begun.carrier();
    }

    @Override
    void sending(Runnable task) {
        OperationSpan begun = span;
        if (begun == null) {
            task.run();
        } else {
            connection.telemetry.within(begun::openScope, task);
        }
    }

    @Override
    void ended(@Nullable Object result, @Nullable Throwable failure) {
        if (ended) {
            return;
        }
        ended = true;
        OperationOutcome outcome = OperationOutcome.of(method, result, failure);
        OperationMeters meters = connection.telemetry.meters;
        if (meters != null) {
            long nanos = System.nanoTime() - startedNanos;
            OperationMeters.Operation operation =
                    new OperationMeters.Operation(method, tool, prompt, revision, connection.network, outcome);
            connection.telemetry.guarded(() -> meters.operation(operation, nanos));
        }
        OperationSpan begun = span;
        if (begun != null) {
            connection.telemetry.guarded(() -> begun.stop(outcome, failure));
        }
    }
}
