package io.mcpdrivers.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.McpConfigurationException;
import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpConnectionException;
import io.mcpdrivers.McpPoolException;
import io.mcpdrivers.McpPoolExhaustedException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** What an operator does to a pool while it runs. */
class OperationsTest extends PoolTestBase {

    @Test
    void warming_up_tries_all_enabled_servers_and_reports_those_that_fail() {
        MemoryServer good = legacy();
        MemoryServer failing = legacy();
        MemoryServer disabled = legacy();
        failing.failingStarts.set(100);
        McpPool pool = build(builder()
                .server("a-good", good.uri())
                .server("b-failing", failing.uri())
                .server("c-disabled", disabled.uri(), Map.of("enabled", "false"))
                .server("d-broken", "mcp:nothing:x"));
        List<WarmUpResult> results = pool.warmUp();
        assertThat(results).extracting(WarmUpResult::server).containsExactly("a-good", "b-failing", "d-broken");
        assertThat(results).extracting(WarmUpResult::isReady).containsExactly(true, false, false);
        assertThat(results.get(1).failure())
                .isInstanceOf(McpConnectionException.class)
                .hasMessageContaining("failed as told");
        assertThat(results.get(2).failure()).isInstanceOf(McpConfigurationException.class);
        assertThat(pool.status().servers().get("a-good").idle()).isEqualTo(1);
        assertThat(disabled.startAttempts).hasValue(0);
        PoolHealth health = pool.health();
        assertThat(health.healthy()).isFalse();
        assertThat(health.servers().get("a-good").healthy()).isTrue();
        assertThat(health.servers().get("b-failing").reason()).contains("failed as told");
        assertThat(health.servers().get("c-disabled").healthy()).isTrue();
    }

    @Test
    void servers_are_warmed_up_at_the_same_time() throws Exception {
        PoolBuilder builder = builder();
        MemoryServer[] servers = new MemoryServer[5];
        for (int i = 0; i < servers.length; i++) {
            servers[i] = legacy();
            servers[i].startGate = new CountDownLatch(1);
            builder.server("s" + i, servers[i].uri());
        }
        McpPool pool = build(builder);
        CompletableFuture<List<WarmUpResult>> warm = async(pool::warmUp);
        for (MemoryServer server : servers) {
            eventually(() -> server.startAttempts.get() == 1);
        }
        for (MemoryServer server : servers) {
            server.startGate.countDown();
        }
        assertThat(get(warm)).hasSize(5).allMatch(WarmUpResult::isReady);
    }

    @Test
    void a_disabled_server_turns_callers_away_and_its_leases_finish() throws Exception {
        MemoryServer server = legacy();
        McpPool pool = build(builder().maxTotalPerKey(2).server("files", server.uri()));
        McpConnection held = pool.getConnection("files");
        pool.getConnection("files").close();
        McpConnection other = pool.getConnection("files");
        CompletableFuture<McpConnection> waits = async(() -> pool.getConnection("files"));
        eventually(() -> pool.status().servers().get("files").waiting() == 1);
        other.close();
        get(waits).close();
        CompletableFuture<McpConnection> turnedAway = async(() -> {
            McpConnection second = pool.getConnection("files");
            try {
                return pool.getConnection("files");
            } finally {
                second.close();
            }
        });
        eventually(() -> pool.status().servers().get("files").waiting() == 1);
        pool.disable("files");
        assertThat(failure(turnedAway))
                .isInstanceOf(McpPoolException.class)
                .hasMessageContaining("was disabled while the pool runs");
        assertThatThrownBy(() -> pool.getConnection("files"))
                .isInstanceOf(McpPoolException.class)
                .hasMessageContaining("enable it");
        assertThat(held.callTool("echo", Map.of("message", "still")).text()).isEqualTo("still");
        assertThat(pool.status().servers().get("files").enabled()).isFalse();
        held.close();
        eventually(() -> server.live.get() == 0);
        pool.enable("files");
        pool.getConnection("files").close();
        assertThat(pool.status().servers().get("files").enabled()).isTrue();
    }

