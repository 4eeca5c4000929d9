package io.mcpdrivers.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.CallOptions;
import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpTimeoutException;
import io.mcpdrivers.schema.CallToolResult;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ExpiryTest extends PoolTestBase {

    @Test
    void an_idle_connection_is_closed_after_the_idle_timeout() {
        MemoryServer server = legacy();
        McpPool pool = pool();
        pool.getConnection(server.uri()).close();
        clock.advance(Duration.ofMinutes(5).minusMillis(1));
        pool.tend();
        assertThat(status(pool, server).idle()).isEqualTo(1);
        clock.advance(Duration.ofMillis(1));
        pool.tend();
        eventually(() -> server.live.get() == 0);
        eventually(() -> status(pool, server).connections() == 0);
    }

    @Test
    void a_call_longer_than_the_idle_timeout_and_the_greatest_age_is_not_cut() throws Exception {
        MemoryServer server = legacy();
        server.holdGate = new CountDownLatch(1);
        McpPool pool = pool();
        McpConnection lease = pool.getConnection(server.uri());
        CompletableFuture<CallToolResult> call = lease.callToolAsync("hold", Map.of());
        eventually(() -> server.executed.get() == 1);
        clock.advance(Duration.ofHours(3));
        pool.tend();
        assertThat(server.live).hasValue(1);
        server.holdGate.countDown();
        assertThat(get(call).text()).isEqualTo("held");
        lease.close();
        // Too old to be lent again.
        eventually(() -> server.live.get() == 0);
    }

    @Test
    void min_idle_connections_are_kept_warm_for_configured_servers_from_the_beginning() {
        MemoryServer server = legacy();
        McpPool pool = build(builder().server("warm", server.uri(), Map.of("minIdlePerKey", "2")));
        eventually(() -> {
            pool.tend();
            return server.live.get() == 2;
        });
        eventually(() -> pool.status().servers().get("warm").idle() == 2);
        clock.advance(Duration.ofMinutes(10));
        pool.tend();
        assertThat(server.live).hasValue(2);
        assertThat(server.startAttempts).hasValue(2);
        McpConnection lease = pool.getConnection("warm");
        eventually(() -> {
            pool.tend();
            return server.live.get() == 3;
        });
        lease.close();
    }

    @Test
    void connections_get_no_older_than_the_greatest_age_less_jitter() {
        MemoryServer young = legacy();
        MemoryServer old = legacy();
        McpPool steady = build(builder().idleTimeout(Duration.ZERO));
        McpPool most = build(builder().random(() -> 1).idleTimeout(Duration.ZERO));
        steady.getConnection(old.uri()).close();
        most.getConnection(young.uri()).close();
        clock.advance(Duration.ofSeconds(3600 - 90));
        steady.tend();
        most.tend();
        eventually(() -> young.live.get() == 0);
        assertThat(old.live).hasValue(1);
        clock.advance(Duration.ofSeconds(90));
        steady.tend();
        eventually(() -> old.live.get() == 0);
    }

    @Test
    void one_that_is_too_old_is_not_lent_even_before_it_is_closed() {
        MemoryServer server = legacy();
        McpPool pool = pool();
        pool.getConnection(server.uri()).close();
        clock.advance(Duration.ofHours(1));
        try (McpConnection c = pool.getConnection(server.uri())) {
            assertThat(process(c)).isSameAs(server.process(1));
        }
        eventually(() -> server.live.get() == 1);
    }

    @Test
    void a_shared_connection_that_is_too_old_takes_no_new_lease_unless_there_is_no_room_for_another() {
        MemoryServer server = modern();
        McpPool pool = build(builder().maxTotalPerKey(2));
        McpConnection first = pool.getConnection(server.uri());
        clock.advance(Duration.ofHours(1));
        McpConnection second = pool.getConnection(server.uri());
        assertThat(process(second)).isNotSameAs(process(first));
        clock.advance(Duration.ofHours(1));
        McpConnection third = pool.getConnection(server.uri());
        assertThat(server.startAttempts).hasValue(2);
        first.close();
        second.close();
        third.close();
        eventually(() -> server.live.get() == 0);
    }

    @Test
    void a_connection_serves_no_more_leases_than_it_may() {
        MemoryServer server = legacy();
        McpPool pool = build(builder().set("maxUses", "3"));
        for (int i = 0; i < 9; i++) {
            pool.getConnection(server.uri()).close();
        }
        assertThat(server.startAttempts).hasValue(3);
        eventually(() -> server.live.get() == 0);
    }

    @Test
    void a_connection_with_too_many_unanswered_requests_is_not_lent_again() {
        MemoryServer server = modern();
        McpPool pool = build(builder().set("maxAbandoned", "3"));
        McpConnection a = pool.getConnection(server.uri());
        try (McpConnection b = pool.getConnection(server.uri())) {
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> b.callTool("silence", Map.of(), CallOptions.timeout(Duration.ofMillis(5))))
                        .isInstanceOf(McpTimeoutException.class);
            }
            assertThat(process(b)).isSameAs(process(a));
        }
        McpConnection c = pool.getConnection(server.uri());
        assertThat(process(c)).isNotSameAs(process(a));
        assertThat(a.callTool("echo", Map.of("message", "still here")).text()).isEqualTo("still here");
        a.close();
        eventually(() -> server.live.get() == 1);
        c.close();
    }

    @Test
    void a_shared_connection_with_too_many_unanswered_requests_takes_no_lease_unless_there_is_no_room_for_another() {
        MemoryServer server = modern();
        McpPool pool = build(builder().maxTotalPerKey(2).set("maxAbandoned", "1"));
        McpConnection first = pool.getConnection(server.uri());
        giveUpOneCall(first);
        McpConnection second = pool.getConnection(server.uri());
        assertThat(process(second)).isNotSameAs(process(first));
        giveUpOneCall(second);
        McpConnection third = pool.getConnection(server.uri());
        assertThat(server.startAttempts).hasValue(2);
        first.close();
        second.close();
        third.close();
        eventually(() -> server.live.get() == 0);
    }

    @Test
    void a_connection_with_too_many_unanswered_requests_is_none_of_those_that_are_kept_warm() {
        MemoryServer server = modern();
        McpPool pool = build(builder().set("maxAbandoned", "1").set("minIdle", "1"));
        McpConnection lease = pool.getConnection(server.uri());
        giveUpOneCall(lease);
        eventually(() -> {
            pool.tend();
            return server.live.get() == 2;
        });
        lease.close();
        eventually(() -> server.live.get() == 1);
    }

    private static void giveUpOneCall(McpConnection lease) {
        assertThatThrownBy(() -> lease.callTool("silence", Map.of(), CallOptions.timeout(Duration.ofMillis(5))))
                .isInstanceOf(McpTimeoutException.class);
    }

    @Test
    void an_expired_connection_is_closed_though_what_follows_its_removal_fails() {
        AtomicInteger looks = new AtomicInteger(Integer.MIN_VALUE);
        CompletableFuture<Void> end = new CompletableFuture<>();
        StubConnection connection = new StubConnection() {
            @Override
            public CompletableFuture<Void> closeAsync() {
                close();
                return end;
            }
        };
        SettingValues settings = LendingRig.settings(1);
        settings.set("maxUses", "1", "in a test");
        LendingRig rig = new LendingRig(settings, connection, () -> {
            if (looks.incrementAndGet() == 2) {
                throw new OutOfMemoryError("as told");
            }
            return 0;
        });
        try {
            assertThat(rig.slot.activate()).isTrue();
            assertThat(rig.slot.release(true)).isEqualTo(LeasedObject.Release.FREE);
            // Once to see whether it has expired, once to tell how old it has become.
            looks.set(0);
            assertThatThrownBy(() -> rig.server.departures().expire(rig.slot)).isInstanceOf(OutOfMemoryError.class);
            assertThat(connection.isClosed()).isTrue();
            end.complete(null);
            eventually(() -> rig.state().equals("0 leases, 0 available, 0 stored, 0 waiting, 0 in transit, 0 open"));
            eventually(() -> rig.services.permits().used() == 0);
        } finally {
            rig.services.housekeeper().close();
        }
    }

    @Test
    void keepalive_pings_idle_connections_and_closes_those_that_do_not_answer() {
        MemoryServer server = legacy();
        McpPool pool = build(builder().set("keepalive", "1m").set("validationTimeout", "5s"));
        McpConnection leased = pool.getConnection(server.uri());
        pool.getConnection(server.uri()).close();
        clock.advance(Duration.ofSeconds(59));
        pool.tend();
        assertThat(server.pings).hasValue(0);
        clock.advance(Duration.ofMinutes(1));
        pool.tend();
        eventually(() -> server.pings.get() == 1);
        assertThat(status(pool, server).idle()).isEqualTo(1);
        server.silentPing = true;
        clock.advance(Duration.ofMinutes(1));
        eventually(() -> {
            pool.tend();
            return status(pool, server).idle() == 0;
        });
        assertThat(leased.isClosed()).isFalse();
        leased.close();
    }

    @Test
    void a_server_nobody_has_used_for_long_is_forgotten_and_made_anew() {
        MemoryServer server = legacy();
        McpPool pool = pool();
        McpConnection lease = pool.getConnection(server.uri());
        clock.advance(Duration.ofHours(1));
        pool.tend();
        assertThat(status(pool, server)).isNotNull();
        process(lease).kill();
        eventually(() -> status(pool, server).connections() == 0);
        clock.advance(Duration.ofMinutes(10));
        pool.tend();
        assertThat(status(pool, server)).isNull();
        // The lease finds its server again, too.
        assertThat(lease.callTool("echo", Map.of("message", "again")).text()).isEqualTo("again");
        assertThat(status(pool, server).active()).isEqualTo(1);
        lease.close();
        assertThat(status(pool, server).idle()).isEqualTo(1);
    }

    @Test
    void each_run_of_housekeeping_looks_at_each_idle_connection() {
        MemoryServer idle = legacy();
        McpPool pool = build(builder().idleTimeout(Duration.ofMinutes(1)));
        pool.getConnection(idle.uri()).close();
        // Nothing of these is idle; Commons Pool stops in their midst.
        McpConnection before = pool.getConnection(legacy().uri());
        McpConnection after = pool.getConnection(legacy().uri());
        pool.tend();
        clock.advance(Duration.ofMinutes(1));
        pool.tend();
        eventually(() -> idle.live.get() == 0);
        before.close();
        after.close();
    }
}
