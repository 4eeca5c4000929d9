package io.mcpdrivers.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpInterruptedException;
import io.mcpdrivers.McpPoolExhaustedException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ValidationTest extends PoolTestBase {

    @Test
    void a_connection_used_just_now_is_lent_without_a_round_trip() {
        MemoryServer server = legacy();
        McpPool pool = pool();
        pool.getConnection(server.uri()).close();
        clock.advance(Duration.ofMillis(499));
        pool.getConnection(server.uri()).close();
        assertThat(server.pings).hasValue(0);
    }

    @Test
    void a_connection_not_used_lately_is_lent_after_a_round_trip() {
        MemoryServer server = legacy();
        McpPool pool = pool();
        pool.getConnection(server.uri()).close();
        clock.advance(Duration.ofMinutes(1));
        pool.getConnection(server.uri()).close();
        assertThat(server.pings).hasValue(1);
        assertThat(server.startAttempts).hasValue(1);
    }

    @Test
    void a_shared_connection_that_was_silent_is_checked_by_who_joins_it() {
        MemoryServer server = modern();
        McpPool pool = pool();
        try (McpConnection a = pool.getConnection(server.uri())) {
            int before = server.pings.get();
            clock.advance(Duration.ofMinutes(1));
            pool.getConnection(server.uri()).close();
            assertThat(server.pings).hasValue(before + 1);
            assertThat(a.isClosed()).isFalse();
        }
    }

    @Test
    void one_that_does_not_answer_is_replaced_before_the_caller_sees_it() {
        MemoryServer server = legacy();
        McpPool pool = build(builder().set("validationTimeout", "50ms").maxTotalPerKey(1));
        pool.getConnection(server.uri()).close();
        clock.advance(Duration.ofMinutes(1));
        server.silentPing = true;
        try (McpConnection c = pool.getConnection(server.uri())) {
            assertThat(process(c)).isSameAs(server.process(1));
        }
        assertThat(server.mostLive).hasValue(1);
        assertThat(status(pool, server).connections()).isEqualTo(1);
    }

    @Test
    void a_silent_shared_connection_takes_no_further_lease_but_is_not_cut() {
        MemoryServer server = modern();
        McpPool pool = build(builder().set("validationTimeout", "50ms"));
        McpConnection a = pool.getConnection(server.uri());
        clock.advance(Duration.ofMinutes(1));
        server.silentPing = true;
        // The handshake needs an answer.
        CompletableFuture<McpConnection> other = async(() -> pool.getConnection(server.uri()));
        eventually(() -> server.processes.size() == 2);
        server.silentPing = false;
        server.process(1).kill();
        assertThat(a.callTool("echo", java.util.Map.of("message", "x")).text()).isEqualTo("x");
        a.close();
        eventually(() -> !server.process(0).isOpen());
        other.whenComplete((c, e) -> {
            if (c != null) {
                c.close();
            }
        });
    }

    @Test
    void one_that_dies_while_idle_leaves_the_pool_at_once() {
        MemoryServer server = legacy();
        McpPool pool = pool();
        pool.getConnection(server.uri()).close();
        server.process(0).kill();
        eventually(() -> status(pool, server).connections() == 0);
        assertThat(pool.services().permits().used()).isZero();
    }

    @Test
    void one_that_dies_while_leased_frees_its_place_before_it_is_closed() {
        MemoryServer server = legacy();
        McpPool pool = build(builder().maxTotalPerKey(1));
        McpConnection dead = pool.getConnection(server.uri());
        process(dead).kill();
        try (McpConnection c = pool.getConnection(server.uri())) {
            assertThat(process(c)).isSameAs(server.process(1));
            dead.close();
            assertThat(status(pool, server).connections()).isEqualTo(1);
        }
        assertThat(status(pool, server).idle()).isEqualTo(1);
    }

    @Test
    void a_caller_whose_time_is_over_before_the_check_leaves_it_to_the_pool() {
        MemoryServer server = legacy();
        McpPool pool = build(builder().set("validationTimeout", "10s"));
        pool.getConnection(server.uri()).close();
        clock.advance(Duration.ofMinutes(1));
        server.silentPing = true;
        assertThatThrownBy(() -> pool.getConnection(server.uri() + "?maxWait=60ms"))
                .isInstanceOf(McpPoolExhaustedException.class)
                .hasMessageContainingAll("did not answer a check within 100 ms", "Raise maxWait")
                .hasMessageNotContaining("lease");
        // Nobody has the connection any more, but it is not given up either, until its own time is over.
        assertThat(server.process(0).isOpen()).isTrue();
        eventually(() -> status(pool, server).connections() == 0);
    }

    @Test
    void who_does_not_want_to_wait_gets_one_that_was_idle_for_long() {
        MemoryServer server = legacy();
        McpPool pool = pool();
        pool.getConnection(server.uri()).close();
        clock.advance(Duration.ofMinutes(1));
        try (McpConnection lease = pool.getConnection(server.uri() + "?maxWait=0")) {
            assertThat(process(lease)).isSameAs(server.process(0));
        }
        assertThat(server.pings).hasValue(1);
    }

    @Test
    void a_caller_interrupted_during_the_check_loses_nothing() throws Exception {
        MemoryServer server = legacy();
        McpPool pool = build(builder().maxTotalPerKey(1).set("validationTimeout", "10s"));
        pool.getConnection(server.uri()).close();
        clock.advance(Duration.ofMinutes(1));
        server.silentPing = true;
        Thread[] borrower = new Thread[1];
        CompletableFuture<McpConnection> waiting = async(() -> {
            borrower[0] = Thread.currentThread();
            return pool.getConnection(server.uri());
        });
        eventually(() -> server.pings.get() == 1);
        server.silentPing = false;
        borrower[0].interrupt();
        assertThat(failure(waiting)).isInstanceOf(McpInterruptedException.class);
        pool.getConnection(server.uri()).close();
        assertThat(server.startAttempts).hasValue(1);
    }
}
