package io.mcpdrivers.integration.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.CallOptions;
import io.mcpdrivers.ConnectionOptions;
import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpDrivers;
import io.mcpdrivers.McpException;
import io.mcpdrivers.McpTelemetry;
import io.mcpdrivers.fixture.HttpFixtureServer;
import io.mcpdrivers.integration.Await;
import io.mcpdrivers.integration.Connections;
import io.mcpdrivers.integration.Leftovers;
import io.mcpdrivers.pool.McpPool;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.test.simple.SimpleSpan;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Spans, by Micrometer Tracing. */
class TracingTest {

    @RegisterExtension
    final Connections connections = Connections.perTest();

    private final Traces.Spans spans = new Traces.Spans();
    private final ObservationRegistry registry = Traces.registry(spans);
    private final McpTelemetry telemetry = McpTelemetry.of(registry);

    private McpConnection open(String... options) {
        return connections.closing(McpDrivers.open(
                Leftovers.fixture(options), ConnectionOptions.defaults().withTelemetry(telemetry)));
    }

    private List<SimpleSpan> named(String name) {
        return spans.getSpans().stream()
                .filter(span -> name.equals(span.getName()))
                .toList();
    }

    private SimpleSpan span(String name) {
        assertThat(named(name)).hasSize(1);
        return named(name).get(0);
    }

    private static JsonNode meta(String text) {
        return JsonMapper.shared().readTree(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"legacy", "modern"})
    void a_call_is_a_client_span_and_the_server_learns_of_it(String era) {
        JsonNode meta = meta(open("era=" + era).callTool("meta", Map.of()).text());
        SimpleSpan span = span("tools/call meta");
        assertThat(span.getKind()).isEqualTo(Span.Kind.CLIENT);
        assertThat(meta.path("traceparent").asString())
                .isEqualTo("00-" + span.getTraceId() + "-" + span.getSpanId() + "-01");
        assertThat(meta.path("tracestate").asString()).isEqualTo("vendor=1");
        assertThat(meta.path("baggage").asString()).isEqualTo("user=alice");
        assertThat(span.getTags())
                .containsEntry("mcp.method.name", "tools/call")
                .containsEntry("gen_ai.operation.name", "execute_tool")
                .containsEntry("gen_ai.tool.name", "meta")
                .containsEntry("mcp.protocol.version", era.equals("legacy") ? "2025-11-25" : "2026-07-28")
                .containsEntry("network.transport", "pipe")
                .containsKey("jsonrpc.request.id")
                .doesNotContainKeys("error.type", "server.address", "rpc.response.status_code");
    }

    @ParameterizedTest
    @ValueSource(strings = {"legacy", "modern"})
    void over_http_the_server_learns_of_the_span_too(String era) {
        HttpFixtureServer server = connections.server(HttpFixtureServer.start("era=" + era));
        McpConnection connection = connections.closing(McpDrivers.open(
                "mcp:" + server.url(), ConnectionOptions.defaults().withTelemetry(telemetry)));
        JsonNode meta = meta(connection.callTool("meta", Map.of()).text());
        SimpleSpan span = span("tools/call meta");
        assertThat(meta.path("traceparent").asString())
                .isEqualTo("00-" + span.getTraceId() + "-" + span.getSpanId() + "-01");
        assertThat(meta.path("tracestate").asString()).isEqualTo("vendor=1");
        assertThat(meta.path("baggage").asString()).isEqualTo("user=alice");
        assertThat(span.getTags())
                .containsEntry("network.transport", "tcp")
                .containsEntry("network.protocol.name", "http")
                .containsEntry("server.address", "127.0.0.1")
                .containsEntry("server.port", String.valueOf(server.port()));
    }

    @Test
    void the_span_is_a_child_of_the_caller_s_in_both_forms() {
        McpConnection connection = open();
        Observation.createNotStarted("work", registry).observe(() -> {
            connection.callTool("echo", Map.of("message", "a"));
            Await.result(connection.callToolAsync("pid", Map.of()));
        });
        SimpleSpan work = span("work");
        Await.until(
                "both have ended", () -> spans.getSpans().stream().allMatch(each -> each.getEndTimestamp() != null));
        for (String name : List.of("tools/call echo", "tools/call pid")) {
            assertThat(span(name).getTraceId()).isEqualTo(work.getTraceId());
            assertThat(span(name).getParentId()).isEqualTo(work.getSpanId());
        }
        assertThat(registry.getCurrentObservation()).isNull();
    }

