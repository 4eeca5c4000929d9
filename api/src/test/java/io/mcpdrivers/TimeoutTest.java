package io.mcpdrivers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mcpdrivers.engine.PhysicalConnection;
import io.mcpdrivers.spi.TransportException;
import io.mcpdrivers.testing.Answers;
import io.mcpdrivers.testing.Await;
import io.mcpdrivers.testing.NothingLeft;
import io.mcpdrivers.testing.ScriptedServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** Calls that are given up: by timeout, interrupt or cancellation. */
@ExtendWith(NothingLeft.class)
class TimeoutTest {

    private static final CallOptions SHORT = CallOptions.timeout(Duration.ofMillis(30));

    /** Answers {@code echo} and keeps everything else waiting. */
    private final ScriptedServer server = ScriptedServer.modern((message, client) -> {
        if (message.path("params").path("name").asString("").equals("echo")) {
            Answers.echo(message, client);
        }
    });

    private final McpConnection connection = server.open();
    private final PhysicalConnection physical = connection.unwrap(PhysicalConnection.class);

    @AfterEach
    void close() {
        assertThat(physical.inFlight()).isZero();
        server.close();
    }

    private void assertUsable() {
        assertThat(connection.callTool("echo", Map.of("message", "still here")).text())
                .isEqualTo("still here");
        assertThat(connection
                        .callToolAsync("echo", Map.of("message", "so too"))
                        .join()
                        .text())
                .isEqualTo("so too");
    }

    private JsonNode slowRequest() {
        return server.session()
                .awaitReceived(message ->
                        message.path("params").path("name").asString("").equals("slow"));
    }

