package io.mcpdrivers.engine;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Keeps what the engine tells of operations, and from which threads. */
final class RecordingTelemetry extends Telemetry {

    /** One operation. */
    static final class Operation extends OperationMeter {
        final String method;
        final @Nullable OperationMeter repeated;
        final List<OperationOutcome> outcomes = new CopyOnWriteArrayList<>();
        final List<String> threads = new CopyOnWriteArrayList<>();
        private final Map<String, String> meta;

        Operation(String method, @Nullable OperationMeter repeated, Map<String, String> meta) {
            this.method = method;
            this.repeated = repeated;
            this.meta = meta;
            threads.add(Thread.currentThread().getName());
        }

        @Override
        Map<String, String> meta() {
            return meta;
        }

        @Override
        void sending(Runnable task) {
            task.run();
        }

        @Override
        void ended(@Nullable Object result, @Nullable Throwable failure) {
            threads.add(Thread.currentThread().getName());
            outcomes.add(OperationOutcome.of(method, result, failure));
        }
    }

    final List<Operation> operations = new CopyOnWriteArrayList<>();
    final List<String> sessions = new CopyOnWriteArrayList<>();
    volatile Map<String, String> meta = Map.of();

    @Override
    public boolean hasMeters() {
        return false;
    }

    @Override
    @Nullable
    Executor context() {
        return null;
    }

    @Override
    ConnectionMeter connection(ServerTarget target) {
        return new ConnectionMeter() {
            @Override
            OperationMeter started(PendingCall call, String revision, @Nullable OperationMeter repeated) {
                Operation operation = new Operation(call.request.method(), repeated, meta);
                operations.add(operation);
                return operation;
            }

            @Override
            void ended(String revision, @Nullable Class<?> failure) {
                sessions.add(revision + " " + (failure == null ? "closed" : failure.getSimpleName()));
            }
        };
    }

    List<Operation> of(String method) {
        return operations.stream().filter(each -> each.method.equals(method)).toList();
    }

    /** The first outcome of each operation of a method. */
    List<@Nullable String> errorTypes(String method) {
        return of(method).stream()
                .map(each -> each.outcomes.isEmpty()
                        ? "no end"
                        : String.valueOf(each.outcomes.get(0).errorType()))
                .toList();
    }
}
