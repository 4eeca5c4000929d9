package io.mcpdrivers.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.CallOptions;
import io.mcpdrivers.McpBatch;
import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpConnectionClosedException;
import io.mcpdrivers.McpConnectionLostException;
import io.mcpdrivers.McpException;
import io.mcpdrivers.McpRequestException;
import io.mcpdrivers.schema.CallToolResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class RetryTest extends PoolTestBase {

    @Test
    void a_call_on_a_connection_lost_before_is_made_on_a_fresh_one() throws Exception {
        MemoryServer server = legacy();
        McpPool pool = build(builder().maxTotalPerKey(1));
        try (McpConnection lease = pool.getConnection(server.uri())) {
            process(lease).kill();
            assertThat(lease.callTool("echo", Map.of("message", "hi")).text()).isEqualTo("hi");
            process(lease).kill();
            assertThat(get(lease.callToolAsync("echo", Map.of("message", "ho"))).text())
                    .isEqualTo("ho");
            process(lease).kill();
            assertThat(lease.listTools()).isNotEmpty();
            process(lease).kill();
            lease.ping();
        }
        assertThat(server.startAttempts).hasValue(5);
        assertThat(server.mostLive).hasValue(1);
        assertThat(status(pool, server).idle()).isEqualTo(1);
    }

    @Test
    void a_request_that_was_not_delivered_is_repeated_once_only() {
        MemoryServer server = legacy();
        McpPool pool = pool();
        try (McpConnection lease = pool.getConnection(server.uri())) {
            assertThatThrownBy(() -> lease.callTool("refuse", Map.of()))
                    .isInstanceOf(McpConnectionLostException.class)
                    .matches(e -> !((McpException) e).mayHaveExecuted());
        }
        assertThat(server.startAttempts).hasValue(2);
    }

    @Test
    void a_call_that_may_have_been_carried_out_is_not_repeated() throws Exception {
        MemoryServer server = legacy();
        McpPool pool = pool();
        try (McpConnection lease = pool.getConnection(server.uri())) {
            lease.listTools();
            server.executed.set(0);
            assertThatThrownBy(() -> lease.callTool("countAndDie", Map.of()))
                    .isInstanceOf(McpConnectionLostException.class)
                    .matches(e -> ((McpException) e).mayHaveExecuted());
            assertThat(server.executed).hasValue(1);
            server.executed.set(0);
            assertThat(failure(lease.callToolAsync("countAndDie", Map.of())))
                    .isInstanceOf(McpConnectionLostException.class);
            assertThat(server.executed).hasValue(1);
        }
    }

    @Test
    void a_tool_that_the_server_says_is_read_only_is_repeated() throws Exception {
        MemoryServer server = legacy();
        McpPool pool = pool();
        try (McpConnection lease = pool.getConnection(server.uri())) {
            assertThatThrownBy(() -> lease.callTool("readAndDie", Map.of()))
                    .as("before its annotations are known")
                    .isInstanceOf(McpConnectionLostException.class);
            lease.listTools();
            server.executed.set(0);
            assertThat(lease.callTool("readAndDie", Map.of()).text()).isEqualTo("executed 2 times");
            server.executed.set(0);
            assertThat(get(lease.callToolAsync("readAndDie", Map.of())).text()).isEqualTo("executed 2 times");
        }
    }

    @Test
    void annotations_known_from_any_lease_of_the_server_count_and_each_kind_has_its_switch() {
        MemoryServer server = legacy();
        McpPool pool = build(builder().set("retryUnsent", "false"));
        try (McpConnection lists = pool.getConnection(server.uri())) {
            lists.listTools();
        }
        server.executed.set(0);
        try (McpConnection lease = pool.getConnection(server.uri())) {
            assertThat(lease.callTool("addAndDie", Map.of()).text()).isEqualTo("executed 2 times");
            assertThatThrownBy(() -> lease.callTool("refuse", Map.of()))
                    .isInstanceOf(McpConnectionLostException.class)
                    .matches(e -> !((McpException) e).mayHaveExecuted());
            assertThat(server.startAttempts).as("not repeated").hasValue(2);
        }
        MemoryServer other = legacy();
        McpPool unsentOnly = build(builder().set("retryHarmless", "false"));
        try (McpConnection lease = unsentOnly.getConnection(other.uri())) {
            lease.listTools();
            other.executed.set(0);
            assertThatThrownBy(() -> lease.callTool("readAndDie", Map.of()))
                    .isInstanceOf(McpConnectionLostException.class)
                    .matches(e -> ((McpException) e).mayHaveExecuted());
            assertThat(lease.callTool("echo", Map.of("message", "on a fresh one"))
                            .text())
                    .isEqualTo("on a fresh one");
        }
    }

    @Test
    void what_a_vendor_calls_get_may_do_anything_and_is_not_repeated() {
        MemoryServer server = legacy();
        McpPool pool = pool();
        try (McpConnection lease = pool.getConnection(server.uri())) {
            assertThatThrownBy(() -> lease.request("vendor/get", null)).isInstanceOf(McpConnectionLostException.class);
        }
        assertThat(server.executed).hasValue(1);
    }

    @Test
    void a_read_is_repeated_unless_that_is_switched_off() {
        MemoryServer server = legacy();
        McpPool pool = pool();
        try (McpConnection lease = pool.getConnection(server.uri())) {
            assertThat(lease.request("resources/read", Map.of("uri", "a:b")).toString())
                    .contains("executed 2 times");
        }
        MemoryServer strict = legacy();
        McpPool other = build(builder().set("retryHarmless", "false").set("retryUnsent", "false"));
        try (McpConnection lease = other.getConnection(strict.uri())) {
            assertThatThrownBy(() -> lease.request("resources/read", Map.of()))
                    .isInstanceOf(McpConnectionLostException.class);
            assertThatThrownBy(() -> lease.callTool("echo", Map.of())).isInstanceOf(McpException.class);
        }
        assertThat(strict.startAttempts).hasValue(1);
    }

    @Test
    void a_call_that_is_made_again_elsewhere_leaves_the_other_calls_of_its_lease_alone() throws Exception {
        MemoryServer server = legacy();
        server.holdGate = new CountDownLatch(1);
        McpPool pool = build(builder().maxTotalPerKey(2).server("files", server.uri()));
        McpConnection lease = pool.getConnection("files");
        CompletableFuture<CallToolResult> held = lease.callToolAsync("hold", null);
        eventually(() -> server.executed.get() == 1);
        assertThat(lease.callTool("decline", null).text()).isEqualTo("taken");
        assertThat(held).isNotDone();
        assertThat(server.live).hasValue(2);
        server.holdGate.countDown();
        assertThat(held.get(30, TimeUnit.SECONDS).text()).isEqualTo("held");
        eventually(() -> server.live.get() == 1);
        lease.close();
        assertThat(pool.status().leases()).isZero();
        assertThat(pool.status().servers().get("files").idle()).isEqualTo(1);
    }

    @Test
    void a_connection_that_was_left_goes_when_its_calls_have_ended_though_others_of_its_lease_go_on() throws Exception {
        MemoryServer server = legacy();
        CountDownLatch firstGate = new CountDownLatch(1);
        server.holdGate = firstGate;
        McpPool pool = build(builder().maxTotalPerKey(2).server("files", server.uri()));
        McpConnection lease = pool.getConnection("files");
        CompletableFuture<CallToolResult> first = lease.callToolAsync("hold", null);
        eventually(() -> server.executed.get() == 1);
        assertThat(lease.callTool("decline", null).text()).isEqualTo("taken");
        server.holdGate = new CountDownLatch(1);
        CompletableFuture<CallToolResult> second = lease.callToolAsync("hold", null);
        eventually(() -> server.executed.get() == 2);
        firstGate.countDown();
        assertThat(first.get(30, TimeUnit.SECONDS).text()).isEqualTo("held");
        eventually(() -> server.live.get() == 1);
        assertThat(pool.status().leases()).isEqualTo(1);
        assertThat(second).isNotDone();
        server.holdGate.countDown();
        assertThat(second.get(30, TimeUnit.SECONDS).text()).isEqualTo("held");
        lease.close();
    }

    @Test
    void an_error_of_the_server_neither_repeats_nor_replaces_the_connection() {
        MemoryServer server = legacy();
        McpPool pool = pool();
        try (McpConnection lease = pool.getConnection(server.uri())) {
            MemoryProcess process = process(lease);
            assertThatThrownBy(() -> lease.request("no/such/list", null)).isInstanceOf(McpRequestException.class);
            assertThat(process(lease)).isSameAs(process);
        }
        assertThat(server.startAttempts).hasValue(1);
    }

    @Test
    void each_call_of_a_batch_follows_the_rules_for_itself() throws Exception {
        MemoryServer server = legacy();
        McpPool pool = pool();
        try (McpConnection lease = pool.getConnection(server.uri())) {
            lease.listTools();
            for (boolean async : new boolean[] {false, true}) {
                server.executed.set(0);
                McpBatch batch = lease.batch()
                        .add("readAndDie", Map.of())
                        .add("countAndDie", Map.of())
                        .add("echo", Map.of("message", "x"));
                List<McpBatch.Outcome> outcomes = async ? get(batch.executeAsync()) : batch.execute();
                assertThat(outcomes).hasSize(3);
                assertThat(outcomes.get(0).get().text()).startsWith("executed");
                // The process was dead before these were sent.
                assertThat(outcomes.get(1).get().text()).startsWith("executed");
                assertThat(outcomes.get(2).get().text()).isEqualTo("x");
                server.executed.set(0);
                batch.add("countAndDie", Map.of()).add("echo", Map.of("message", "y"));
                outcomes = async ? get(batch.executeAsync()) : batch.execute();
                assertThat(outcomes.get(0).error()).isInstanceOf(McpConnectionLostException.class);
                assertThat(outcomes.get(1).get().text()).isEqualTo("y");
            }
        }
    }

    @Test
    void many_calls_that_lose_one_connection_get_one_fresh_connection() throws Exception {
        MemoryServer server = legacy();
        McpPool pool = build(builder().maxTotalPerKey(1));
        try (McpConnection lease = pool.getConnection(server.uri())) {
            process(lease).kill();
            List<CompletableFuture<CallToolResult>> calls = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                String message = "m" + i;
                calls.add(
                        i % 2 == 0
                                ? lease.callToolAsync("echo", Map.of("message", message))
                                : async(() -> lease.callTool("echo", Map.of("message", message))));
            }
            for (int i = 0; i < 20; i++) {
                assertThat(get(calls.get(i)).text()).isEqualTo("m" + i);
            }
        }
        assertThat(server.startAttempts).hasValue(2);
        assertThat(status(pool, server).idle()).isEqualTo(1);
    }

    @Test
    void if_no_fresh_connection_can_be_had_the_first_failure_is_told_with_the_reason() {
        MemoryServer server = legacy();
        McpPool pool = build(builder().set("connectRetries", "0"));
        McpConnection lease = pool.getConnection(server.uri());
        server.failingStarts.set(100);
        process(lease).kill();
        assertThatThrownBy(() -> lease.callTool("echo", Map.of())).satisfies(e -> {
            assertThat(e).isInstanceOf(McpException.class);
            assertThat(e.getSuppressed()).isNotEmpty();
            assertThat(e.getSuppressed()[0]).hasMessageContaining("failed as told");
        });
        lease.close();
        eventually(() -> status(pool, server).connections() == 0);
    }

    @Test
    void a_call_on_a_connection_that_the_pool_has_closed_says_that_it_was_lost_and_the_call_not_made()
            throws Exception {
        MemoryServer server = legacy();
        McpPool pool = build(builder().set("retryUnsent", "false"));
        McpConnection lease = pool.getConnection(server.uri());
        process(lease).kill();
        eventually(() -> status(pool, server).connections() == 0);
        Consumer<Throwable> lost = e -> assertThat(e)
                .isInstanceOfSatisfying(
                        McpConnectionLostException.class,
                        known -> assertThat(known.mayHaveExecuted()).isFalse());
        assertThatThrownBy(() -> lease.callTool("echo", Map.of())).satisfies(lost);
        assertThat(failure(lease.callToolAsync("echo", Map.of()))).satisfies(lost);
        assertThatThrownBy(() -> lease.batch().add("echo", Map.of()).execute()).satisfies(lost);
        assertThat(failure(lease.batch().add("echo", Map.of()).executeAsync())).satisfies(lost);
        assertThatThrownBy(lease::listTools).satisfies(lost);
        lease.close();
        assertThatThrownBy(lease::listTools).isInstanceOf(McpConnectionClosedException.class);
    }

    @Test
    void a_batch_that_is_made_again_gets_no_more_time_for_it() throws Exception {
        MemoryServer server = legacy();
        server.tools = "{\"name\":\"silence\",\"inputSchema\":{\"type\":\"object\"},"
                + "\"annotations\":{\"readOnlyHint\":true}}";
        McpPool pool = pool();
        for (boolean async : new boolean[] {false, true}) {
            try (McpConnection lease = pool.getConnection(server.uri())) {
                lease.listTools();
                server.executed.set(0);
                McpBatch batch = lease.batch().add("silence", Map.of(), CallOptions.timeout(Duration.ofMinutes(1)));
                CompletableFuture<List<McpBatch.Outcome>> outcomes =
                        async ? batch.executeAsync() : async(batch::execute);
                eventually(() -> server.executed.get() == 1);
                long deadline = server.callDeadlineNanos;
                eventually(() -> deadline - System.nanoTime()
                        < Duration.ofMinutes(1).minusSeconds(3).toNanos());
                process(lease).kill();
                eventually(() -> server.executed.get() == 2);
                // With the whole time once more it would be 3 s later.
                assertThat(Duration.ofNanos(server.callDeadlineNanos - deadline))
                        .isLessThan(Duration.ofMillis(1_500));
                process(lease).kill();
                assertThat(get(outcomes).get(0).error()).isInstanceOf(McpException.class);
            }
        }
    }

    @Test
    void cancelling_a_batch_cancels_its_calls() throws Exception {
        MemoryServer server = legacy();
        McpPool pool = pool();
        try (McpConnection lease = pool.getConnection(server.uri())) {
            CompletableFuture<List<McpBatch.Outcome>> outcomes =
                    lease.batch().add("silence", Map.of()).executeAsync();
            eventually(() -> server.executed.get() == 1);
            assertThat(outcomes.cancel(true)).isTrue();
        }
        // With the call still in flight it would be in use.
        eventually(() -> status(pool, server).idle() == 1);
    }

    @Test
    void the_calls_of_a_batch_that_is_cancelled_after_its_lease_was_closed_count_as_given_up() {
        MemoryServer server = legacy();
        McpPool pool = build(builder().set("maxAbandoned", "2"));
        McpConnection lease = pool.getConnection(server.uri());
        CompletableFuture<List<McpBatch.Outcome>> outcomes =
                lease.batch().add("silence", Map.of()).add("silence", Map.of()).executeAsync();
        eventually(() -> server.executed.get() == 2);
        lease.close();
        assertThat(outcomes.cancel(true)).isTrue();
        assertThat(outcomes).isCancelled();
        // It is not lent again.
        eventually(() -> server.live.get() == 0);
        ServerPool used = pool.directory().known(server.uri());
        assertThat(used.statistics().evictions(EvictionReason.ABANDONED)).isEqualTo(1);
    }

    @Test
    void each_call_of_a_batch_that_is_made_again_counts_as_repeated() throws Exception {
        MemoryServer server = legacy();
        McpPool pool = pool();
        try (McpConnection lease = pool.getConnection(server.uri())) {
            ServerPool used = pool.directory().known(server.uri());
            McpBatch batch = lease.batch();
            for (boolean async : new boolean[] {false, true}) {
                long before = used.statistics().retries();
                process(lease).kill();
                for (int i = 0; i < 3; i++) {
                    batch.add("echo", Map.of("message", "x"));
                }
                List<McpBatch.Outcome> outcomes = async ? get(batch.executeAsync()) : batch.execute();
                assertThat(outcomes).allMatch(outcome -> outcome.error() == null);
                assertThat(used.statistics().retries() - before).isEqualTo(3);
            }
            process(lease).kill();
            long before = used.statistics().retries();
            lease.callTool("echo", Map.of("message", "x"));
            assertThat(used.statistics().retries() - before).isEqualTo(1);
        }
    }
}
