package io.mcpdrivers.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.McpAuthorizationException;
import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpConnectionException;
import io.mcpdrivers.spi.TransportException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class StartTest extends PoolTestBase {

    @Test
    void the_failure_of_a_server_that_never_worked_is_told_at_once_to_all_who_wait() throws Exception {
        MemoryServer server = legacy();
        server.startGate = new CountDownLatch(1);
        server.failingStarts.set(Integer.MAX_VALUE);
        McpPool pool = pool();
        List<CompletableFuture<McpConnection>> callers = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            callers.add(async(() -> pool.getConnection(server.uri())));
        }
        awaitWaiting(pool, server, 50);
        server.startGate.countDown();
        for (CompletableFuture<McpConnection> caller : callers) {
            assertThat(failure(caller))
                    .isInstanceOf(McpConnectionException.class)
                    .hasMessageContaining("failed as told");
        }
        assertThat(server.startAttempts).hasValue(1);
        assertThat(pool.services().permits().used()).isZero();
    }

    @Test
    void while_it_backs_off_new_callers_are_refused_with_the_reason_and_the_time() {
        MemoryServer server = legacy();
        server.failingStarts.set(1);
        McpPool pool = pool();
        assertThatThrownBy(() -> pool.getConnection(server.uri())).hasMessageContaining("failed as told");
        assertThatThrownBy(() -> pool.getConnection(server.uri()))
                .isInstanceOf(McpConnectionException.class)
                .hasMessageContaining("not tried again for 1000 ms")
                .hasMessageContaining("failed as told");
        assertThat(status(pool, server).state()).isEqualTo(ServerState.ERROR);
        assertThat(status(pool, server).lastError()).contains("failed as told");
        assertThat(server.startAttempts).hasValue(1);
        clock.advance(Duration.ofSeconds(1));
        pool.getConnection(server.uri()).close();
        assertThat(status(pool, server).state()).isEqualTo(ServerState.READY);
        assertThat(server.startAttempts).hasValue(2);
    }

    @Test
    void the_pauses_double_up_to_the_longest_and_start_over_after_a_success() {
        MemoryServer server = legacy();
        server.failingStarts.set(7);
        McpPool pool = pool();
        int attempts = 0;
        for (int seconds : new int[] {1, 2, 4, 8, 16, 30, 30}) {
            assertThatThrownBy(() -> pool.getConnection(server.uri())).hasMessageContaining("failed as told");
            assertThat(server.startAttempts).hasValue(++attempts);
            clock.advance(Duration.ofSeconds(seconds).minusMillis(1));
            assertThatThrownBy(() -> pool.getConnection(server.uri())).hasMessageContaining("not tried again for 1 ms");
            assertThat(server.startAttempts).hasValue(attempts);
            clock.advance(Duration.ofMillis(1));
        }
        McpConnection worked = pool.getConnection(server.uri());
        server.failingStarts.set(1);
        process(worked).kill();
        worked.close();
        eventually(() -> status(pool, server).connections() == 0);
        CompletableFuture<McpConnection> waits = async(() -> pool.getConnection(server.uri()));
        eventually(() -> status(pool, server).errors() == 8);
        clock.advance(Duration.ofSeconds(1));
        waits.thenAccept(McpConnection::close)
                .orTimeout(SOON.toSeconds(), TimeUnit.SECONDS)
                .join();
    }

    @Test
    void jitter_lengthens_a_pause_by_up_to_a_half() {
        Backoff none = new Backoff(() -> 1_000, () -> 30_000, () -> 0);
        Backoff most = new Backoff(() -> 1_000, () -> 30_000, () -> 1);
        none.failed(0);
        most.failed(0);
        assertThat(none.left(0)).isEqualTo(1_000);
        assertThat(most.left(0)).isEqualTo(1_500);
        for (int i = 0; i < 100; i++) {
            none.failed(0);
            most.failed(0);
        }
        assertThat(none.left(0)).isEqualTo(30_000);
        assertThat(most.left(0)).isEqualTo(45_000);
    }

    @Test
    void a_server_that_has_worked_is_tried_again_for_those_who_wait_and_new_callers_are_refused() throws Exception {
        MemoryServer server = legacy();
        McpPool pool = build(builder().set("backoff", "20ms").maxTotalPerKey(2));
        kill(pool, server);
        server.failingStarts.set(2);
        CompletableFuture<McpConnection> waits = async(() -> pool.getConnection(server.uri()));
        eventually(() -> status(pool, server).errors() == 1);
        assertThatThrownBy(() -> pool.getConnection(server.uri())).hasMessageContaining("not tried again");
        clock.advance(Duration.ofMillis(20));
        eventually(() -> status(pool, server).errors() == 2);
        clock.advance(Duration.ofMillis(40));
        get(waits).close();
        assertThat(server.startAttempts).hasValue(4);
    }

    @Test
    void starts_that_fail_beside_each_other_lengthen_the_pause_once() throws Exception {
        MemoryServer server = legacy();
        McpPool pool = build(builder().maxTotalPerKey(6));
        pool.getConnection(server.uri()).close();
        pool.softEvict(server.uri());
        eventually(() -> status(pool, server).connections() == 0);
        CountDownLatch outage = new CountDownLatch(1);
        server.startGate = outage;
        server.failingStarts.set(6);
        List<CompletableFuture<McpConnection>> callers = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            callers.add(async(() -> pool.getConnection(server.uri())));
        }
        eventually(() -> server.startAttempts.get() == 7);
        outage.countDown();
        eventually(() -> status(pool, server).errors() == 6);
        clock.advance(Duration.ofSeconds(1));
        // All of them are still there, and are served as soon as the first pause is over.
        for (CompletableFuture<McpConnection> caller : callers) {
            get(caller).close();
        }
    }

    @Test
    void after_so_many_retries_the_caller_is_told() throws Exception {
        MemoryServer server = legacy();
        McpPool pool = build(builder().set("backoff", "1ms").set("connectRetries", "3"));
        kill(pool, server);
        server.failingStarts.set(100);
        CompletableFuture<McpConnection> waits = async(() -> pool.getConnection(server.uri()));
        eventually(() -> {
            clock.advance(Duration.ofSeconds(1));
            return waits.isDone();
        });
        assertThat(failure(waits)).hasMessageContaining("failed as told");
        assertThat(server.startAttempts).hasValue(5);
    }

    @Test
    void a_caller_whose_time_ends_before_the_next_attempt_is_told_at_once() throws Exception {
        MemoryServer server = legacy();
        McpPool pool = build(builder().set("backoff", "20s").maxWait(Duration.ofSeconds(15)));
        kill(pool, server);
        server.failingStarts.set(1);
        long begun = System.nanoTime();
        assertThatThrownBy(() -> pool.getConnection(server.uri())).hasMessageContaining("failed as told");
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(10));
    }

    @Test
    void a_refused_authorization_is_told_at_once_even_if_the_server_has_worked() {
        MemoryServer server = legacy();
        McpPool pool = pool();
        kill(pool, server);
        server.failureKind = TransportException.Kind.AUTHORIZATION;
        server.failingStarts.set(1);
        assertThatThrownBy(() -> pool.getConnection(server.uri())).isInstanceOf(McpAuthorizationException.class);
        assertThatThrownBy(() -> pool.getConnection(server.uri()))
                .isInstanceOf(McpAuthorizationException.class)
                .hasMessageContaining("not tried again");
    }

    @Test
    void callers_wait_for_connections_in_use_although_another_cannot_be_started() throws Exception {
        MemoryServer server = legacy();
        McpPool pool = pool();
        McpConnection held = pool.getConnection(server.uri());
        server.failingStarts.set(100);
        CompletableFuture<McpConnection> waits = async(() -> pool.getConnection(server.uri()));
        eventually(() -> status(pool, server).errors() == 1);
        CompletableFuture<McpConnection> later = async(() -> pool.getConnection(server.uri()));
        awaitWaiting(pool, server, 2);
        held.close();
        get(waits).close();
        get(later).close();
    }

    @Test
    void slow_hanging_failing_and_slowly_closing_servers_cost_a_healthy_one_nothing() throws Exception {
        MemoryServer slow = legacy();
        MemoryServer hanging = legacy();
        MemoryServer failing = legacy();
        MemoryServer closing = legacy();
        MemoryServer healthy = legacy();
        McpPool pool =
                build(builder().maxTotal(50).set("validationTimeout", "2s").set("backoff", "0"));
        pool.getConnection(healthy.uri()).close();
        pool.getConnection(hanging.uri()).close();
        slow.startGate = new CountDownLatch(1);
        hanging.silentPing = true;
        failing.failingStarts.set(Integer.MAX_VALUE);
        closing.closeGate = new CountDownLatch(1);
        AtomicBoolean stop = new AtomicBoolean();
        List<CompletableFuture<Void>> crowd = new ArrayList<>();
        for (MemoryServer server : List.of(slow, hanging, failing, closing)) {
            for (int i = 0; i < 4; i++) {
                crowd.add(async(() -> {
                    while (!stop.get()) {
                        try (McpConnection c = pool.getConnection(server.uri() + "?maxWait=2s&maxUses=1")) {
                            c.isClosed();
                        } catch (RuntimeException e) {
                            Thread.onSpinWait();
                        }
                        TimeUnit.MILLISECONDS.sleep(1);
                    }
                    return null;
                }));
            }
        }
        long[] nanos = new long[300];
        for (int i = 0; i < nanos.length; i++) {
            clock.advance(Duration.ofMillis(1));
            long begun = System.nanoTime();
            pool.getConnection(healthy.uri()).close();
            nanos[i] = System.nanoTime() - begun;
            TimeUnit.MILLISECONDS.sleep(1);
        }
        stop.set(true);
        java.util.Arrays.sort(nanos);
        // Those who want the others wait for 2 s.
        assertThat(Duration.ofNanos(nanos[nanos.length / 2])).isLessThan(Duration.ofSeconds(1));
        assertThat(healthy.startAttempts).hasValue(1);
        slow.release();
        closing.release();
        for (CompletableFuture<Void> one : crowd) {
            get(one);
        }
    }

    @Test
    void one_hundred_starts_that_hang_in_the_handshake_leave_nothing_behind() throws Exception {
        MemoryServer server = legacy();
        server.silentHandshake = true;
        McpPool pool = build(builder().set("backoff", "0"));
        for (int i = 0; i < 100; i++) {
            assertThatThrownBy(() -> pool.getConnection(server.uri() + "?protocol=2025-11-25&connectTimeout=5ms"))
                    .isInstanceOf(McpConnectionException.class);
        }
        assertThat(server.startAttempts).hasValue(100);
        eventually(() -> server.live.get() == 0);
        eventually(() -> pool.services().permits().used() == 0);
        server.silentHandshake = false;
        pool.getConnection(server.uri() + "?protocol=2025-11-25&user=x").close();
    }

    /** Has the server work once and then lose its only connection. */
    private static void kill(McpPool pool, MemoryServer server) {
        McpConnection worked = pool.getConnection(server.uri());
        process(worked).kill();
        worked.close();
        eventually(() -> status(pool, server).connections() == 0);
    }
}
