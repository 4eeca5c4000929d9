package io.mcpdrivers.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpConnectionException;
import io.mcpdrivers.McpPoolExhaustedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class LimitsTest extends PoolTestBase {

    @Test
    void no_more_connections_than_the_limit_of_the_server() throws Exception {
        MemoryServer server = legacy();
        McpPool pool = build(builder().maxTotalPerKey(3));
        List<CompletableFuture<McpConnection>> callers = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            callers.add(async(() -> {
                try (McpConnection c = pool.getConnection(server.uri())) {
                    c.ping();
                    return c;
                }
            }));
        }
        for (CompletableFuture<McpConnection> caller : callers) {
            get(caller);
        }
        assertThat(server.mostLive.get()).isBetween(1, 3);
    }

    @Test
    void a_server_may_have_a_limit_of_its_own() {
        MemoryServer one = legacy();
        MemoryServer two = legacy();
        McpPool pool = build(builder().maxTotalPerKey(1));
        McpConnection a = pool.getConnection(two.uri() + "?maxTotalPerKey=2");
        McpConnection b = pool.getConnection(two.uri() + "?maxTotalPerKey=2");
        McpConnection c = pool.getConnection(one.uri());
        assertThatThrownBy(() -> pool.getConnection(one.uri() + "?maxWait=50ms"))
                .isInstanceOf(McpPoolExhaustedException.class);
        a.close();
        b.close();
        c.close();
    }

    @Test
    void the_connection_idle_for_longest_makes_room_for_another_server() {
        MemoryServer oldest = legacy();
        MemoryServer newer = legacy();
        MemoryServer wanted = legacy();
        McpPool pool = build(builder().maxTotal(2));
        pool.getConnection(newer.uri()).close();
        clock.advance(Duration.ofMillis(10));
        pool.getConnection(oldest.uri()).close();
        clock.advance(Duration.ofMillis(10));
        pool.getConnection(newer.uri()).close();
        pool.getConnection(wanted.uri()).close();
        assertThat(oldest.live).hasValue(0);
        assertThat(newer.live).hasValue(1);
        assertThat(wanted.live).hasValue(1);
    }

    @Test
    void a_new_process_never_runs_beside_one_that_is_ending_beyond_the_limit() throws Exception {
        MemoryServer leaving = legacy();
        MemoryServer wanted = legacy();
        leaving.closeGate = new CountDownLatch(1);
        McpPool pool = build(builder().maxTotal(1));
        pool.getConnection(leaving.uri()).close();
        CompletableFuture<McpConnection> caller = async(() -> pool.getConnection(wanted.uri()));
        eventually(() -> !leaving.process(0).isOpen());
        awaitWaiting(pool, wanted, 1);
        assertThat(wanted.startAttempts).hasValue(0);
        assertThat(status(pool, leaving).closing()).isEqualTo(1);
        leaving.closeGate.countDown();
        get(caller).close();
        assertThat(wanted.startAttempts).hasValue(1);
    }

    @Test
    void only_as_many_idle_connections_are_closed_as_are_wanted() throws Exception {
        MemoryServer crowd = legacy();
        MemoryServer wanted = legacy();
        crowd.closeGate = new CountDownLatch(1);
        McpPool pool = build(builder().maxTotal(3));
        List<McpConnection> leases = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            leases.add(pool.getConnection(crowd.uri()));
        }
        leases.forEach(McpConnection::close);
        CompletableFuture<McpConnection> caller = async(() -> pool.getConnection(wanted.uri()));
        awaitWaiting(pool, wanted, 1);
        eventually(() -> status(pool, crowd).closing() == 1);
        pool.tend();
        assertThat(status(pool, crowd).idle()).isEqualTo(2);
        crowd.closeGate.countDown();
        get(caller).close();
        assertThat(status(pool, crowd).idle()).isEqualTo(2);
    }

    @Test
    void a_connection_that_comes_back_is_given_up_for_a_server_that_has_none() throws Exception {
        MemoryServer busy = legacy();
        MemoryServer starving = legacy();
        McpPool pool = build(builder().maxTotal(1));
        McpConnection held = pool.getConnection(busy.uri());
        CompletableFuture<McpConnection> caller = async(() -> pool.getConnection(starving.uri()));
        awaitWaiting(pool, starving, 1);
        held.close();
        get(caller).close();
        assertThat(busy.live).hasValue(0);
    }

    @Test
    void a_server_in_constant_demand_does_not_starve_one_that_has_none() throws Exception {
        MemoryServer busy = legacy();
        MemoryServer starving = legacy();
        McpPool pool = build(builder().maxTotal(2));
        McpConnection one = pool.getConnection(busy.uri());
        McpConnection two = pool.getConnection(busy.uri());
        CompletableFuture<McpConnection> starved = async(() -> pool.getConnection(starving.uri()));
        awaitWaiting(pool, starving, 1);
        List<CompletableFuture<McpConnection>> crowd = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            crowd.add(async(() -> pool.getConnection(busy.uri())));
            awaitWaiting(pool, busy, i + 1);
        }
        one.close();
        // It came before the crowd.
        get(starved);
        two.close();
        get(crowd.get(0)).close();
        get(crowd.get(1)).close();
        get(starved).close();
        assertThat(busy.startAttempts).hasValue(2);
    }

    @Test
    void servers_that_want_a_place_get_one_in_the_order_in_which_they_came() throws Exception {
        MemoryServer holder = legacy();
        McpPool pool = build(builder().maxTotal(1));
        McpConnection held = pool.getConnection(holder.uri());
        List<MemoryServer> servers = new ArrayList<>();
        List<CompletableFuture<McpConnection>> callers = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            MemoryServer server = legacy();
            servers.add(server);
            callers.add(async(() -> pool.getConnection(server.uri())));
            awaitWaiting(pool, server, 1);
        }
        held.close();
        for (int i = 0; i < 5; i++) {
            get(callers.get(i)).close();
            for (int later = i + 2; later < 5; later++) {
                assertThat(servers.get(later).startAttempts).hasValue(0);
            }
        }
    }

    @Test
    void a_caller_that_gave_up_costs_no_other_server_its_connection() {
        MemoryServer busy = legacy();
        MemoryServer starving = legacy();
        McpPool pool = build(builder().maxTotal(1));
        McpConnection held = pool.getConnection(busy.uri());
        assertThatThrownBy(() -> pool.getConnection(starving.uri() + "?maxWait=30ms"))
                .isInstanceOf(McpPoolExhaustedException.class)
                .hasMessageContaining("1 of at most 1 connections.");
        held.close();
        assertThat(status(pool, busy).idle()).isEqualTo(1);
    }

    @Test
    void a_server_whose_callers_were_served_otherwise_costs_no_other_its_connection() throws Exception {
        MemoryServer wanting = legacy();
        MemoryServer other = legacy();
        McpPool pool = build(builder().maxTotal(2));
        McpConnection first = pool.getConnection(wanting.uri());
        McpConnection leased = pool.getConnection(other.uri());
        CompletableFuture<McpConnection> caller = async(() -> pool.getConnection(wanting.uri()));
        awaitWaiting(pool, wanting, 1);
        first.close();
        get(caller);
        leased.close();
        assertThat(status(pool, other).idle()).isEqualTo(1);
        get(caller).close();
    }

    @Test
    void what_a_server_no_longer_wants_costs_no_other_its_connection() throws Exception {
        MemoryServer wanting = legacy();
        MemoryServer other = legacy();
        McpPool pool = build(builder().maxTotal(3));
        McpConnection first = pool.getConnection(wanting.uri());
        McpConnection lost = pool.getConnection(other.uri());
        McpConnection kept = pool.getConnection(other.uri());
        wanting.startGate = new CountDownLatch(1);
        List<CompletableFuture<McpConnection>> callers = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            callers.add(async(() -> pool.getConnection(wanting.uri())));
            awaitWaiting(pool, wanting, i + 1);
        }
        process(lost).kill();
        eventually(() -> wanting.startAttempts.get() == 2);
        // One gets this, the other the one that is being started.
        first.close();
        get(callers.get(0));
        assertThat(pool.services().permits().isRoomNeeded()).isFalse();
        kept.close();
        wanting.startGate.countDown();
        get(callers.get(1)).close();
        get(callers.get(0)).close();
        lost.close();
        assertThat(status(pool, other).idle()).isEqualTo(1);
    }

    @Test
    void giving_a_lease_back_looks_at_no_other_server() throws Exception {
        MemoryServer stuck = legacy();
        MemoryServer busy = legacy();
        MemoryServer starving = legacy();
        McpPool pool = build(builder().maxTotal(2));
        pool.getConnection(stuck.uri()).close();
        McpConnection held = pool.getConnection(busy.uri());
        CountDownLatch locked = new CountDownLatch(1);
        CountDownLatch unlock = new CountDownLatch(1);
        Lending lending = pool.directory().route(stuck.uri()).server().lending();
        CompletableFuture<Void> holdsLock = async(() -> {
            lending.change(work -> {
                locked.countDown();
                awaitQuietly(unlock);
            });
            return null;
        });
        locked.await();
        CompletableFuture<McpConnection> wants = async(() -> pool.getConnection(starving.uri()));
        eventually(() -> pool.services().permits().isRoomNeeded());
        clock.advance(Duration.ofMillis(10));
        get(async(() -> {
            held.close();
            return null;
        }));
        unlock.countDown();
        get(holdsLock);
        get(wants).close();
        // Room was made by the one that was idle for longer, not by the one that came back first.
        assertThat(busy.live).hasValue(1);
    }

    @Test
    void the_place_of_a_start_that_failed_is_kept_until_its_process_has_ended() throws Exception {
        MemoryServer server = legacy();
        MemoryServer other = legacy();
        server.silentHandshake = true;
        server.closeGate = new CountDownLatch(1);
        McpPool pool = build(builder().maxTotal(1).set("backoff", "0"));
        assertThatThrownBy(() -> pool.getConnection(server.uri() + "?protocol=2025-11-25&connectTimeout=50ms"))
                .isInstanceOf(McpConnectionException.class);
        assertThat(status(pool, server).closing()).isEqualTo(1);
        assertThat(pool.services().permits().used()).isEqualTo(1);
        CompletableFuture<McpConnection> next = async(() -> pool.getConnection(other.uri()));
        awaitWaiting(pool, other, 1);
        assertThat(other.startAttempts).hasValue(0);
        server.closeGate.countDown();
        get(next).close();
        assertThat(server.live).hasValue(0);
    }

    @Test
    void idle_connections_beyond_max_idle_are_closed_when_they_come_back() {
        MemoryServer server = legacy();
        McpPool pool = build(builder().set("maxIdlePerKey", "1"));
        McpConnection a = pool.getConnection(server.uri());
        McpConnection b = pool.getConnection(server.uri());
        a.close();
        b.close();
        eventually(() -> server.live.get() == 1);
        assertThat(status(pool, server).idle()).isEqualTo(1);
    }
}
