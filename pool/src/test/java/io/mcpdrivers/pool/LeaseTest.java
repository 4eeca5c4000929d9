package io.mcpdrivers.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.CallOptions;
import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpConnectionClosedException;
import io.mcpdrivers.McpTimeoutException;
import io.mcpdrivers.engine.PhysicalConnection;
import io.mcpdrivers.schema.CallToolResult;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class LeaseTest extends PoolTestBase {

    @Test
    void the_next_caller_gets_the_same_warm_process() {
        MemoryServer server = legacy();
        McpPool pool = pool();
        for (int i = 0; i < 5; i++) {
            try (McpConnection c = pool.getConnection(server.uri())) {
                assertThat(c.callTool("echo", Map.of("message", "hi " + i)).text())
                        .isEqualTo("hi " + i);
            }
        }
        assertThat(server.startAttempts).hasValue(1);
        assertThat(status(pool, server).hits()).isEqualTo(4);
        assertThat(status(pool, server).misses()).isEqualTo(1);
    }

    @Test
    void two_users_never_share_a_process_but_two_ways_to_write_a_uri_do() {
        MemoryServer server = legacy();
        McpPool pool = pool();
        MemoryProcess alice;
        try (McpConnection c = pool.getConnection(server.uri() + "?user=alice&env.TOKEN=t1")) {
            alice = process(c);
        }
        try (McpConnection c = pool.getConnection(server.uri() + "?user=bob&env.TOKEN=t1")) {
            assertThat(process(c)).isNotSameAs(alice);
        }
        try (McpConnection c = pool.getConnection(server.uri() + "?user=alice&env.TOKEN=t2")) {
            assertThat(process(c)).isNotSameAs(alice);
        }
        try (McpConnection c = pool.getConnection("MCP:MEM:" + server.name + "?env.TOKEN=%741&user=al%69ce")) {
            assertThat(process(c)).isSameAs(alice);
        }
        assertThat(server.startAttempts).hasValue(3);
    }

    @Test
    void a_placeholder_is_filled_in_at_each_borrow() {
        MemoryServer server = legacy();
        McpPool pool = pool();
        String property = "pool.test.user." + server.name;
        String uri = server.uri() + "?user=${sys:" + property + ":-nobody}";
        try {
            System.setProperty(property, "alice");
            try (McpConnection c = pool.getConnection(uri)) {
                assertThat(process(c).uri.parameter("user")).isEqualTo("alice");
            }
            System.setProperty(property, "bob");
            try (McpConnection c = pool.getConnection(uri)) {
                assertThat(process(c).uri.parameter("user")).isEqualTo("bob");
            }
        } finally {
            System.clearProperty(property);
        }
    }

    @Test
    void leases_of_a_modern_server_share_one_connection_and_those_of_a_legacy_one_do_not() {
        MemoryServer modern = modern();
        MemoryServer legacy = legacy();
        McpPool pool = pool();
        try (McpConnection a = pool.getConnection(modern.uri());
                McpConnection b = pool.getConnection(modern.uri());
                McpConnection c = pool.getConnection(legacy.uri());
                McpConnection d = pool.getConnection(legacy.uri())) {
            assertThat(process(a)).isSameAs(process(b));
            assertThat(process(c)).isNotSameAs(process(d));
            assertThat(status(pool, modern).leases()).isEqualTo(2);
            assertThat(status(pool, modern).active()).isEqualTo(1);
            assertThat(status(pool, legacy).leases()).isEqualTo(2);
        }
        assertThat(status(pool, modern).idle()).isEqualTo(1);
        assertThat(status(pool, legacy).idle()).isEqualTo(2);
    }

    @Test
    void streams_bounds_how_many_share_and_the_least_loaded_is_joined() {
        MemoryServer server = modern();
        McpPool pool = build(builder().streams(2));
        McpConnection a = pool.getConnection(server.uri());
        McpConnection b = pool.getConnection(server.uri());
        McpConnection c = pool.getConnection(server.uri());
        McpConnection d = pool.getConnection(server.uri());
        assertThat(process(b)).isSameAs(process(a));
        assertThat(process(c)).isNotSameAs(process(a));
        assertThat(process(d)).isSameAs(process(c));
        b.close();
        c.close();
        d.close();
        // One connection has one lease, the other is idle: join, rather than take out the idle one.
        try (McpConnection e = pool.getConnection(server.uri())) {
            assertThat(process(e)).isSameAs(process(a));
        }
        a.close();
        assertThat(server.startAttempts).hasValue(2);
    }

    @Test
    void a_lease_can_be_closed_twice_and_by_another_thread_and_not_used_afterwards() throws Exception {
        MemoryServer server = legacy();
        McpPool pool = build(builder().maxTotalPerKey(1));
        McpConnection lease = pool.getConnection(server.uri());
        get(async(() -> {
            lease.close();
            return null;
        }));
        lease.close();
        assertThat(lease.isClosed()).isTrue();
        assertThat(lease.isValid(Duration.ofSeconds(1))).isFalse();
        assertThatThrownBy(() -> lease.callTool("echo", Map.of()))
                .isInstanceOf(McpConnectionClosedException.class)
                .hasMessageContaining(server.name)
                .hasMessageContaining("get a new one");
        assertThatThrownBy(lease::metadata).isInstanceOf(McpConnectionClosedException.class);
        assertThatThrownBy(() -> lease.batch().add("echo", Map.of()).execute())
                .isInstanceOf(McpConnectionClosedException.class);
        assertThat(failure(lease.callToolAsync("echo", Map.of()))).isInstanceOf(McpConnectionClosedException.class);
        assertThat(status(pool, server).leases()).isZero();
        // Closed twice, given back once: the next two callers do not share it.
        McpConnection next = pool.getConnection(server.uri());
        assertThat(status(pool, server).idle()).isZero();
        next.close();
    }

    @Test
    void calls_in_flight_finish_after_close_and_the_connection_goes_back_after_the_last() throws Exception {
        MemoryServer server = legacy();
        server.holdGate = new CountDownLatch(1);
        McpPool pool = pool();
        McpConnection lease = pool.getConnection(server.uri());
        CompletableFuture<CallToolResult> async = lease.callToolAsync("hold", Map.of());
        CompletableFuture<CallToolResult> blocking = async(() -> lease.callTool("hold", Map.of()));
        eventually(() -> server.executed.get() == 2);
        lease.close();
        assertThat(status(pool, server).idle()).isZero();
        assertThat(status(pool, server).leases()).isEqualTo(1);
        server.holdGate.countDown();
        assertThat(get(async).text()).isEqualTo("held");
        assertThat(get(blocking).text()).isEqualTo("held");
        eventually(() -> status(pool, server).idle() == 1);
    }

    @Test
    void a_cancelled_call_counts_until_the_connection_has_done_with_it() throws Exception {
        MemoryServer server = legacy();
        server.holdGate = new CountDownLatch(1);
        McpPool pool = pool();
        McpConnection lease = pool.getConnection(server.uri());
        PhysicalConnection connection = lease.unwrap(PhysicalConnection.class);
        CompletableFuture<CallToolResult> call = lease.callToolAsync("hold", Map.of());
        call.cancel(true);
        lease.close();
        eventually(() -> status(pool, server).idle() == 1);
        assertThat(connection.abandoned()).isEqualTo(1);
    }

    @Test
    void a_lease_reaches_what_it_wraps() {
        MemoryServer server = legacy();
        McpPool pool = pool();
        try (McpConnection lease = pool.getConnection(server.uri())) {
            assertThat(lease.isWrapperFor(PhysicalConnection.class)).isTrue();
            assertThat(lease.isWrapperFor(McpConnection.class)).isTrue();
            assertThat(lease.isWrapperFor(MemoryProcess.class)).isTrue();
            assertThat(lease.isWrapperFor(String.class)).isFalse();
            assertThat(lease.unwrap(PhysicalConnection.class).metadata()).isEqualTo(lease.metadata());
            assertThat(lease.unwrap(McpConnection.class)).isSameAs(lease);
            assertThatThrownBy(() -> lease.unwrap(String.class)).hasMessageContaining("java.lang.String");
        }
    }

    @Test
    void a_closed_lease_no_longer_reaches_what_is_somebody_elses_by_then() {
        MemoryServer server = legacy();
        McpPool pool = pool();
        McpConnection lease = pool.getConnection(server.uri());
        lease.close();
        try (McpConnection another = pool.getConnection(server.uri())) {
            assertThat(another.isWrapperFor(MemoryProcess.class)).isTrue();
            assertThat(lease.isWrapperFor(MemoryProcess.class)).isFalse();
            assertThatThrownBy(() -> lease.unwrap(MemoryProcess.class))
                    .isInstanceOf(McpConnectionClosedException.class);
            assertThat(lease.unwrap(McpConnection.class)).isSameAs(lease);
        }
    }

    @Test
    void a_lease_has_the_request_timeout_of_its_own_uri() {
        MemoryServer server = legacy();
        McpPool pool = build(builder().maxTotalPerKey(1));
        pool.getConnection(server.uri()).close();
        try (McpConnection lease = pool.getConnection(server.uri() + "?requestTimeout=50ms")) {
            assertThatThrownBy(() -> lease.callTool("silence", Map.of()))
                    .isInstanceOf(McpTimeoutException.class)
                    .hasMessageContaining("50ms");
            assertThat(failure(lease.callToolAsync("silence", Map.of()))).isInstanceOf(McpTimeoutException.class);
            assertThat(lease.batch().add("silence", Map.of()).execute().get(0).error())
                    .isInstanceOf(McpTimeoutException.class);
            assertThatThrownBy(() -> lease.callTool("silence", Map.of(), CallOptions.timeout(Duration.ofMillis(70))))
                    .hasMessageContaining("70ms");
        } catch (Exception e) {
            throw new AssertionError(e);
        }
        assertThat(server.startAttempts).hasValue(1);
    }

    @Test
    void a_uri_with_pool_false_is_opened_and_closed_for_its_caller_alone() {
        MemoryServer server = legacy();
        McpPool pool = pool();
        McpConnection own = pool.getConnection(server.uri() + "?pool=false");
        assertThat(own).isInstanceOf(PhysicalConnection.class);
        own.close();
        assertThat(server.live).hasValue(0);
    }
}