    @Test
    void a_server_that_hangs_is_told_by_one_thread_and_not_of_everything() {
        int calls = 400;
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountDownLatch hanging = new CountDownLatch(1);
        server.session().beforeSending(envelope -> {
            if ("notifications/cancelled".equals(envelope.method())) {
                most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                try {
                    hanging.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException("nobody interrupts this", e);
                }
                inside.decrementAndGet();
            }
        });
        List<CompletableFuture<?>> futures = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            futures.add(connection.callToolAsync("slow", null, SHORT));
        }
        for (CompletableFuture<?> future : futures) {
            assertThatThrownBy(() -> future.get(90, TimeUnit.SECONDS)).hasCauseInstanceOf(McpTimeoutException.class);
        }
        hanging.countDown();
        Await.that(() -> server.session().received("notifications/cancelled").size() >= 256, "the server was not told");
        Await.that(() -> inside.get() == 0, "the server is being told");
        assertThat(most).hasValue(1);
        // One was on its way while the others waited.
        assertThat(server.session().received("notifications/cancelled")).hasSizeLessThanOrEqualTo(257);
        assertUsable();
    }

    @Test
    void a_timeout_tells_the_server_and_leaves_the_connection_usable() {
        McpTimeoutException e =
                catchThrowableOfType(McpTimeoutException.class, () -> connection.callTool("slow", null, SHORT));

        assertThat(e).hasMessageContaining("tools/call 'slow'").hasMessageContaining("within 30ms");
        assertThat(e.mayHaveExecuted()).isTrue();
        JsonNode cancelled = server.session().awaitReceived("notifications/cancelled");
        assertThat(cancelled.path("params").path("requestId"))
                .isEqualTo(slowRequest().get("id"));
        assertThat(physical.abandoned()).isEqualTo(1);
        assertUsable();
    }

    @Test
    void a_late_answer_reaches_nobody() {
        assertThatThrownBy(() -> connection.callTool("slow", null, SHORT)).isInstanceOf(McpTimeoutException.class);

        server.session().text(slowRequest(), "late");

        assertThat(physical.abandoned()).isZero();
        assertUsable();
        server.session().text(slowRequest(), "and again");
        assertUsable();
    }

    @Test
    void the_timeout_of_the_uri_holds_for_calls_that_name_none() {
        try (McpConnection hasty = server.open("requestTimeout=40ms")) {
            assertThatThrownBy(() -> hasty.callTool("slow", null)).hasMessageContaining("within 40ms");
            assertThatThrownBy(() -> hasty.callToolAsync("slow", null).join())
                    .hasCauseInstanceOf(McpTimeoutException.class)
                    .hasMessageContaining("within 40ms");
            assertThatThrownBy(() -> hasty.request("some/method", null)).isInstanceOf(McpTimeoutException.class);
        }
    }

    @Test
    void a_future_times_out_too() {
        CompletableFuture<?> future = connection.callToolAsync("slow", null, SHORT);

        assertThatThrownBy(future::join)
                .hasCauseInstanceOf(McpTimeoutException.class)
                .hasMessageContaining("within 30ms");
        server.session().awaitReceived("notifications/cancelled");
        assertThat(physical.abandoned()).isEqualTo(1);
        server.session().text(slowRequest(), "late");
        assertThat(physical.abandoned()).isZero();
        assertUsable();
    }

    @Test
    void the_shortest_timeout_times_out() {
        CallOptions shortest = CallOptions.timeout(Duration.ofNanos(1));

        for (int i = 0; i < 50; i++) {
            assertThatThrownBy(() -> connection.callTool("slow", null, shortest))
                    .isInstanceOf(McpTimeoutException.class);
            assertThatThrownBy(() ->
                            connection.callToolAsync("slow", null, shortest).get(20, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(McpTimeoutException.class);
        }
        assertUsable();
    }

    @Test
    void the_longest_timeout_does_not_overflow() {
        CallOptions longest = CallOptions.timeout(Duration.ofSeconds(Long.MAX_VALUE));

        assertThat(connection.callTool("echo", Map.of("message", "a"), longest).text())
                .isEqualTo("a");
        assertThat(connection
                        .callToolAsync("echo", Map.of("message", "a"), longest)
                        .join()
                        .text())
                .isEqualTo("a");
    }

    @Test
    void a_timeout_must_be_positive() {
        for (Duration wrong : List.of(Duration.ZERO, Duration.ofMillis(-1))) {
            assertThatThrownBy(() -> CallOptions.timeout(wrong)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> connection.isValid(wrong)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void an_exchange_that_tells_the_server_itself_needs_no_notification() {
        AtomicInteger cancelled = new AtomicInteger();
        server.session().exchange(() -> {
            cancelled.incrementAndGet();
            return true;
        });

        assertThatThrownBy(() -> connection.callTool("slow", null, SHORT)).isInstanceOf(McpTimeoutException.class);
        connection.callToolAsync("slow", null).cancel(true);

        assertThat(cancelled).hasValue(2);
        assertThat(connection.unwrap(PhysicalConnection.class).abandoned()).isZero();
        assertUsable();
        assertThat(server.session().received("notifications/cancelled")).isEmpty();
    }

    @Test
    void an_interrupt_ends_the_wait_and_is_kept() throws Exception {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        AtomicBoolean flag = new AtomicBoolean();
        Thread caller = new Thread(() -> {
            try {
                connection.callTool("slow", null);
            } catch (Throwable e) {
                failure.set(e);
                flag.set(Thread.currentThread().isInterrupted());
            }
        });
        caller.start();
        JsonNode request = slowRequest();
        caller.interrupt();
        caller.join();

        assertThat(failure.get()).isInstanceOf(McpInterruptedException.class);
        assertThat(flag).isTrue();
        JsonNode cancelled = server.session().awaitReceived("notifications/cancelled");
        assertThat(cancelled.path("params").path("requestId")).isEqualTo(request.get("id"));
        assertUsable();
    }

    @Test
    void a_call_by_an_interrupted_thread_ends_at_once() {
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> connection.callTool("slow", null)).isInstanceOf(McpInterruptedException.class);
        assertThat(connection.isValid(Duration.ofSeconds(5))).isIn(true, false);

        assertThat(Thread.interrupted()).isTrue();
        assertUsable();
    }

    @Test
    void cancelling_a_future_cancels_the_request() {
        CompletableFuture<?> future = connection.callToolAsync("slow", null);
        JsonNode request = slowRequest();

        assertThat(future.cancel(false)).isTrue();

        assertThat(future).isCancelled();
        assertThatThrownBy(future::join).isInstanceOf(CancellationException.class);
        JsonNode cancelled = server.session().awaitReceived("notifications/cancelled");
        assertThat(cancelled.path("params").path("requestId")).isEqualTo(request.get("id"));
        assertThat(future.cancel(false)).isTrue();
        assertUsable();
        assertThat(server.session().received("notifications/cancelled")).hasSize(1);
    }

    @Test
    void cancelling_a_future_that_is_done_does_nothing() {
        CompletableFuture<?> future = connection.callToolAsync("echo", Map.of("message", "x"));
        future.join();

        assertThat(future.cancel(true)).isFalse();
        assertUsable();
        assertThat(server.session().received("notifications/cancelled")).isEmpty();
    }

    @Test
    void futures_that_are_done_leave_no_timers() {
        for (int i = 0; i < 200; i++) {
            connection.callToolAsync("echo", Map.of("message", "x")).join();
        }
        Await.that(() -> io.mcpdrivers.engine.EngineState.timersWaiting() == 0, "timers are left");
    }

    @Test
    void a_future_completes_on_a_thread_of_the_library() {
        AtomicReference<String> thread = new AtomicReference<>();
        CountDownLatch done = new CountDownLatch(1);
        connection.callToolAsync("slow", null).whenComplete((result, failure) -> {
            thread.set(Thread.currentThread().getName());
            done.countDown();
        });
        server.session().text(slowRequest(), "x");

        Await.that(() -> done.getCount() == 0, "the future did not complete");
        assertThat(thread.get()).isEqualTo("mcp-task");
    }

    @Test
    void a_continuation_that_blocks_keeps_nobody_else_waiting() {
        CountDownLatch release = new CountDownLatch(1);
        List<CompletableFuture<Void>> blocked = java.util.stream.IntStream.range(0, 20)
                .mapToObj(i -> connection
                        .callToolAsync("echo", Map.of("message", "x"))
                        .thenAccept(result -> connection.callTool("echo", Map.of("message", "nested"))))
                .toList();

        CompletableFuture.allOf(blocked.toArray(CompletableFuture[]::new)).join();
        assertUsable();
        release.countDown();
    }

    @Test
    void a_request_that_was_not_taken_in_time_is_a_timeout_and_no_lost_connection() {
        server.session()
                .refuseMessages(new TransportException(
                        TransportException.Kind.CONNECTION, "the server does not read: 4 MB wait"));

        McpTimeoutException e = catchThrowableOfType(
                McpTimeoutException.class,
                () -> connection.callTool("slow", null, CallOptions.timeout(Duration.ofNanos(1))));
        assertThat(e.mayHaveExecuted()).isFalse();
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> connection.callTool("slow", null)).isInstanceOf(McpInterruptedException.class);
        assertThat(Thread.interrupted()).isTrue();
        McpConnectionLostException lost =
                catchThrowableOfType(McpConnectionLostException.class, () -> connection.callTool("slow", null));
        assertThat(lost.mayHaveExecuted()).isFalse();
        server.session().refuseMessages(null);
        assertUsable();
    }

    @Test
    void a_request_that_failed_by_itself_costs_no_other() {
        CompletableFuture<?> one = connection.callToolAsync("slow", null);
        CompletableFuture<?> other = connection.callToolAsync("slow", Map.of("n", 2));
        JsonNode request = slowRequest();
        server.session()
                .failRequest(
                        request.get("id").asLong(),
                        new TransportException(TransportException.Kind.CONNECTION, "reset", false, null));

        assertThatThrownBy(one::join).hasCauseInstanceOf(McpConnectionLostException.class);
        assertThat(other).isNotDone();
        other.cancel(true);
        assertUsable();
    }

    @Test
    void a_slow_answer_just_before_the_timeout_is_either_a_result_or_a_timeout() {
        CallOptions tight = CallOptions.timeout(Duration.ofMillis(2));
        AtomicInteger answered = new AtomicInteger();
        try (ScriptedServer racing = ScriptedServer.modern((message, client) -> {
            if (message.has("id")) {
                long until = System.nanoTime() + 1_900_000 + answered.incrementAndGet() % 20 * 10_000;
                while (System.nanoTime() < until) {
                    Thread.onSpinWait();
                }
                client.text(message, "x");
            }
        })) {
            PhysicalConnection tried = racing.open().unwrap(PhysicalConnection.class);
            for (int i = 0; i < 300; i++) {
                try {
                    assertThat(tried.callTool("t", null, tight).text()).isEqualTo("x");
                } catch (McpTimeoutException e) {
                    // As good.
                }
            }
            Await.that(() -> tried.abandoned() == 0, "late answers are still counted: " + tried.abandoned());
            assertThat(tried.inFlight()).isZero();
        }
    }
}
