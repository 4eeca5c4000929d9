package io.mcpdrivers.integration.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.ConnectionOptions;
import io.mcpdrivers.McpBatch;
import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpConnectionException;
import io.mcpdrivers.McpException;
import io.mcpdrivers.McpTelemetry;
import io.mcpdrivers.fixture.HttpFixtureServer;
import io.mcpdrivers.integration.Await;
import io.mcpdrivers.pool.McpPool;
import io.mcpdrivers.pool.PoolEvent;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Requests of pooled connections that are refused by a status without a word of the protocol. */
class RefusedRequestsTest extends HttpTestBase {

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final List<PoolEvent> events = new CopyOnWriteArrayList<>();

    private McpPool pool() {
        return connections.closing(McpPool.builder()
                .shutdownTimeout(Duration.ZERO)
                .telemetry(McpTelemetry.of(registry))
                .listener(events::add)
                .build());
    }

    private List<PoolEvent> events(PoolEvent.Type type) {
        return events.stream().filter(event -> event.type() == type).toList();
    }

    private double count(String meter) {
        return registry.get(meter).functionCounters().stream()
                .mapToDouble(FunctionCounter::count)
                .sum();
    }

    private static McpException failureOf(McpConnection lease, String form) {
        Map<String, String> arguments = Map.of("message", "x");
        return failure(() -> {
            switch (form) {
                case "blocking" -> lease.callTool("echo", arguments);
                case "future" -> result(lease, arguments);
                default -> lease.batch().add("echo", arguments).execute().forEach(McpBatch.Outcome::get);
            }
        });
    }

