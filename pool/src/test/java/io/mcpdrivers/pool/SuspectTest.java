package io.mcpdrivers.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.CallOptions;
import io.mcpdrivers.ConnectionOptions;
import io.mcpdrivers.ElicitationResult;
import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpTimeoutException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Connections on which a call was lost, or never answered, and which others use. */
class SuspectTest extends PoolTestBase {

    private static final Map<String, String> NOTHING = Map.of();

    private static String call(McpConnection lease, String tool) {
        return lease.callTool(tool, NOTHING).text();
    }

    @Test
    void a_call_that_asks_the_user_outlives_the_repetition_of_another_call_of_its_lease() throws Exception {
        MemoryServer server = modern();
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch answered = new CountDownLatch(1);
        AtomicBoolean interrupted = new AtomicBoolean();
        ConnectionOptions options = ConnectionOptions.defaults().withElicitation(question -> {
            asked.countDown();
            try {
                answered.await();
            } catch (InterruptedException e) {
                interrupted.set(true);
            }
            return ElicitationResult.accept(Map.of());
        });
        McpPool pool = build(builder().server("files", server.uri(), options));
        try (McpConnection lease = pool.getConnection("files")) {
            CompletableFuture<String> asks = async(() -> call(lease, "ask"));
            awaitQuietly(asked);
            // It is lost alone, and made once more on another connection.
            assertThat(call(lease, "decline")).isEqualTo("taken");
            assertThat(server.processes).hasSize(2);
            // Others of the lease come and go meanwhile.
            call(lease, "echo");
            assertThat(server.process(0).isOpen()).isTrue();
            answered.countDown();
            assertThat(get(asks)).isEqualTo("thanks");
            assertThat(interrupted).isFalse();
            // Nothing is on the first any more.
            eventually(() -> server.live.get() == 1);
            assertThat(server.process(0).isOpen()).isFalse();
        }
    }

    @Test
    void another_lease_keeps_what_this_one_has_left_whatever_it_does_meanwhile() throws Exception {
        for (int round = 0; round < 30; round++) {
            MemoryServer server = modern();
            server.holdGate = new CountDownLatch(1);
            McpPool pool = build(builder());
            AtomicBoolean end = new AtomicBoolean();
            try (McpConnection mine = pool.getConnection(server.uri());
                    McpConnection other = pool.getConnection(server.uri())) {
                assertThat(process(other)).isSameAs(process(mine));
                CompletableFuture<String> held = async(() -> call(other, "hold"));
                CompletableFuture<Void> busy = async(() -> {
                    while (!end.get()) {
                        mine.metadata();
                    }
                    return null;
                });
                assertThat(call(mine, "decline")).isEqualTo("taken");
                end.set(true);
                get(busy);
                server.holdGate.countDown();
                assertThat(get(held)).isEqualTo("held");
            }
            pool.close();
        }
    }

    @Test
    void what_was_left_is_given_back_when_its_own_calls_have_ended_whatever_the_others_do() throws Exception {
        MemoryServer server = legacy();
        CountDownLatch first = server.holdGate = new CountDownLatch(1);
        McpPool pool = pool();
        try (McpConnection lease = pool.getConnection(server.uri())) {
            CompletableFuture<String> onFirst = async(() -> call(lease, "hold"));
            eventually(() -> server.executed.get() == 1);
            assertThat(call(lease, "decline")).isEqualTo("taken");
            CountDownLatch second = server.holdGate = new CountDownLatch(1);
            CompletableFuture<String> onSecond = async(() -> call(lease, "hold"));
            eventually(() -> server.executed.get() == 2);
            server.declined.set(0);
            assertThat(call(lease, "decline")).isEqualTo("taken");
            server.holdGate = new CountDownLatch(1);
            CompletableFuture<String> onThird = async(() -> call(lease, "hold"));
            eventually(() -> server.executed.get() == 3);
            assertThat(server.live).hasValue(3);
            second.countDown();
            assertThat(get(onSecond)).isEqualTo("held");
            eventually(() -> !server.process(1).isOpen());
            assertThat(server.process(0).isOpen()).isTrue();
            first.countDown();
            assertThat(get(onFirst)).isEqualTo("held");
            eventually(() -> !server.process(0).isOpen());
            server.holdGate.countDown();
            assertThat(get(onThird)).isEqualTo("held");
            assertThat(server.process(2).isOpen()).isTrue();
        }
        eventually(() -> pool.status().connections() == 1);
    }

