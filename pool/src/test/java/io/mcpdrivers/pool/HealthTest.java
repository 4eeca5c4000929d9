package io.mcpdrivers.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.McpAuthorizationException;
import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpConnectionException;
import io.mcpdrivers.spi.TransportException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** What is told to health checks, and that asking for it lets a server recover. */
class HealthTest extends PoolTestBase {

    private static final Duration LONGER_THAN_ANY_PAUSE = Duration.ofMinutes(1);

    private final MemoryServer server = legacy();

    private static void assertUnhealthy(McpPool pool) {
        PoolHealth health = pool.health();
        assertThat(health.healthy()).isFalse();
        assertThat(health.servers().values())
                .filteredOn(each -> !each.healthy())
                .singleElement()
                .satisfies(each -> {
                    assertThat(each.state()).isEqualTo(ServerState.ERROR);
                    assertThat(each.reason()).contains("failed as told");
                });
    }

    /** A pool in which the first start of the server has failed. */
    private McpPool failed(PoolBuilder builder) {
        McpPool pool = build(builder.server("failed", server.uri()));
        server.failingStarts.set(1);
        assertThatThrownBy(() -> pool.getConnection("failed")).isInstanceOf(McpConnectionException.class);
        return pool;
    }

    private static ServerStatus status(McpPool pool) {
        return pool.status().servers().get("failed");
    }

    @Test
    void whoever_asks_again_and_again_is_told_of_a_recovery_though_nobody_borrows() {
        McpPool pool = failed(builder());
        assertUnhealthy(pool);
        assertThat(server.startAttempts).as("within the pause").hasValue(1);
        clock.advance(LONGER_THAN_ANY_PAUSE);
        // What comes of it is not known yet.
        assertUnhealthy(pool);
        eventually(() -> pool.health().healthy());
        assertThat(server.startAttempts).hasValue(2);
        assertThat(status(pool).idle()).isEqualTo(1);
        pool.getConnection("failed").close();
        assertThat(server.startAttempts).hasValue(2);
    }

    @Test
    void a_server_that_goes_on_failing_is_tried_once_for_each_pause() {
        McpPool pool = failed(builder());
        for (int failures = 1; failures < 5; failures++) {
            assertUnhealthy(pool);
            assertUnhealthy(pool);
            assertThat(status(pool).starting()).isZero();
            assertThat(server.startAttempts).hasValue(failures);
            server.failingStarts.set(1);
            clock.advance(LONGER_THAN_ANY_PAUSE);
            assertUnhealthy(pool);
            long expected = failures + 1;
            eventually(() -> status(pool).errors() == expected);
        }
    }

    @Test
    void one_start_is_under_way_however_often_somebody_asks() {
        McpPool pool = failed(builder());
        clock.advance(LONGER_THAN_ANY_PAUSE);
        server.startGate = new CountDownLatch(1);
        for (int i = 0; i < 10; i++) {
            assertUnhealthy(pool);
        }
        assertThat(status(pool).starting()).isEqualTo(1);
        server.startGate.countDown();
        eventually(() -> pool.health().healthy());
        assertThat(server.startAttempts).hasValue(2);
    }

    @Test
    void what_may_not_be_used_is_not_started() {
        MemoryServer unasked = legacy();
        McpPool pool = failed(builder().server("unasked", unasked.uri()));
        clock.advance(LONGER_THAN_ANY_PAUSE);
        pool.disable("failed");
        assertThat(pool.health().healthy()).isTrue();
        pool.enable("failed");
        pool.suspend();
        assertUnhealthy(pool);
        pool.close();
        assertThat(pool.health().servers().get("failed").reason()).isEqualTo("the pool was closed");
        assertThat(server.startAttempts).hasValue(1);
        assertThat(unasked.startAttempts).hasValue(0);
    }