    private static void result(McpConnection lease, Map<String, String> arguments) {
        try {
            lease.callToolAsync("echo", arguments).get();
        } catch (ExecutionException e) {
            throw (McpException) e.getCause();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static Stream<Arguments> statuses() {
        return Stream.of("legacy", "modern")
                .flatMap(era -> Stream.of(400, 404, 405, 409, 413, 422, 429)
                        // In a session, 404 is the end of that.
                        .filter(status -> status != 404 || era.equals("modern"))
                        .map(status -> Arguments.of(era, status)));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("statuses")
    void one_request_is_made_and_the_connection_is_used_again(String era, int status) {
        HttpFixtureServer server = server("era=" + era);
        McpPool pool = pool();
        List<String> forms = List.of("blocking", "future", "batch");
        try (McpConnection lease = pool.getConnection(uri(server))) {
            // So it is known to do no harm when it is called twice.
            lease.listTools();
            server.fault("call", "status:" + status + ",body:html");
            for (int i = 0; i < forms.size(); i++) {
                McpException failure = failureOf(lease, forms.get(i));
                assertThat(failure)
                        .isExactlyInstanceOf(McpConnectionException.class)
                        .hasMessageContainingAll(server.url(), "status " + status, "was not carried out")
                        .hasMessageContaining(status == 429 ? "call again later" : "check the server's URI");
                assertThat(failure.mayHaveExecuted()).isFalse();
                assertThat(requests(server, "tools/call")).hasSize(i + 1);
            }
            server.clearFaults();
            assertWorks(lease);
        }
        try (McpConnection lease = pool.getConnection(uri(server))) {
            assertWorks(lease);
        }
        assertThat(requests(server, era.equals("legacy") ? "initialize" : "server/discover"))
                .hasSize(1);
        assertThat(requests(server, "DELETE")).isEmpty();
        assertThat(pool.status().connections()).isEqualTo(1);
        assertThat(count("mcp.pool.connections.retries")).isZero();
        assertThat(count("mcp.pool.connections.evictions")).isZero();
        assertThat(registry.get("mcp.client.operation.duration")
                        .tag("error.type", McpConnectionException.class.getName())
                        .timer()
                        .count())
                .isEqualTo(3);
        Await.until("the leases are told", () -> events(PoolEvent.Type.RETURNED).size() == 2);
        assertThat(events)
                .extracting(PoolEvent::type)
                .doesNotContain(PoolEvent.Type.EVICTED, PoolEvent.Type.FAILED)
                .containsOnlyOnce(PoolEvent.Type.CREATED);
    }

    @Test
    void many_who_are_refused_at_once_make_one_request_each() {
        HttpFixtureServer server = server("era=modern");
        McpPool pool = pool();
        try (McpConnection lease = pool.getConnection(uri(server))) {
            assertWorks(lease);
            server.fault("call", "status:429,body:empty");
            McpBatch batch = lease.batch();
            for (int i = 0; i < 20; i++) {
                batch.add("echo", Map.of("message", "x"));
            }
            assertThat(Await.result(batch.executeAsync()))
                    .allSatisfy(
                            outcome -> assertThat(outcome.error()).isExactlyInstanceOf(McpConnectionException.class));
            assertThat(requests(server, "tools/call")).hasSize(21);
            server.clearFaults();
            assertWorks(lease);
        }
        assertThat(requests(server, "server/discover")).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({"legacy", "modern"})
    void a_supplier_of_headers_that_fails_costs_its_calls_and_no_connection(String era) {
        HttpFixtureServer server = server("era=" + era);
        AtomicBoolean failing = new AtomicBoolean();
        McpPool pool = connections.closing(McpPool.builder()
                .shutdownTimeout(Duration.ZERO)
                .telemetry(McpTelemetry.of(registry))
                .listener(events::add)
                .set("aliveBypass", "0s")
                .server("tokens", uri(server), ConnectionOptions.defaults().withHeaders(() -> {
                    if (failing.get()) {
                        throw new IllegalStateException("no token today");
                    }
                    return Map.of("X-Token", "t");
                }))
                .build());
        try (McpConnection lease = pool.getConnection("tokens")) {
            assertWorks(lease);
        }
        failing.set(true);
        // It is checked before it is lent, in vain.
        try (McpConnection lease = pool.getConnection("tokens")) {
            for (String form : List.of("blocking", "future", "batch")) {
                McpException failure = failureOf(lease, form);
                assertThat(failure)
                        .isExactlyInstanceOf(McpConnectionException.class)
                        .hasMessageContainingAll("supplier of headers failed", "was not carried out", "is in order");
                assertThat(failure.mayHaveExecuted()).isFalse();
            }
            assertThat(requests(server, "tools/call")).hasSize(1);
            failing.set(false);
            assertWorks(lease);
        }
        assertThat(pool.status().connections()).isEqualTo(1);
        assertThat(count("mcp.pool.connections.retries")).isZero();
        assertThat(count("mcp.pool.connections.evictions")).isZero();
        Await.until("the leases are told", () -> events(PoolEvent.Type.RETURNED).size() == 2);
        assertThat(events)
                .extracting(PoolEvent::type)
                .doesNotContain(PoolEvent.Type.EVICTED, PoolEvent.Type.FAILED)
                .containsOnlyOnce(PoolEvent.Type.CREATED);
    }

    @ParameterizedTest
    @CsvSource({"legacy", "modern"})
    void a_busy_server_is_waited_for_while_there_is_time_and_told_when_there_is_none(String era) {
        HttpFixtureServer server = server("era=" + era);
        McpPool pool = pool();
        try (McpConnection lease = pool.getConnection(uri(server))) {
            server.fault("call", "status:429,retry-after:1,times:1");
            assertWorks(lease);
            assertThat(requests(server, "tools/call")).hasSize(2);

            // One wait ends in time, the next would not.
            server.fault("call", "status:429,retry-after:1,times:1");
            server.fault("call", "status:429,retry-after:3600,body:text");
            McpException failure = failure(() -> lease.callTool("echo", Map.of("message", "x")));
            assertThat(failure)
                    .isExactlyInstanceOf(McpConnectionException.class)
                    .hasMessageContainingAll("status 429 and Retry-After: 3600", "call again later");
            assertThat(requests(server, "tools/call")).hasSize(4);
            server.clearFaults();
            assertWorks(lease);
        }
        assertThat(pool.status().connections()).isEqualTo(1);
        assertThat(count("mcp.pool.connections.retries")).isZero();
        assertThat(count("mcp.pool.connections.evictions")).isZero();
    }

    @Test
    void a_server_that_was_replaced_by_one_of_another_era_costs_one_call() {
        HttpFixtureServer server = server("era=dual");
        McpPool pool = pool();
        try (McpConnection lease = pool.getConnection(uri(server))) {
            assertThat(lease.metadata().protocolVersion()).isEqualTo("2026-07-28");
            // It is rolled back to a version that knows nothing of modern requests.
            server.fault("discover", "status:400,body:text");
            server.fault("call", "status:400,body:text,times:1");
            assertThat(failureOf(lease, "blocking")).isExactlyInstanceOf(McpConnectionException.class);
        }
        try (McpConnection lease = pool.getConnection(uri(server))) {
            assertThat(lease.metadata().protocolVersion()).startsWith("2025-");
            assertWorks(lease);
        }
        Await.until("the first connection has been closed", () -> pool.status().connections() == 1);
    }

    @Test
    void statuses_about_the_connection_and_the_servers_state_count_as_a_lost_one() {
        Set<String> notExecuted = Set.of("status:408", "status:421", "status:425", "status:503,retry-after:3600");
        HttpFixtureServer server = server();
        McpPool pool = pool();
        List<String> repeated = new ArrayList<>();
        for (String fault : notExecuted) {
            try (McpConnection lease = pool.getConnection(uri(server))) {
                int before = requests(server, "tools/call").size();
                server.fault("call", fault + ",body:empty,times:1");
                assertWorks(lease);
                if (requests(server, "tools/call").size() == before + 2) {
                    repeated.add(fault);
                }
            }
        }
        assertThat(repeated).containsExactlyInAnyOrderElementsOf(notExecuted);
        assertThat(count("mcp.pool.connections.retries")).isEqualTo(notExecuted.size());
    }
}
