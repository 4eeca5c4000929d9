package io.mcpdrivers.engine;

import org.jspecify.annotations.Nullable;

/** Measures one connection with Micrometer. */
final class MicrometerConnection extends ConnectionMeter {

    final MicrometerTelemetry telemetry;
    final ServerTarget target;
    final NetworkAttributes network;
    private final long openedNanos = System.nanoTime();

    MicrometerConnection(MicrometerTelemetry telemetry, ServerTarget target) {
        this.telemetry = telemetry;
        this.target = target;
        this.network = NetworkAttributes.of(target.uri());
    }

    @Override
    OperationMeter started(PendingCall call, String revision, @Nullable OperationMeter repeated) {
        MicrometerOperation operation = new MicrometerOperation(this, call, revision);
        if (telemetry.observations != null) {
            telemetry.guarded(() -> operation.observe((MicrometerOperation) repeated));
        }
        return operation;
    }

    @Override
    void ended(String revision, @Nullable Class<?> failure) {
        OperationMeters meters = telemetry.meters;
        if (meters != null) {
            long nanos = System.nanoTime() - openedNanos;
            String errorType = failure == null ? null : OperationOutcome.typeOf(failure);
            telemetry.guarded(() -> meters.session(revision, network, errorType, nanos));
        }
    }
}
