package io.mcpdrivers.integration.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
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
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The timers that the OpenTelemetry semantic conventions name, of connections without a pool. */
class OperationMetricsTest {

    private static final String OPERATION = "mcp.client.operation.duration";
    private static final String SESSION = "mcp.client.session.duration";

    @RegisterExtension
    final Connections connections = Connections.perTest();

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    private McpConnection open(String uri) {
        return connections.closing(
                McpDrivers.open(uri, ConnectionOptions.defaults().withTelemetry(McpTelemetry.of(registry))));
    }

    private static Map<String, String> tags(Timer timer) {
        Map<String, String> tags = new TreeMap<>();
        for (Tag tag : timer.getId().getTags()) {
            tags.put(tag.getKey(), tag.getValue());
        }
        return tags;
    }

    private Timer tool(String name) {
        return registry.get(OPERATION).tag("gen_ai.tool.name", name).timer();
    }

    @Test
    void a_call_has_the_attributes_of_the_conventions() {
        McpConnection connection = open(Leftovers.fixture());
        connection.callTool("echo", Map.of("message", "hi"));
        assertThat(tags(tool("echo")))
                .containsExactlyInAnyOrderEntriesOf(Map.ofEntries(
                        Map.entry("mcp.method.name", "tools/call"),
                        Map.entry("gen_ai.operation.name", "execute_tool"),
                        Map.entry("gen_ai.tool.name", "echo"),
                        Map.entry("gen_ai.prompt.name", "none"),
                        Map.entry("mcp.protocol.version", "2025-11-25"),
                        Map.entry("network.transport", "pipe"),
                        Map.entry("network.protocol.name", "none"),
                        Map.entry("server.address", "none"),
                        Map.entry("server.port", "none"),
                        Map.entry("rpc.response.status_code", "none"),
                        Map.entry("error.type", "none")));
        assertThat(tool("echo").count()).isEqualTo(1);
        assertThat(registry.get(OPERATION)
                        .tag("mcp.method.name", "initialize")
                        .timer()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void over_http_the_server_s_address_is_told() {
        HttpFixtureServer server = connections.server(HttpFixtureServer.start());
        McpConnection connection = open("mcp:" + server.url());
        connection.callTool("echo", Map.of("message", "hi"));
        assertThat(tags(tool("echo")))
                .containsEntry("network.transport", "tcp")
                .containsEntry("network.protocol.name", "http")
                .containsEntry("server.address", server.url().contains("localhost") ? "localhost" : "127.0.0.1")
                .containsEntry("server.port", String.valueOf(server.port()));
    }

    @Test
    void failures_have_their_type() {
        McpConnection connection = open(Leftovers.fixture());
        connection.callTool("fail", Map.of());
        assertThatThrownBy(() -> connection.callTool("error", Map.of("code", -32050)))
                .isInstanceOf(McpException.class);
        CallOptions brief = CallOptions.timeout(Duration.ofMillis(20));
        assertThatThrownBy(() -> connection.callTool("sleep", Map.of("ms", 20_000), brief))
                .isInstanceOf(McpException.class);
        assertThatThrownBy(() -> connection.callTool("crash", Map.of())).isInstanceOf(McpException.class);
        assertThat(tags(tool("fail")))
                .containsEntry("error.type", "tool_error")
                .containsEntry("rpc.response.status_code", "none");
        assertThat(tags(tool("error")))
                .containsEntry("error.type", "-32050")
                .containsEntry("rpc.response.status_code", "-32050");
        assertThat(tags(tool("sleep"))).containsEntry("error.type", "timeout");
        assertThat(tags(tool("crash"))).containsEntry("error.type", "io.mcpdrivers.McpConnectionLostException");
        Await.until(
                "the end of the session is measured",
                () -> registry.find(SESSION).timer() != null);
        assertThat(tags(registry.get(SESSION).timer()))
                .containsOnlyKeys(
                        "mcp.protocol.version",
                        "network.transport",
                        "network.protocol.name",
                        "server.address",
                        "server.port",
                        "error.type")
                .containsEntry("error.type", "io.mcpdrivers.McpConnectionLostException");
    }

    @Test
    void a_session_that_was_closed_has_no_error() {
        open(Leftovers.fixture()).close();
        Await.until(
                "the end of the session is measured",
                () -> registry.find(SESSION).timer() != null);
        assertThat(tags(registry.get(SESSION).timer())).containsEntry("error.type", "none");
        assertThat(registry.get(SESSION).timer().totalTime(TimeUnit.SECONDS)).isPositive();
    }

    private Map<String, String> sessionTags() {
        Await.until(
                "the end of the session is measured",
                () -> registry.find(SESSION).timer() != null);
        return tags(registry.get(SESSION).timer());
    }

    @Test
    void a_session_over_http_has_its_address_and_no_error() {
        HttpFixtureServer server = connections.server(HttpFixtureServer.start());
        open("mcp:" + server.url()).close();
        assertThat(sessionTags())
                .containsEntry("error.type", "none")
                .containsEntry("network.transport", "tcp")
                .containsEntry("network.protocol.name", "http")
                .containsEntry("server.address", "127.0.0.1")
                .containsEntry("server.port", String.valueOf(server.port()));
    }

    private McpPool pool() {
        return connections.closing(McpPool.builder()
                .shutdownTimeout(Duration.ZERO)
                .telemetry(McpTelemetry.of(registry))
                .build());
    }

    private long sessions(String errorType) {
        Timer timer = registry.find(SESSION).tag("error.type", errorType).timer();
        return timer == null ? 0 : timer.count();
    }

    @Test
    void a_pooled_session_whose_server_was_killed_was_lost() {
        McpPool pool = pool();
        int times = 8;
        for (int i = 1; i <= times; i++) {
            int ends = i;
            long pid;
            try (McpConnection lease = pool.getConnection(Leftovers.fixture() + "&env.SERVER=" + i)) {
                pid = Connections.pid(lease);
            }
            ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
            Await.until(
                    "the end of the session is measured",
                    () -> registry.find(SESSION).timers().stream()
                                    .mapToLong(Timer::count)
                                    .sum()
                            == ends);
        }
        assertThat(sessions("io.mcpdrivers.McpConnectionLostException")).isEqualTo(times);
    }

    @Test
    void a_pooled_session_that_the_pool_closes_has_no_error() {
        McpPool pool = pool();
        pool.getConnection(Leftovers.fixture()).close();
        pool.close();
        assertThat(sessionTags()).containsEntry("error.type", "none");
        assertThat(registry.get(SESSION).timers()).hasSize(1);
    }

    @Test
    void from_two_thousand_series_on_servers_and_errors_are_not_told_apart() {
        HttpFixtureServer server = connections.server(HttpFixtureServer.start());
        McpConnection connection = open("mcp:" + server.url());
        int calls = 2_100;
        for (int i = 0; i < calls; i++) {
            int code = -40_000 - i;
            assertThatThrownBy(() -> connection.callTool("error", Map.of("code", code)))
                    .isInstanceOf(McpException.class);
        }
        assertThat(registry.find(OPERATION).timers()).hasSize(2_001);
        assertThat(tags(tool("_OTHER")))
                .containsEntry("mcp.method.name", "tools/call")
                .containsEntry("gen_ai.operation.name", "execute_tool")
                .containsEntry("server.address", "_OTHER")
                .containsEntry("server.port", "_OTHER")
                .containsEntry("rpc.response.status_code", "_OTHER")
                .containsEntry("error.type", "_OTHER");
        long apart = registry.get(OPERATION)
                .tag("gen_ai.tool.name", "error")
                .timers()
                .size();
        assertThat(tool("_OTHER").count()).isEqualTo(calls - apart);
    }

    @Test
    void the_buckets_are_those_of_the_conventions() {
        McpConnection connection = open(Leftovers.fixture());
        connection.callTool("echo", Map.of("message", "hi"));
        connection.close();
        Await.until(
                "the end of the session is measured",
                () -> registry.find(SESSION).timer() != null);
        String[] boundaries = {
            "0.01", "0.02", "0.05", "0.1", "0.2", "0.5", "1.0", "2.0", "5.0", "10.0", "30.0", "60.0", "120.0", "300.0",
            "+Inf"
        };
        for (String name :
                new String[] {"mcp_client_operation_duration_seconds", "mcp_client_session_duration_seconds"}) {
            assertThat(registry.scrape()
                            .lines()
                            .filter(line -> line.startsWith(name + "_bucket"))
                            .map(line -> line.replaceAll(".*le=\"([^\"]*)\".*", "$1"))
                            .distinct())
                    .containsExactly(boundaries);
        }
    }

    @Test
    void made_up_names_do_not_become_series_without_end() {
        McpConnection connection = open(Leftovers.fixture());
        for (int i = 0; i < 1_010; i++) {
            String made = "made-up-" + i;
            assertThatThrownBy(() -> connection.callTool(made, Map.of())).isInstanceOf(McpException.class);
            assertThatThrownBy(() -> connection.request(made, Map.of())).isInstanceOf(McpException.class);
        }
        assertThat(registry.find(OPERATION).timers()).hasSizeLessThan(1_200);
        assertThat(tool("_OTHER").count()).isEqualTo(10);
    }

    @Test
    void measuring_costs_little_memory() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        McpConnection plain = connections.open(Leftovers.fixture());
        McpConnection metered = open(Leftovers.fixture());
        McpConnection observed = connections.closing(McpDrivers.open(
                Leftovers.fixture(),
                ConnectionOptions.defaults()
                        .withTelemetry(McpTelemetry.of(registry, Traces.registry(new Traces.Spans())))));
        long without = perCall(threads, plain);
        long with = perCall(threads, metered);
        long traced = perCall(threads, observed);
        System.err.printf(
                "Allocated per call on the calling thread: %d bytes, with meters %d, with meters and spans %d%n",
                without, with, traced);
        assertThat(with - without).isLessThan(1_000);
        assertThat(traced - without).isLessThan(8_000);
    }

    private static long perCall(ThreadMXBean threads, McpConnection connection) {
        int calls = 2_000;
        call(connection, 1_000);
        long thread = Thread.currentThread().getId();
        long before = threads.getThreadAllocatedBytes(thread);
        call(connection, calls);
        return (threads.getThreadAllocatedBytes(thread) - before) / calls;
    }

    private static void call(McpConnection connection, int times) {
        for (int i = 0; i < times; i++) {
            connection.callTool("echo", Map.of("message", "hi"));
        }
    }
}
