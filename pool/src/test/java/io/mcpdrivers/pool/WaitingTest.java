package io.mcpdrivers.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpInterruptedException;
import io.mcpdrivers.McpPoolExhaustedException;
import io.mcpdrivers.spi.TransportException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class WaitingTest extends PoolTestBase {

    @Test
    void callers_are_served_in_the_order_in_which_they_came() throws Exception {
        MemoryServer server = legacy();
        McpPool pool = build(builder().maxTotalPerKey(1));
        McpConnection held = pool.getConnection(server.uri());
        List<Integer> order = Collections.synchronizedList(new ArrayList<>());
        List<CompletableFuture<Void>> callers = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            int number = i;
            callers.add(async(() -> {
                try (McpConnection c = pool.getConnection(server.uri())) {
                    order.add(number);
                    return null;
                }
            }));
            awaitWaiting(pool, server, i + 1);
        }
        held.close();
        for (CompletableFuture<Void> caller : callers) {
            get(caller);
        }
        assertThat(order).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        assertThat(server.startAttempts).hasValue(1);
    }

    @Test
    void a_newcomer_does_not_overtake_those_who_wait() throws Exception {
        MemoryServer server = legacy();
        McpPool pool = build(builder().maxTotalPerKey(1));
        McpConnection held = pool.getConnection(server.uri());
        CompletableFuture<McpConnection> waiting = async(() -> pool.getConnection(server.uri()));
        awaitWaiting(pool, server, 1);
        held.close();
        CompletableFuture<McpConnection> newcomer = async(() -> pool.getConnection(server.uri()));
        get(waiting);
        awaitWaiting(pool, server, 1);
        get(waiting).close();
        get(newcomer).close();
    }

    @Test
    void whoever_waits_in_vain_is_told_how_things_stand() {
        MemoryServer server = legacy();
        server.failingStarts.set(1);
        McpPool pool = build(builder().maxTotalPerKey(1).maxTotal(5));
        assertThatThrownBy(() -> pool.getConnection(server.uri()))
                .hasMessageContaining("failed as told")
                .hasCauseInstanceOf(TransportException.class);
        clock.advance(Duration.ofMinutes(1));
        McpConnection held = pool.getConnection(server.uri());
        assertThatThrownBy(() -> pool.getConnection(server.uri() + "?maxWait=50ms"))
                .isInstanceOf(McpPoolExhaustedException.class)
                .hasMessageContaining("'" + server.name + "'")
                .hasMessageContaining("1 of at most 1 connections (1 active, 0 idle, 0 starting, 0 closing)")
                .hasMessageContaining("0 other callers waiting")
                .hasMessageContaining(", 1 lease out, ")
                .hasMessageContaining("1 of at most 5")
                .hasMessageContaining("Raise maxTotalPerKey or maxWait, or set leakThreshold")
                .hasMessageContaining("failed as told");
        assertThat(status(pool, server).timeouts()).isEqualTo(1);
        held.close();
        assertThat(status(pool, server).idle()).isEqualTo(1);
    }

    @Test
    void twenty_callers_that_are_interrupted_or_give_up_leave_full_capacity() throws Exception {
        MemoryServer server = legacy();
        McpPool pool = build(builder().maxTotalPerKey(3));
        List<McpConnection> held = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            held.add(pool.getConnection(server.uri()));
        }
        List<Thread> threads = Collections.synchronizedList(new ArrayList<>());
        List<CompletableFuture<McpConnection>> interrupted = new ArrayList<>();
        List<CompletableFuture<McpConnection>> late = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            interrupted.add(async(() -> {
                threads.add(Thread.currentThread());
                return pool.getConnection(server.uri());
            }));
        }
        awaitWaiting(pool, server, 10);
        for (int i = 0; i < 10; i++) {
            late.add(async(() -> pool.getConnection(server.uri() + "?maxWait=50ms")));
        }
        threads.forEach(Thread::interrupt);
        for (CompletableFuture<McpConnection> caller : interrupted) {
            assertThat(failure(caller)).isInstanceOf(McpInterruptedException.class);
        }
        for (CompletableFuture<McpConnection> caller : late) {
            assertThat(failure(caller)).isInstanceOf(McpPoolExhaustedException.class);
        }
        assertThat(status(pool, server).waiting()).isZero();
        held.forEach(McpConnection::close);
        for (int i = 0; i < 3; i++) {
            held.set(i, pool.getConnection(server.uri()));
        }
        assertThat(held).extracting(PoolTestBase::process).doesNotHaveDuplicates();
        held.forEach(McpConnection::close);
        assertThat(server.startAttempts).hasValue(3);
    }

    @Test
    void an_interrupted_caller_keeps_its_interrupt_flag_and_a_thread_interrupted_before_gets_what_is_free() {
        MemoryServer server = legacy();
        McpPool pool = build(builder().maxTotalPerKey(1));
        McpConnection held = pool.getConnection(server.uri());
        Thread.currentThread().interrupt();
        try {
            assertThatThrownBy(() -> pool.getConnection(server.uri())).isInstanceOf(McpInterruptedException.class);
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
            held.close();
            pool.getConnection(server.uri()).close();
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void with_no_time_to_wait_a_caller_gets_what_is_free_or_nothing() throws Exception {
        MemoryServer server = legacy();
        McpPool pool = build(builder().maxWait(Duration.ZERO).maxTotalPerKey(1));
        // Otherwise it may have started before the caller has looked whether it has.
        server.startGate = new CountDownLatch(1);
        assertThatThrownBy(() -> pool.getConnection(server.uri())).isInstanceOf(McpPoolExhaustedException.class);
        server.startGate.countDown();
        eventually(() -> status(pool, server).idle() == 1);
        McpConnection held = pool.getConnection(server.uri());
        assertThatThrownBy(() -> pool.getConnection(server.uri())).isInstanceOf(McpPoolExhaustedException.class);
        held.close();
        pool.getConnection(server.uri()).close();
    }

    @Test
    void the_start_a_caller_gives_up_on_goes_on_and_its_connection_is_there_for_the_next() {
        MemoryServer server = legacy();
        server.startGate = new CountDownLatch(1);
        McpPool pool = build(builder().maxWait(Duration.ofMillis(50)));
        assertThatThrownBy(() -> pool.getConnection(server.uri()))
                .isInstanceOf(McpPoolExhaustedException.class)
                .hasMessageContaining("1 starting");
        server.startGate.countDown();
        eventually(() -> status(pool, server).idle() == 1);
        pool.getConnection(server.uri()).close();
        assertThat(server.startAttempts).hasValue(1);
    }

    @Test
    void leases_that_may_share_are_given_to_all_who_wait_for_the_one_start() throws Exception {
        MemoryServer server = modern();
        server.startGate = new CountDownLatch(1);
        McpPool pool = pool();
        List<CompletableFuture<McpConnection>> callers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            callers.add(async(() -> pool.getConnection(server.uri())));
        }
        awaitWaiting(pool, server, 20);
        server.startGate.countDown();
        for (CompletableFuture<McpConnection> caller : callers) {
            assertThat(process(get(caller))).isSameAs(server.process(0));
        }
        assertThat(server.startAttempts).hasValue(1);
        for (CompletableFuture<McpConnection> caller : callers) {
            get(caller).close();
        }
        assertThat(status(pool, server).idle()).isEqualTo(1);
    }

    @Test
    void a_thread_that_others_work_depends_on_is_made_up_for_while_it_waits() throws Exception {
        MemoryServer server = legacy();
        McpPool pool = build(builder().maxTotalPerKey(1));
        McpConnection lease = pool.getConnection(server.uri());
        ForkJoinPool only = new ForkJoinPool(1);
        try {
            ForkJoinTask<?> waiting =
                    only.submit(() -> pool.getConnection(server.uri()).close());
            eventually(() -> status(pool, server).waiting() == 1);
            only.submit(lease::close).get(30, TimeUnit.SECONDS);
            waiting.get(30, TimeUnit.SECONDS);
        } finally {
            only.shutdown();
        }
    }

    @Test
    void a_thread_for_which_there_is_no_other_waits_all_the_same() throws Exception {
        MemoryServer server = legacy();
        McpPool pool = build(builder().maxTotalPerKey(1));
        McpConnection lease = pool.getConnection(server.uri());
        AtomicInteger threads = new AtomicInteger();
        ForkJoinPool only = new ForkJoinPool(
                1,
                owner -> {
                    if (threads.getAndIncrement() > 0) {
                        throw new OutOfMemoryError("unable to create native thread");
                    }
                    return ForkJoinPool.defaultForkJoinWorkerThreadFactory.newThread(owner);
                },
                null,
                true);
        try {
            ForkJoinTask<?> waiting =
                    only.submit(() -> pool.getConnection(server.uri()).close());
            eventually(() -> status(pool, server).waiting() == 1);
            lease.close();
            waiting.get(30, TimeUnit.SECONDS);
        } finally {
            only.shutdown();
        }
        pool.getConnection(server.uri()).close();
    }
}