    @Test
    void failures_mark_the_span() {
        McpConnection connection = open();
        connection.callTool("fail", Map.of("message", "what the tool said"));
        assertThatThrownBy(() -> connection.callTool("error", Map.of("code", -32050)))
                .isInstanceOf(McpException.class);
        assertThatThrownBy(() ->
                        connection.callTool("sleep", Map.of("ms", 20_000), CallOptions.timeout(Duration.ofMillis(20))))
                .isInstanceOf(McpException.class);
        assertThat(span("tools/call fail").getTags()).containsEntry("error.type", "tool_error");
        assertThat(span("tools/call fail").getError()).hasMessage("tool_error");
        assertThat(span("tools/call error").getTags())
                .containsEntry("error.type", "-32050")
                .containsEntry("rpc.response.status_code", "-32050");
        assertThat(span("tools/call sleep").getTags()).containsEntry("error.type", "timeout");
        assertThat(span("tools/call sleep").getError()).isNotNull();
    }

    @Test
    void a_resource_is_told_but_not_in_the_name() {
        McpConnection connection = open();
        assertThatThrownBy(() -> connection.request("resources/read", Map.of("uri", "file:///a/b")))
                .isInstanceOf(McpException.class);
        assertThat(span("resources/read").getTags()).containsEntry("mcp.resource.uri", "file:///a/b");
    }

    @Test
    void a_call_that_the_pool_repeats_has_a_span_for_each_attempt_in_the_same_trace() {
        McpPool pool = connections.closing(McpPool.builder()
                .shutdownTimeout(Duration.ZERO)
                .telemetry(telemetry)
                .build());
        String uri = Leftovers.fixture();
        for (boolean blocking : new boolean[] {true, false}) {
            try (McpConnection lease = pool.getConnection(uri)) {
                assertThatThrownBy(() -> lease.callTool("crash", Map.of())).isInstanceOf(McpException.class);
                Observation.createNotStarted("work", registry).observe(() -> {
                    if (blocking) {
                        lease.listTools();
                    } else {
                        Await.result(lease.listToolsAsync());
                    }
                });
            }
        }
        List<String> parents = named("work").stream().map(SimpleSpan::getSpanId).toList();
        assertThat(named("tools/list"))
                .hasSizeGreaterThanOrEqualTo(2)
                .allMatch(each -> parents.contains(each.getParentId()));
    }

    @Test
    void what_an_observer_throws_fails_no_call() {
        List<Throwable> broken = List.of(
                new IllegalStateException("broken observer"),
                new AssertionError("assertion of an observer"),
                new NoClassDefFoundError("library of an observer"));
        for (Throwable each : broken) {
            McpConnection connection = open(observing(() -> fail(each)));
            assertThat(connection.callTool("echo", Map.of("message", "hi")).text())
                    .isEqualTo("hi");
        }
    }

    @Test
    void what_is_wrong_with_the_virtual_machine_is_told() {
        AtomicBoolean exhausted = new AtomicBoolean();
        McpConnection connection = open(observing(() -> {
            if (exhausted.compareAndSet(true, false)) {
                fail(new OutOfMemoryError("as told"));
            }
        }));
        exhausted.set(true);
        assertThatThrownBy(() -> connection.callTool("echo", Map.of("message", "hi")))
                .isInstanceOf(OutOfMemoryError.class);
    }

    /** A registry with an observer that does something whenever it is asked. */
    private static ObservationRegistry observing(Runnable action) {
        ObservationRegistry observing = ObservationRegistry.create();
        observing.observationConfig().observationHandler(context -> {
            action.run();
            return true;
        });
        return observing;
    }

    private McpConnection open(ObservationRegistry observations) {
        return connections.closing(McpDrivers.open(
                Leftovers.fixture(), ConnectionOptions.defaults().withTelemetry(McpTelemetry.of(observations))));
    }

    private static void fail(Throwable failure) {
        if (failure instanceof RuntimeException exception) {
            throw exception;
        }
        throw (Error) failure;
    }
}
