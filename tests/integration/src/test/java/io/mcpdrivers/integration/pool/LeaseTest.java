package io.mcpdrivers.integration.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpConnectionClosedException;
import io.mcpdrivers.McpException;
import io.mcpdrivers.McpPoolClosedException;
import io.mcpdrivers.fixture.Fixture;
import io.mcpdrivers.integration.Await;
import io.mcpdrivers.integration.Connections;
import io.mcpdrivers.integration.Leftovers;
import io.mcpdrivers.integration.Threads;
import io.mcpdrivers.pool.McpPool;
import io.mcpdrivers.schema.CallToolResult;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What may be done with a lease, and what may not. */
class LeaseTest {

    @RegisterExtension
    final Connections connections = Connections.perTest();

    @TempDir
    Path folder;

    @Test
    void the_next_caller_gets_the_same_warm_process() {
        Path log = folder.resolve("calls.log");
        McpPool pool = connections.pool();
        for (int i = 1; i <= 20; i++) {
            try (McpConnection lease = pool.getConnection(Leftovers.fixture("calls.log=" + log))) {
                assertThat(lease.callTool("session_counter", Map.of()).text()).isEqualTo(String.valueOf(i));
            }
        }
        assertThat(Fixture.log(log, "start ")).hasSize(1);
    }

    @Test
    void a_lease_is_taken_on_one_thread_and_closed_on_another() {
        McpPool pool = connections.pool("maxTotalPerKey=1");
        String uri = Leftovers.fixture();
        long pid = 0;
        for (int i = 0; i < 10; i++) {
            McpConnection lease = Await.result(Threads.call(() -> pool.getConnection(uri)));
            long now = Connections.pid(lease);
            assertThat(pid == 0 || pid == now).isTrue();
            pid = now;
            Await.result(Threads.run(lease::close));
        }
        assertThat(pool.status().leases()).isZero();
        assertThat(pool.status().idle()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"legacy", "modern"})
    void a_lease_closed_twice_is_given_back_once(String era) {
        McpPool pool = connections.pool("maxTotalPerKey=1", "streams=1");
        String uri = Leftovers.fixture("era=" + era);
        McpConnection first = pool.getConnection(uri);
        first.close();
        first.close();
        McpConnection second = pool.getConnection(uri);
        // The connection is somebody else's now.
        first.close();
        assertThat(pool.status().leases()).isEqualTo(1);
        Connections.assertNoneIsFree(pool, uri);
        assertThat(second.callTool("echo", Map.of("message", "mine")).text()).isEqualTo("mine");
        second.close();
        assertThat(pool.status().leases()).isZero();
    }

    @Test
    void many_threads_that_close_one_lease_give_it_back_once() {
        McpPool pool = connections.pool("maxTotalPerKey=1");
        String uri = Leftovers.fixture();
        for (int i = 0; i < 20; i++) {
            McpConnection lease = pool.getConnection(uri);
            Threads.join(Threads.start(4, number -> () -> {
                lease.close();
                return null;
            }));
            assertThat(pool.status().leases()).isZero();
        }
        McpConnection only = pool.getConnection(uri);
        Connections.assertNoneIsFree(pool, uri);
        only.close();
    }

    @Test
    void a_closed_lease_refuses_every_use_though_the_connection_lives() {
        McpPool pool = connections.pool();
        String uri = Leftovers.fixture();
        McpConnection lease = pool.getConnection(uri);
        long pid = Connections.pid(lease);
        lease.close();
        assertThat(lease.isClosed()).isTrue();
        assertThat(lease.isValid(Duration.ofSeconds(1))).isFalse();
        assertThatThrownBy(() -> lease.callTool("echo", Map.of("message", "late")))
                .isInstanceOf(McpConnectionClosedException.class);
        assertThatThrownBy(() -> lease.listTools()).isInstanceOf(McpConnectionClosedException.class);
        assertThatThrownBy(() -> lease.ping()).isInstanceOf(McpConnectionClosedException.class);
        assertThatThrownBy(() -> lease.request("tools/list", null)).isInstanceOf(McpConnectionClosedException.class);
        assertThatThrownBy(() -> lease.batch().add("echo", Map.of()).execute())
                .isInstanceOf(McpConnectionClosedException.class);
        assertThatThrownBy(() -> Await.result(lease.callToolAsync("echo", Map.of("message", "late"))))
                .isInstanceOf(McpConnectionClosedException.class);
        assertThatThrownBy(() -> Await.result(lease.listToolsAsync())).isInstanceOf(McpConnectionClosedException.class);
        try (McpConnection next = pool.getConnection(uri)) {
            assertThat(Connections.pid(next)).isEqualTo(pid);
        }
    }

    @Test
    void a_connection_goes_back_when_the_last_call_in_flight_has_ended() {
        McpPool pool = connections.pool("maxTotalPerKey=1");
        String uri = Leftovers.fixture();
        CompletableFuture<CallToolResult> call;
        long start;
        try (McpConnection lease = pool.getConnection(uri)) {
            start = System.nanoTime();
            call = lease.callToolAsync("sleep", Map.of("ms", 5_000));
        }
        assertThat(pool.status().idle()).isZero();
        try (McpConnection next = pool.getConnection(uri)) {
            // A server that may keep state for a session is not shared, not even for this.
            assertThat(System.nanoTime() - start).isGreaterThan(5_000_000_000L);
            assertThat(next.callTool("echo", Map.of("message", "next")).text()).isEqualTo("next");
        }
        assertThat(Await.result(call).text()).isEqualTo("slept 5000 ms");
    }

    @Test
    void leases_on_a_modern_server_share_one_process_and_those_on_a_legacy_one_do_not() {
        McpPool pool = connections.pool();
        try (McpConnection one = pool.getConnection(Leftovers.fixture("era=modern"));
                McpConnection two = pool.getConnection(Leftovers.fixture("era=modern"))) {
            assertThat(Connections.pid(one)).isEqualTo(Connections.pid(two));
        }
        try (McpConnection one = pool.getConnection(Leftovers.fixture("era=legacy"));
                McpConnection two = pool.getConnection(Leftovers.fixture("era=legacy"))) {
            assertThat(Connections.pid(one)).isNotEqualTo(Connections.pid(two));
        }
    }

    @Test
    void a_closed_pool_ends_every_process_and_refuses_with_the_reason() {
        McpPool pool = connections.pool();
        String uri = Leftovers.fixture();
        McpConnection out = pool.getConnection(uri);
        pool.getConnection(Leftovers.fixture("wrap=sh")).close();
        CompletableFuture<CallToolResult> call = out.callToolAsync("sleep", Map.of("ms", 60_000));
        pool.close();
        pool.close();
        assertThat(Leftovers.processes()).isEmpty();
        assertThatThrownBy(() -> Await.result(call)).isInstanceOf(McpException.class);
        assertThatThrownBy(() -> pool.getConnection(uri))
                .isInstanceOf(McpPoolClosedException.class)
                .hasMessageContaining("closed");
        out.close();
        assertThat(pool.status().closed()).isTrue();
    }
}