    @Test
    void two_calls_that_are_lost_alone_do_not_keep_the_only_place_from_each_other() throws Exception {
        MemoryServer server = modern();
        McpPool pool = build(builder().maxTotalPerKey(1).server("files", server.uri(), Map.of("streams", "1")));
        try (McpConnection lease = pool.getConnection("files")) {
            server.holdGate = new CountDownLatch(1);
            CompletableFuture<String> held = async(() -> call(lease, "hold"));
            eventually(() -> server.executed.get() == 1);
            CompletableFuture<String> lost = async(() -> call(lease, "decline"));
            eventually(() -> server.declined.get() == 1);
            // As long as the other one is under way, nothing else can be started.
            assertThat(server.process(0).isOpen()).isTrue();
            server.holdGate.countDown();
            assertThat(get(held)).isEqualTo("held");
            assertThat(get(lost)).isEqualTo("taken");
            assertThat(server.mostLive).hasValue(1);
        }
    }

    @Test
    void one_with_unanswered_requests_is_lent_if_there_is_no_other_and_somebody_holds_it() {
        MemoryServer server = modern();
        McpPool pool = build(builder().maxTotalPerKey(1).set("maxAbandoned", "1"));
        try (McpConnection held = pool.getConnection(server.uri())) {
            try (McpConnection other = pool.getConnection(server.uri())) {
                CallOptions shortly = CallOptions.timeout(Duration.ofMillis(20));
                assertThatThrownBy(() -> other.callTool("silence", NOTHING, shortly))
                        .isInstanceOf(McpTimeoutException.class);
            }
            try (McpConnection third = pool.getConnection(server.uri())) {
                assertThat(process(third)).isSameAs(process(held));
            }
            call(held, "echo");
        }
        try (McpConnection fresh = pool.getConnection(server.uri())) {
            assertThat(process(fresh)).isSameAs(server.process(1));
        }
        assertThat(server.mostLive).hasValue(1);
    }

    @Test
    void one_that_has_lost_a_call_is_lent_if_there_is_no_other_and_somebody_holds_it() {
        MemoryServer server = modern();
        McpPool pool = build(builder().maxTotalPerKey(1));
        try (McpConnection held = pool.getConnection(server.uri())) {
            try (McpConnection other = pool.getConnection(server.uri())) {
                assertThat(call(other, "decline")).isEqualTo("taken");
                server.declined.set(0);
                assertThat(call(other, "decline")).as("once more").isEqualTo("taken");
                assertThat(process(other)).isSameAs(process(held));
            }
            try (McpConnection third = pool.getConnection(server.uri())) {
                assertThat(process(third)).isSameAs(process(held));
            }
            assertThat(pool.status().leases()).isEqualTo(1);
        }
        try (McpConnection fresh = pool.getConnection(server.uri())) {
            assertThat(process(fresh)).isSameAs(server.process(1));
        }
        assertThat(server.mostLive).hasValue(1);
    }

    @Test
    void one_that_has_lost_a_call_is_avoided_while_there_are_others_and_leaves_with_its_last_lease() {
        MemoryServer server = modern();
        McpPool pool = pool();
        try (McpConnection held = pool.getConnection(server.uri())) {
            try (McpConnection other = pool.getConnection(server.uri())) {
                assertThat(call(other, "decline")).isEqualTo("taken");
                assertThat(process(other)).isSameAs(server.process(1));
                try (McpConnection third = pool.getConnection(server.uri())) {
                    assertThat(process(third)).isSameAs(server.process(1));
                }
            }
            assertThat(process(held)).isSameAs(server.process(0));
            call(held, "echo");
        }
        eventually(() -> server.live.get() == 1);
        assertThat(server.process(0).isOpen()).isFalse();
    }

    @Test
    void none_is_put_back_while_it_is_taken_out_of_the_pool() {
        MemoryServer server = legacy();
        McpPool pool = pool();
        ServerPool files = pool.directory().route(server.uri()).server();
        PooledSlot slot = files.borrowing().borrow(SOON.toNanos());
        assertThat(slot).isNotNull();
        Thread returning = new Thread(() -> files.returns().release(slot), "test-returning");
        // Commons Pool holds it while it takes one out.
        synchronized (slot) {
            returning.start();
            eventually(() -> returning.getState() == Thread.State.BLOCKED);
        }
        eventually(() -> files.lending().available() == 1);
    }
}
