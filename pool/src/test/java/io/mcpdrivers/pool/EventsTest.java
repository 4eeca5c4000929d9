package io.mcpdrivers.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.McpConnection;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class EventsTest extends PoolTestBase {

    private final List<PoolEvent> events = new CopyOnWriteArrayList<>();
    private final ConcurrentLinkedQueue<Thread> threads = new ConcurrentLinkedQueue<>();

    /** A failure without a stack trace, to keep the log short. */
    private static final class QuietFailure extends RuntimeException {
        private static final long serialVersionUID = 1L;

        QuietFailure() {
            super("as told", null, false, false);
        }
    }

    private PoolBuilder listening() {
        return builder().listener(event -> {
            threads.add(Thread.currentThread());
            events.add(event);
        });
    }

    private List<PoolEvent> of(PoolEvent.Type type) {
        return events.stream().filter(event -> event.type() == type).toList();
    }

    private EvictionReason evicted(int index) {
        eventually(() -> of(PoolEvent.Type.EVICTED).size() > index);
        return of(PoolEvent.Type.EVICTED).get(index).reason();
    }

    @Test
    void the_life_of_a_connection_is_told_on_a_thread_of_the_pool() {
        MemoryServer server = legacy();
        McpPool pool = build(listening());
        McpConnection lease = pool.getConnection(server.uri());
        clock.advance(Duration.ofSeconds(7));
        lease.close();
        clock.advance(Duration.ofMinutes(5));
        pool.tend();
        eventually(() -> events.size() == 4);
        assertThat(events)
                .extracting(PoolEvent::type)
                .containsExactlyInAnyOrder(
                        PoolEvent.Type.CREATED,
                        PoolEvent.Type.BORROWED,
                        PoolEvent.Type.RETURNED,
                        PoolEvent.Type.EVICTED);
        assertThat(events).extracting(PoolEvent::server).containsOnly(server.name);
        assertThat(of(PoolEvent.Type.RETURNED).get(0).duration()).isEqualTo(Duration.ofSeconds(7));
        assertThat(of(PoolEvent.Type.EVICTED).get(0).reason()).isEqualTo(EvictionReason.IDLE);
        assertThat(of(PoolEvent.Type.EVICTED).get(0).duration())
                .isEqualTo(Duration.ofMinutes(5).plusSeconds(7));
        assertThat(threads).allMatch(thread -> thread.getName().startsWith("mcp-pool-task"));
    }

    @Test
    void each_eviction_tells_its_reason() throws Exception {
        MemoryServer server = legacy();
        String uri = server.uri() + "?maxUses=3&maxAge=10m&maxIdle=1&maxAbandoned=1&validationTimeout=20ms";
        McpPool pool = build(listening().maxTotal(2));
        McpConnection lost = pool.getConnection(uri);
        process(lost).kill();
        lost.close();
        assertThat(evicted(0)).isEqualTo(EvictionReason.LOST);
        for (int i = 0; i < 3; i++) {
            pool.getConnection(uri).close();
        }
        assertThat(evicted(1)).isEqualTo(EvictionReason.USES);
        McpConnection old = pool.getConnection(uri);
        clock.advance(Duration.ofMinutes(11));
        old.close();
        assertThat(evicted(2)).isEqualTo(EvictionReason.AGE);
        McpConnection kept = pool.getConnection(uri);
        McpConnection excess = pool.getConnection(uri);
        kept.close();
        excess.close();
        assertThat(evicted(3)).isEqualTo(EvictionReason.EXCESS);
        pool.softEvict(uri);
        assertThat(evicted(4)).isEqualTo(EvictionReason.ASKED);
        McpConnection silent = pool.getConnection(uri);
        assertThatThrownBy(() ->
                        silent.callTool("silence", null, io.mcpdrivers.CallOptions.timeout(Duration.ofMillis(10))))
                .isInstanceOf(io.mcpdrivers.McpTimeoutException.class);
        silent.close();
        assertThat(evicted(5)).isEqualTo(EvictionReason.ABANDONED);
        pool.getConnection(uri).close();
        clock.advance(Duration.ofMinutes(1));
        server.silentPing = true;
        pool.getConnection(uri).close();
        server.silentPing = false;
        assertThat(evicted(6)).isEqualTo(EvictionReason.INVALID);
        MemoryServer second = legacy();
        MemoryServer third = legacy();
        pool.getConnection(second.uri()).close();
        clock.advance(Duration.ofSeconds(1));
        pool.getConnection(third.uri()).close();
        assertThat(evicted(7)).isEqualTo(EvictionReason.ROOM);
        pool.disable(third.uri());
        assertThat(evicted(8)).isEqualTo(EvictionReason.WITHDRAWN);
        pool.close();
        assertThat(evicted(9)).isEqualTo(EvictionReason.CLOSED);
    }

    @Test
    void failed_starts_are_told_with_the_message() {
        MemoryServer server = legacy();
        server.failingStarts.set(1);
        McpPool pool = build(listening());
        assertThatThrownBy(() -> pool.getConnection(server.uri())).hasMessageContaining("failed as told");
        eventually(() -> of(PoolEvent.Type.FAILED).size() == 1);
        assertThat(of(PoolEvent.Type.FAILED).get(0).message()).contains("failed as told");
    }

    @Test
    void a_listener_that_is_slow_or_fails_costs_nobody_anything_but_events() throws Exception {
        MemoryServer server = legacy();
        CountDownLatch told = new CountDownLatch(1);
        CountDownLatch gate = new CountDownLatch(1);
        McpPool pool = build(builder()
                .listener(event -> {
                    told.countDown();
                    awaitQuietly(gate);
                    throw new QuietFailure();
                })
                .listener(events::add));
        pool.getConnection(server.uri()).close();
        awaitQuietly(told);
        CompletableFuture<Void> borrows = async(() -> {
            for (int i = 0; i < PoolEvents.MOST_WAITING; i++) {
                pool.getConnection(server.uri()).close();
            }
            return null;
        });
        get(borrows);
        assertThat(events).isEmpty();
        gate.countDown();
        // One was with the listener, and as many as fit were waiting; the rest is lost.
        eventually(() -> events.size() == PoolEvents.MOST_WAITING + 1);
    }

    @Test
    void without_a_listener_and_a_leak_threshold_nothing_is_noted_of_a_lease() {
        MemoryServer server = legacy();
        McpPool pool = pool();
        pool.getConnection(server.uri()).close();
        ServerPool found = pool.directory().route(server.uri()).server();
        assertThat(pool.services().record(found)).isNull();
    }

    @Test
    void a_lease_that_comes_back_while_it_is_looked_at_is_not_told_of() {
        MemoryServer server = legacy();
        McpPool pool = build(listening().set("leakThreshold", "10s"));
        LeaseRecord record =
                pool.services().record(pool.directory().route(server.uri()).server());
        clock.advance(Duration.ofSeconds(10));
        record.returned();
        assertThat(record.reportIfLate(clock.now())).isFalse();
        assertThat(of(PoolEvent.Type.LEAKED)).isEmpty();
    }

    @Test
    void a_lease_out_for_too_long_is_told_once_with_where_it_was_taken_and_again_when_it_returns() {
        MemoryServer server = legacy();
        McpPool pool = build(listening().set("leakThreshold", "10s"));
        McpConnection forgotten = pool.getConnection(server.uri());
        McpConnection used = pool.getConnection(server.uri());
        clock.advance(Duration.ofSeconds(9));
        used.close();
        pool.tend();
        try (CapturedErrors log = new CapturedErrors()) {
            clock.advance(Duration.ofSeconds(1));
            pool.tend();
            pool.tend();
            // The pool's own thread may be the one that tells.
            eventually(() -> of(PoolEvent.Type.LEAKED).size() == 1);
            assertThat(log.text())
                    .containsOnlyOnce("out for 10000 ms, longer than its leakThreshold of 10000 ms")
                    .contains("taken here by thread '" + Thread.currentThread().getName())
                    .contains("EventsTest");
            forgotten.close();
            assertThat(log.text()).contains("has come back after 10000 ms");
        }
        eventually(() -> of(PoolEvent.Type.RETURNED).size() == 2);
        assertThat(of(PoolEvent.Type.LEAKED)).hasSize(1);
        assertThat(of(PoolEvent.Type.LEAKED).get(0).duration()).isEqualTo(Duration.ofSeconds(10));
    }
}