    @Test
    void a_start_under_way_is_given_up_when_its_server_is_disabled_and_counts_as_no_failure() throws Exception {
        MemoryServer server = legacy();
        server.startGate = new CountDownLatch(1);
        McpPool pool = build(builder().server("files", server.uri()));
        CompletableFuture<McpConnection> waits = async(() -> pool.getConnection("files"));
        eventually(() -> server.startAttempts.get() == 1);
        pool.disable("files");
        assertThat(failure(waits)).isInstanceOf(McpPoolException.class);
        eventually(() -> pool.services().permits().used() == 0);
        assertThat(pool.status().servers().get("files").errors()).isZero();
        server.startGate.countDown();
        pool.enable("files");
        pool.getConnection("files").close();
    }

    @Test
    void a_server_removed_while_its_start_is_under_way_leaves_nothing() throws Exception {
        MemoryServer server = legacy();
        server.startGate = new CountDownLatch(1);
        McpPool pool = build(builder().server("files", server.uri()).server("others", legacy().uri()));
        CompletableFuture<McpConnection> waits = async(() -> pool.getConnection("files"));
        eventually(() -> server.startAttempts.get() == 1);
        pool.remove("files");
        assertThat(failure(waits)).isInstanceOf(McpPoolException.class).hasMessageContaining("removed");
        assertThatThrownBy(() -> pool.getConnection("files"))
                .isInstanceOf(McpConfigurationException.class)
                .hasMessageContaining("No server 'files' is configured")
                .hasMessageContaining("others");
        assertThatThrownBy(() -> pool.remove("files")).isInstanceOf(McpConfigurationException.class);
        eventually(() -> pool.services().permits().used() == 0);
        eventually(() -> server.live.get() == 0);
    }

    @Test
    void a_server_disabled_in_the_configuration_can_be_enabled() {
        MemoryServer server = legacy();
        McpPool pool = build(builder().server("files", server.uri(), Map.of("enabled", "false")));
        assertThatThrownBy(() -> pool.getConnection("files")).hasMessageContaining("enabled=true");
        pool.enable("files");
        pool.getConnection("files").close();
        String uri = server.uri();
        pool.disable(uri);
        assertThatThrownBy(() -> pool.getConnection(uri)).isInstanceOf(McpPoolException.class);
    }

    @Test
    void a_server_stays_disabled_when_its_token_is_rotated_and_an_old_one_is_never_lent() {
        MemoryServer server = legacy();
        String token = "poolops.token." + server.name;
        System.setProperty(token, "first");
        try {
            McpPool pool = build(builder().server("files", server.uri() + "?user=${sys:" + token + "}"));
            McpConnection first = pool.getConnection("files");
            assertThat(process(first).uri.parameter("user")).isEqualTo("first");
            first.close();
            System.setProperty(token, "second");
            McpConnection second = pool.getConnection("files");
            assertThat(process(second).uri.parameter("user")).isEqualTo("second");
            second.close();
            assertThat(server.live).hasValue(2);
            pool.disable("files");
            eventually(() -> server.live.get() == 0);
            System.setProperty(token, "third");
            assertThatThrownBy(() -> pool.getConnection("files")).isInstanceOf(McpPoolException.class);
            assertThat(server.startAttempts).hasValue(2);
        } finally {
            System.clearProperty(token);
        }
    }

    @Test
    void idle_connections_of_a_rotated_token_expire_in_their_time() {
        MemoryServer server = legacy();
        String token = "poolops.token." + server.name;
        System.setProperty(token, "first");
        try {
            McpPool pool = build(builder().server("files", server.uri() + "?user=${sys:" + token + "}"));
            pool.getConnection("files").close();
            System.setProperty(token, "second");
            clock.advance(Duration.ofMinutes(3));
            pool.getConnection("files").close();
            clock.advance(Duration.ofMinutes(2));
            pool.tend();
            eventually(() -> server.live.get() == 1);
            assertThat(server.process(0).isOpen()).isFalse();
            assertThat(server.process(1).isOpen()).isTrue();
        } finally {
            System.clearProperty(token);
        }
    }

