package io.mcpdrivers.integration.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.McpConnection;
import io.mcpdrivers.integration.Await;
import io.mcpdrivers.integration.Connections;
import io.mcpdrivers.integration.Leftovers;
import io.mcpdrivers.pool.McpPool;
import io.mcpdrivers.schema.CallToolResult;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections that get old or are not needed. */
class ExpiryTest {

    @RegisterExtension
    final Connections connections = Connections.perTest();

    private McpPool shortLived() {
        return connections.pool("idleTimeout=150ms", "maxAge=300ms", "timeBetweenEvictionRuns=20ms");
    }

    @ParameterizedTest
    @ValueSource(strings = {"legacy", "modern"})
    void a_call_longer_than_idle_timeout_and_max_age_is_not_cut(String era) {
        McpPool pool = shortLived();
        String uri = Leftovers.fixture("era=" + era);
        long pid;
        try (McpConnection lease = pool.getConnection(uri)) {
            pid = Connections.pid(lease);
            assertThat(lease.callTool("sleep", Map.of("ms", 1_500)).text()).isEqualTo("slept 1500 ms");
            assertThat(Connections.pid(lease)).isEqualTo(pid);
        }
        Await.until("it has expired", () -> !Leftovers.runs(pid));
        try (McpConnection lease = pool.getConnection(uri)) {
            assertThat(Connections.pid(lease)).isNotEqualTo(pid);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"legacy", "modern"})
    void a_call_in_flight_on_a_lease_that_was_closed_is_not_cut_either(String era) {
        McpPool pool = shortLived();
        CompletableFuture<CallToolResult> call;
        try (McpConnection lease = pool.getConnection(Leftovers.fixture("era=" + era))) {
            call = lease.callToolAsync("sleep", Map.of("ms", 1_500));
        }
        assertThat(Await.result(call).text()).isEqualTo("slept 1500 ms");
        Await.until("it has expired", () -> Leftovers.processes().isEmpty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "ignore.eof=1", "wrap=sh", "spawn.child=stubborn"})
    void an_idle_connection_ends_with_all_its_processes(String option) {
        McpPool pool = shortLived();
        String uri = option.isEmpty() ? Leftovers.fixture() : Leftovers.fixture(option);
        try (McpConnection lease = pool.getConnection(uri + "&closeTimeout=200ms&killTimeout=200ms")) {
            assertThat(lease.callTool("echo", Map.of("message", "hi")).text()).isEqualTo("hi");
        }
        Await.until("nothing runs", () -> Leftovers.processes().isEmpty());
        Await.until("nothing counts", () -> pool.status().connections() == 0);
    }
}
