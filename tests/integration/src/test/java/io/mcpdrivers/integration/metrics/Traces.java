package io.mcpdrivers.integration.metrics;

import io.micrometer.observation.ObservationRegistry;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.TraceContext;
import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.handler.DefaultTracingObservationHandler;
import io.micrometer.tracing.handler.PropagatingSenderTracingObservationHandler;
import io.micrometer.tracing.propagation.Propagator;
import io.micrometer.tracing.test.simple.SimpleTracer;
import java.util.List;

/** Tracing in memory, with Micrometer Tracing's own handlers. */
final class Traces {

    /** Keeps the spans. */
    static final class Spans extends SimpleTracer {}

    private Traces() {}

    static ObservationRegistry registry(Spans tracer) {
        ObservationRegistry registry = ObservationRegistry.create();
        registry.observationConfig()
                .observationHandler(
                        new io.micrometer.observation.ObservationHandler.FirstMatchingCompositeObservationHandler(
                                new PropagatingSenderTracingObservationHandler<>(tracer, new TraceParent(tracer)),
                                new DefaultTracingObservationHandler(tracer)));
        return registry;
    }

    /** Writes what the W3C wants, and a field of the user's. */
    private record TraceParent(Tracer tracer) implements Propagator {
        @Override
        public List<String> fields() {
            return List.of("traceparent", "tracestate", "baggage");
        }

        @Override
        public <C> void inject(TraceContext context, C carrier, Setter<C> setter) {
            setter.set(carrier, "traceparent", "00-" + context.traceId() + "-" + context.spanId() + "-01");
            setter.set(carrier, "tracestate", "vendor=1");
            setter.set(carrier, "baggage", "user=alice");
        }

        @Override
        public <C> Span.Builder extract(C carrier, Getter<C> getter) {
            return tracer.spanBuilder();
        }
    }
}
