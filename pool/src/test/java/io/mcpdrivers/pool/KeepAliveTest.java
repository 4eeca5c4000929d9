package io.mcpdrivers.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.McpConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

/** Connections that are asked whether they are alive, when there are many. */
class KeepAliveTest extends PoolTestBase {

    private static final int MANY = KeepAlive.MOST_AT_ONCE + 8;

    private McpPool silentPool(MemoryServer server) {
        McpPool pool = build(builder()
                .set("keepalive", "1m")
                .set("idleTimeout", "0")
                .set("maxAge", "0")
                .set("validationTimeout", "1h")
                .maxTotalPerKey(MANY));
        List<McpConnection> leases = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            leases.add(pool.getConnection(server.uri()));
        }
        leases.forEach(McpConnection::close);
        clock.advance(Duration.ofMinutes(2));
        return pool;
    }

    @Test
    void only_so_many_connections_are_asked_at_once_and_in_the_end_all() {
        MemoryServer server = legacy();
        McpPool pool = silentPool(server);
        server.silentPing = true;
        pool.tend();
        eventually(() -> server.pings.get() == KeepAlive.MOST_AT_ONCE);
        // Those that were asked have not answered, so there is nobody to ask the others.
        pool.tend();
        assertThat(server.pings).hasValue(KeepAlive.MOST_AT_ONCE);
        server.silentPing = false;
        server.processes.forEach(MemoryProcess::kill);
        eventually(() -> server.live.get() == 0);
        eventually(() -> {
            pool.tend();
            return status(pool, server).connections() == 0;
        });
        assertThat(status(pool, server).leases()).isZero();
    }

    @Test
    void connections_that_cannot_be_asked_are_asked_the_next_time() {
        MemoryServer server = legacy();
        McpPool pool = silentPool(server);
        ServerPool used = pool.directory().servers().iterator().next();
        List<Runnable> tasks = new ArrayList<>();
        boolean[] full = {true};
        KeepAlive keepAlive = new KeepAlive(
                task -> {
                    if (full[0]) {
                        throw new RejectedExecutionException("no thread can be made");
                    }
                    tasks.add(task);
                },
                pool.services()::now);
        keepAlive.look(used);
        keepAlive.begin();
        assertThat(server.pings).hasValue(0);
        full[0] = false;
        keepAlive.look(used);
        keepAlive.begin();
        assertThat(tasks).hasSize(KeepAlive.MOST_AT_ONCE);
        tasks.forEach(Runnable::run);
        assertThat(server.pings).hasValue(MANY);
        assertThat(status(pool, server).idle()).isEqualTo(MANY);
    }

    @Test
    void a_connection_that_was_used_meanwhile_is_not_asked() {
        MemoryServer server = legacy();
        McpPool pool = silentPool(server);
        ServerPool used = pool.directory().servers().iterator().next();
        List<Runnable> tasks = new ArrayList<>();
        KeepAlive keepAlive = new KeepAlive(tasks::add, pool.services()::now);
        keepAlive.look(used);
        keepAlive.begin();
        McpConnection lease = pool.getConnection(server.uri());
        server.pings.set(0);
        tasks.forEach(Runnable::run);
        assertThat(server.pings).hasValue(MANY - 1);
        lease.close();
    }
}