    @Test
    void no_other_server_loses_its_place_to_it() {
        MemoryServer other = legacy();
        McpPool pool = failed(builder().maxTotal(1).server("other", other.uri(), Map.of("minIdle", "0")));
        McpConnection lease = pool.getConnection("other");
        clock.advance(LONGER_THAN_ANY_PAUSE);
        assertUnhealthy(pool);
        lease.close();
        assertUnhealthy(pool);
        assertThat(status(pool).starting()).isZero();
        assertThat(pool.status().servers().get("other").idle()).isEqualTo(1);
        assertThat(server.startAttempts).hasValue(1);
    }

    @Test
    void servers_of_one_name_are_told_apart_in_status_and_health_alike() {
        McpPool pool = build(builder().server("m", server.uri()));
        pool.getConnection("m").close();
        for (String user : new String[] {"x", "y", "z"}) {
            pool.getConnection(server.uri() + "?name=m&user=" + user).close();
        }
        Map<String, ServerStatus> status = pool.status().servers();
        assertThat(status).hasSize(4).containsKey("m");
        assertThat(status.keySet()).allMatch(name -> name.matches("m(#[0-9a-f]{8})?"));
        status.forEach((name, each) -> assertThat(each.name()).isEqualTo(name));
        Map<String, ServerHealth> health = pool.health().servers();
        assertThat(health).containsOnlyKeys(status.keySet());
        health.forEach((name, each) -> assertThat(each.name()).isEqualTo(name));
    }

    @Test
    void an_entry_that_can_be_used_in_no_case_is_an_error_from_the_beginning() {
        McpPool pool = build(builder().server("failed", server.uri(), Map.of("idelTimeout", "1m")));
        assertThat(status(pool).state()).isEqualTo(ServerState.ERROR);
        assertThat(status(pool).errors()).isEqualTo(1);
        assertThat(pool.health().servers().get("failed").reason()).contains("'idelTimeout'", "'idleTimeout'");
    }

    @Test
    void an_entry_that_lacks_something_is_an_error_from_when_it_was_wanted_until_it_works() throws Exception {
        Map<String, String> environment = new ConcurrentHashMap<>();
        McpPool pool =
                build(builder().environment(environment::get).server("failed", server.uri(), Map.of("user", "${WHO}")));
        assertThat(pool.health().healthy()).isTrue();
        assertThat(pool.warmUp())
                .singleElement()
                .satisfies(each -> assertThat(each.isReady()).isFalse());
        assertThat(status(pool).state()).isEqualTo(ServerState.ERROR);
        assertThat(status(pool).lastError()).contains("'${WHO}'", "is not set");
        assertThat(pool.health().servers().get("failed").reason()).contains("'${WHO}'");
        assertThat(pool.reload().isUnchanged()).isTrue();
        assertThat(pool.health().healthy())
                .as("after a reload that changed nothing")
                .isFalse();
        environment.put("WHO", "a");
        pool.getConnection("failed").close();
        assertThat(status(pool).state()).isEqualTo(ServerState.READY);
        environment.clear();
        assertThatThrownBy(() -> pool.getConnection("failed")).hasMessageContaining("is not set");
        assertThat(pool.health().healthy()).isFalse();
        environment.put("WHO", "a");
        eventually(() -> pool.health().healthy());
        assertThat(status(pool).state()).isEqualTo(ServerState.READY);
    }

    private void failsByUri(McpPool pool, String uri) {
        server.failingStarts.set(Integer.MAX_VALUE);
        assertThatThrownBy(() -> pool.getConnection(uri)).isInstanceOf(McpConnectionException.class);
        assertUnhealthy(pool);
    }

    @Test
    void a_uri_that_leads_nowhere_is_not_tried_again_and_is_forgotten() {
        McpPool pool = pool();
        failsByUri(pool, server.uri());
        for (int minute = 0; minute < 10; minute++) {
            pool.tend();
            assertUnhealthy(pool);
            clock.advance(Duration.ofMinutes(1));
        }
        pool.tend();
        assertThat(pool.health().servers()).isEmpty();
        assertThat(pool.health().healthy()).isTrue();
        assertThat(server.startAttempts).hasValue(1);
    }

