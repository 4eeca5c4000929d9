package io.mcpdrivers.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpPoolExhaustedException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Which connections make room for servers that wait for a place in the pool, and which are kept. */
class RoomTest extends PoolTestBase {

    @Test
    void a_borrower_that_comes_again_at_once_does_not_keep_another_server_from_its_place() throws Exception {
        MemoryServer busy = legacy();
        MemoryServer starving = legacy();
        McpPool pool = build(builder().maxTotal(1));
        McpConnection held = pool.getConnection(busy.uri());
        // Whoever looks for idle connections has to look at this one, too.
        Lending stuck = pool.directory().route(legacy().uri()).server().lending();
        stuck.addAvailable(1);
        CompletableFuture<McpConnection> starved = async(() -> pool.getConnection(starving.uri()));
        eventually(() -> pool.services().permits().isScarce());
        CountDownLatch locked = new CountDownLatch(1);
        CountDownLatch unlock = new CountDownLatch(1);
        CompletableFuture<Void> holdsLock = async(() -> {
            stuck.change(work -> {
                locked.countDown();
                awaitQuietly(unlock);
            });
            return null;
        });
        awaitQuietly(locked);
        held.close();
        assertThatThrownBy(() -> pool.getConnection(busy.uri() + "?maxWait=10ms"))
                .isInstanceOf(McpPoolExhaustedException.class);
        get(starved).close();
        assertThat(pool.services().permits().isScarce()).isFalse();
        unlock.countDown();
        get(holdsLock);
        stuck.addAvailable(-1);
    }

    @Test
    void what_comes_back_to_a_suspended_pool_is_kept_since_nobody_could_use_its_place() throws Exception {
        MemoryServer busy = legacy();
        MemoryServer starving = legacy();
        McpPool pool = build(builder().maxTotal(1));
        McpConnection held = pool.getConnection(busy.uri());
        CompletableFuture<McpConnection> starved = async(() -> pool.getConnection(starving.uri()));
        eventually(() -> pool.services().permits().isScarce());
        pool.suspend();
        held.close();
        assertThat(status(pool, busy).idle()).isEqualTo(1);
        pool.resume();
        get(starved).close();
    }

    @Test
    void a_server_for_which_enough_is_being_started_costs_no_other_its_connection() throws Exception {
        MemoryServer wanting = legacy();
        MemoryServer other = legacy();
        McpPool pool = build(builder().maxTotal(2));
        pool.getConnection(wanting.uri()).close();
        pool.softEvict(wanting.uri());
        eventually(() -> status(pool, wanting).connections() == 0);
        McpConnection held = pool.getConnection(other.uri());
        wanting.startGate = new CountDownLatch(1);
        CompletableFuture<McpConnection> first = async(() -> pool.getConnection(wanting.uri()));
        awaitWaiting(pool, wanting, 1);
        assertThatThrownBy(() -> pool.getConnection(wanting.uri() + "?maxWait=50ms"))
                .isInstanceOf(McpPoolExhaustedException.class);
        assertThat(pool.services().permits().isRoomNeeded()).isFalse();
        held.close();
        assertThat(status(pool, other).idle()).isEqualTo(1);
        wanting.startGate.countDown();
        get(first).close();
    }
}
