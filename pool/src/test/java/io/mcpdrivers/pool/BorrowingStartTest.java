package io.mcpdrivers.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.McpConnection;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a driver, or code of the application that it calls, gets that borrows while a connection is being started. */
class BorrowingStartTest extends PoolTestBase {

    @Test
    void a_start_makes_no_connection_for_those_who_borrow_on_its_thread() {
        MemoryServer alice = legacy();
        MemoryServer bob = legacy();
        McpPool pool = pool();
        pool.getConnection(bob.uri()).close();
        ServerKey alices = pool.directory().route(alice.uri()).server().key();
        ServerKey bobs = pool.directory().route(bob.uri()).server().key();
        IdleConnections idle = pool.services().idle();
        List<PooledSlot> taken = new ArrayList<>();
        alice.duringStart = () -> {
            alice.duringStart = () -> {};
            PooledSlot bobsOnly = idle.take(bobs);
            // As one would who was promised a connection that has just been lost.
            taken.add(idle.take(bobs));
            taken.add(idle.take(alices));
            idle.putBack(bobs, bobsOnly);
        };
        pool.getConnection(alice.uri()).close();
        assertThat(taken).containsExactly(null, null);
        assertThat(alice.startAttempts).hasValue(1);
        assertThat(bob.startAttempts).hasValue(1);
    }

    @Test
    void a_start_may_borrow_from_the_pool_itself() {
        MemoryServer alice = legacy();
        MemoryServer bob = legacy();
        McpPool pool = pool();
        List<MemoryServer> got = new ArrayList<>();
        alice.duringStart = () -> {
            for (int i = 0; i < 2; i++) {
                try (McpConnection lease = pool.getConnection(bob.uri())) {
                    got.add(process(lease).server);
                }
            }
        };
        try (McpConnection lease = pool.getConnection(alice.uri())) {
            got.add(process(lease).server);
        }
        assertThat(got).containsExactly(bob, bob, alice);
        assertThat(status(pool, alice).idle()).isEqualTo(1);
    }
}