    @Test
    void a_uri_that_leads_nowhere_is_forgotten_though_connections_are_to_be_kept_warm() {
        McpPool pool = pool();
        failsByUri(pool, server.uri() + "?minIdle=1");
        for (int minute = 1; minute < 10; minute++) {
            clock.advance(Duration.ofMinutes(1));
            pool.tend();
            long expected = minute + 1;
            eventually(() -> status(pool, server).errors() == expected
                    && status(pool, server).connections() == 0);
        }
        clock.advance(Duration.ofMinutes(1));
        pool.tend();
        assertThat(pool.health().servers()).isEmpty();
        assertThat(server.startAttempts).hasValue(10);
    }

    @Test
    void a_configured_server_with_parameters_of_a_caller_is_tried_no_more_than_a_uri() {
        McpPool pool = build(builder().server("failed", server.uri()));
        failsByUri(pool, "mcp:server:failed?user=nobody");
        clock.advance(LONGER_THAN_ANY_PAUSE);
        assertUnhealthy(pool);
        assertThat(status(pool).starting()).isZero();
        clock.advance(Duration.ofMinutes(10));
        pool.tend();
        assertThat(pool.health().healthy()).isTrue();
        assertThat(server.startAttempts).hasValue(1);
    }

    @Test
    void a_configured_server_is_not_called_healthy_however_long_it_fails() {
        McpPool pool = failed(builder());
        server.failingStarts.set(Integer.MAX_VALUE);
        for (int minute = 1; minute < 15; minute++) {
            clock.advance(Duration.ofMinutes(1));
            pool.tend();
            assertUnhealthy(pool);
            long expected = minute + 1;
            eventually(() -> status(pool).errors() == expected && status(pool).connections() == 0);
        }
        server.failingStarts.set(0);
        clock.advance(Duration.ofMinutes(1));
        eventually(() -> pool.health().healthy());
    }

    @Test
    void a_configured_server_that_is_to_be_kept_warm_is_not_called_healthy_whatever_it_fails_for() {
        server.failureKind = TransportException.Kind.AUTHORIZATION;
        server.failingStarts.set(Integer.MAX_VALUE);
        McpPool pool = build(builder().server("failed", server.uri(), Map.of("minIdle", "1")));
        eventually(() -> status(pool).errors() == 1 && status(pool).connections() == 0);
        for (int minute = 1; minute < 15; minute++) {
            clock.advance(Duration.ofMinutes(1));
            pool.tend();
            assertUnhealthy(pool);
            long expected = minute + 1;
            eventually(() -> status(pool).errors() == expected && status(pool).connections() == 0);
        }
    }

    @Test
    void one_that_was_forgotten_and_fails_when_it_is_used_again_is_tried_again() {
        McpPool pool = build(builder().server("failed", server.uri()));
        McpConnection lease = pool.getConnection("failed");
        process(lease).kill();
        eventually(() -> status(pool).connections() == 0);
        clock.advance(Duration.ofMinutes(10));
        pool.tend();
        server.failingStarts.set(1);
        // The lease needs nobody to look the name up.
        assertThatThrownBy(() -> lease.callTool("echo", Map.of("message", "again")));
        assertUnhealthy(pool);
        clock.advance(LONGER_THAN_ANY_PAUSE);
        eventually(() -> pool.health().healthy());
        assertThat(server.startAttempts).hasValue(3);
        lease.close();
    }

    @Test
    void what_another_attempt_does_not_mend_is_left_to_whoever_asks_for_it() {
        server.failureKind = TransportException.Kind.AUTHORIZATION;
        McpPool pool = build(builder().server("failed", server.uri()));
        server.failingStarts.set(1);
        assertThatThrownBy(() -> pool.getConnection("failed")).isInstanceOf(McpAuthorizationException.class);
        clock.advance(LONGER_THAN_ANY_PAUSE);
        assertUnhealthy(pool);
        assertThat(status(pool).starting()).isZero();
        assertThat(server.startAttempts).hasValue(1);
        pool.warmUp();
        assertThat(pool.health().healthy()).isTrue();
        assertThat(server.startAttempts).hasValue(2);
    }
}
