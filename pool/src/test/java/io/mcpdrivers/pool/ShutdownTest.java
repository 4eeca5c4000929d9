package io.mcpdrivers.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpException;
import io.mcpdrivers.McpPoolClosedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class ShutdownTest extends PoolTestBase {

    @Test
    void it_waits_for_leases_that_are_out_and_closes_them_as_they_come_back() throws Exception {
        MemoryServer server = legacy();
        McpPool pool = build(builder().shutdownTimeout(Duration.ofSeconds(20)));
        McpConnection lease = pool.getConnection(server.uri());
        pool.getConnection(server.uri()).close();
        CompletableFuture<Void> closing = async(() -> {
            pool.close();
            return null;
        });
        eventually(() -> server.live.get() == 1);
        assertThatThrownBy(() -> pool.getConnection(server.uri()))
                .isInstanceOf(McpPoolClosedException.class)
                .hasMessageContaining(server.name);
        assertThat(lease.callTool("echo", Map.of("message", "still here")).text())
                .isEqualTo("still here");
        assertThat(closing).isNotDone();
        lease.close();
        get(closing);
        assertThat(server.live).hasValue(0);
        assertThat(status(pool, server).state()).isEqualTo(ServerState.SHUTDOWN);
        assertThat(pool.status().closed()).isTrue();
    }

    @Test
    void leases_that_do_not_come_back_in_time_are_ended() {
        MemoryServer server = legacy();
        MemoryServer shared = modern();
        McpPool pool = pool();
        McpConnection lease = pool.getConnection(server.uri());
        McpConnection other = pool.getConnection(shared.uri());
        pool.close();
        assertThat(server.live).hasValue(0);
        assertThat(shared.live).hasValue(0);
        assertThatThrownBy(() -> lease.callTool("echo", Map.of())).isInstanceOf(McpException.class);
        lease.close();
        other.close();
        assertThat(pool.services().permits().used()).isZero();
    }

    @Test
    void those_who_wait_are_turned_away_and_starts_are_given_up() throws Exception {
        MemoryServer full = legacy();
        MemoryServer slow = legacy();
        slow.startGate = new CountDownLatch(1);
        McpPool pool = build(builder().maxTotalPerKey(1));
        McpConnection held = pool.getConnection(full.uri());
        CompletableFuture<McpConnection> waiting = async(() -> pool.getConnection(full.uri()));
        CompletableFuture<McpConnection> starting = async(() -> pool.getConnection(slow.uri()));
        awaitWaiting(pool, full, 1);
        eventually(() -> slow.startAttempts.get() == 1);
        pool.close();
        assertThat(failure(waiting)).isInstanceOf(McpPoolClosedException.class);
        assertThat(failure(starting)).isInstanceOf(McpPoolClosedException.class);
        assertThat(status(pool, slow).starting()).isZero();
        held.close();
    }

    @Test
    void connections_are_closed_at_the_same_time() throws Exception {
        List<MemoryServer> servers = new ArrayList<>();
        McpPool pool = pool();
        for (int i = 0; i < 8; i++) {
            MemoryServer server = legacy();
            server.closeGate = new CountDownLatch(1);
            servers.add(server);
            pool.getConnection(server.uri()).close();
        }
        CompletableFuture<Void> closing = async(() -> {
            pool.close();
            return null;
        });
        eventually(() -> servers.stream().noneMatch(server -> server.process(0).isOpen()));
        servers.forEach(MemoryServer::release);
        get(closing);
    }

    @Test
    void a_second_close_waits_for_the_first_and_an_interrupt_is_kept() throws Exception {
        MemoryServer server = legacy();
        server.closeGate = new CountDownLatch(1);
        McpPool pool = pool();
        pool.getConnection(server.uri()).close();
        CompletableFuture<Boolean> first = async(() -> {
            Thread.currentThread().interrupt();
            pool.close();
            return Thread.interrupted();
        });
        eventually(() -> !server.process(0).isOpen());
        CompletableFuture<Void> second = async(() -> {
            pool.close();
            return null;
        });
        assertThat(first).isNotDone();
        assertThat(second).isNotDone();
        server.release();
        assertThat(get(first)).isTrue();
        get(second);
    }
}