    @Test
    void connections_of_a_rotated_token_are_not_kept_warm_for_ever() {
        MemoryServer server = legacy();
        String token = "poolops.token." + server.name;
        System.setProperty(token, "0");
        try {
            McpPool pool = build(
                    builder().server("files", server.uri() + "?user=${sys:" + token + "}", Map.of("minIdle", "1")));
            for (int i = 0; i < 3; i++) {
                System.setProperty(token, String.valueOf(i));
                pool.getConnection("files").close();
                pool.getConnection("mcp:server:files").close();
                // With other parameters it is another server, in whose place the configured one does not come.
                pool.getConnection("mcp:server:files?arg=1").close();
                pool.reload();
                pool.tend();
            }
            for (int hours = 0; hours < 2; hours++) {
                clock.advance(Duration.ofMinutes(61));
                pool.tend();
                // The configured one, and what it is used as with other parameters.
                eventually(() -> server.live.get() == 2);
                pool.tend();
                eventually(() -> server.live.get() == 2);
                assertThat(server.processes.stream().filter(MemoryProcess::isOpen))
                        .allMatch(process -> "2".equals(process.uri.parameter("user")));
            }
            assertThat(pool.status().servers()).hasSize(2);
            System.setProperty(token, "0");
            pool.getConnection("files").close();
            pool.tend();
            assertThat(server.live).hasValue(3);
        } finally {
            System.clearProperty(token);
        }
    }

    @Test
    void soft_eviction_replaces_idle_connections_now_and_leased_ones_when_they_come_back() throws Exception {
        MemoryServer server = legacy();
        McpPool pool = pool();
        McpConnection held = pool.getConnection(server.uri());
        pool.getConnection(server.uri()).close();
        pool.softEvict(server.uri());
        eventually(() -> server.live.get() == 1);
        assertThat(held.callTool("echo", Map.of("message", "still")).text()).isEqualTo("still");
        McpConnection fresh = pool.getConnection(server.uri());
        assertThat(process(fresh)).isSameAs(server.process(2));
        held.close();
        eventually(() -> server.live.get() == 1);
        fresh.close();
        assertThat(status(pool, server).idle()).isEqualTo(1);
    }

    @Test
    void soft_eviction_reaches_connections_that_are_shared_or_being_started() throws Exception {
        MemoryServer server = modern();
        McpPool pool = pool();
        McpConnection one = pool.getConnection(server.uri());
        McpConnection two = pool.getConnection(server.uri());
        assertThat(process(one)).isSameAs(process(two));
        pool.softEvict(server.uri());
        McpConnection three = pool.getConnection(server.uri());
        assertThat(process(three)).isNotSameAs(process(one));
        one.close();
        two.close();
        eventually(() -> server.live.get() == 1);
        three.close();
        MemoryServer slow = legacy();
        slow.startGate = new CountDownLatch(1);
        CompletableFuture<McpConnection> waits = async(() -> pool.getConnection(slow.uri()));
        eventually(() -> slow.startAttempts.get() == 1);
        pool.softEvict(slow.uri());
        slow.startGate.countDown();
        get(waits).close();
        McpConnection later = pool.getConnection(slow.uri());
        assertThat(process(later)).isSameAs(slow.process(1));
        later.close();
    }

    @Test
    void while_the_pool_is_suspended_callers_wait_and_leases_go_on() throws Exception {
        MemoryServer server = legacy();
        McpPool pool = pool();
        McpConnection held = pool.getConnection(server.uri());
        pool.getConnection(server.uri()).close();
        pool.suspend();
        assertThatThrownBy(() -> pool.getConnection(server.uri() + "?maxWait=20ms"))
                .isInstanceOf(McpPoolExhaustedException.class)
                .hasMessageContaining("The pool is suspended");
        CompletableFuture<McpConnection> waits = async(() -> pool.getConnection(server.uri()));
        awaitWaiting(pool, server, 1);
        held.close();
        assertThat(pool.status().suspended()).isTrue();
        assertThat(pool.health().healthy()).isFalse();
        assertThat(waits).isNotDone();
        pool.resume();
        get(waits).close();
        assertThat(server.startAttempts).hasValue(2);
        assertThat(pool.health().healthy()).isTrue();
    }

    @Test
    void a_suspended_pool_can_be_closed() throws Exception {
        MemoryServer server = legacy();
        McpPool pool = pool();
        pool.suspend();
        CompletableFuture<McpConnection> waits = async(() -> pool.getConnection(server.uri()));
        awaitWaiting(pool, server, 1);
        pool.close();
        assertThat(failure(waits)).hasMessageContaining("closed");
    }

    @Test
    void a_name_that_is_not_configured_is_refused() {
        McpPool pool = build(builder().server("files", legacy().uri()));
        assertThatThrownBy(() -> pool.softEvict("fils"))
                .isInstanceOf(McpConfigurationException.class)
                .hasMessageContaining("files");
        assertThatThrownBy(() -> pool.disable("fils")).isInstanceOf(McpConfigurationException.class);
    }
}
