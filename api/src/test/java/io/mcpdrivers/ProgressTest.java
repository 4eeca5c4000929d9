package io.mcpdrivers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.schema.Progress;
import io.mcpdrivers.testing.Answers;
import io.mcpdrivers.testing.Await;
import io.mcpdrivers.testing.NothingLeft;
import io.mcpdrivers.testing.ScriptedServer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

@ExtendWith(NothingLeft.class)
class ProgressTest {

    private final List<Double> seen = new CopyOnWriteArrayList<>();
    private final List<Thread> threads = new CopyOnWriteArrayList<>();
    private final CallOptions options = CallOptions.defaults().withProgress(progress -> {
        threads.add(Thread.currentThread());
        seen.add(progress.progress());
    });

    private static List<Double> upTo(int count) {
        return IntStream.rangeClosed(1, count).mapToObj(i -> (double) i).toList();
    }

    /** Reports progress 1 to n and then answers. */
    private static ScriptedServer reporting(int count) {
        return ScriptedServer.modern((message, client) -> {
            if (message.has("id")) {
                for (int i = 1; i <= count; i++) {
                    client.progress(message, i);
                }
                client.text(message, "done");
            }
        });
    }

    @Test
    void a_blocking_call_reports_progress_in_order_on_its_own_thread_before_it_returns() {
        try (ScriptedServer server = reporting(50)) {
            assertThat(server.open().callTool("t", null, options).text()).isEqualTo("done");

            assertThat(seen).isEqualTo(upTo(50));
            assertThat(threads).containsOnly(Thread.currentThread());
        }
    }

    @Test
    void a_future_reports_progress_in_order_before_it_completes() {
        try (ScriptedServer server = reporting(50)) {
            CompletableFuture<List<Double>> atTheEnd =
                    server.open().callToolAsync("t", null, options).thenApply(result -> List.copyOf(seen));

            assertThat(atTheEnd.join()).isEqualTo(upTo(50));
            assertThat(threads).doesNotContain(Thread.currentThread());
            assertThat(threads).allMatch(thread -> thread.getName().equals("mcp-task"));
        }
    }

    @Test
    void progress_has_what_the_server_says() {
        List<Progress> all = new CopyOnWriteArrayList<>();
        try (ScriptedServer server = ScriptedServer.modern((message, client) -> {
            JsonNode token = message.path("params").path("_meta").path("progressToken");
            for (String members : List.of(
                    "\"progress\":1",
                    "\"progress\":0.5,\"total\":2,\"message\":\"half\"",
                    "\"progress\":2,\"total\":\"2\",\"message\":7",
                    "\"progress\":\"3\"",
                    "\"progress\":null",
                    "\"total\":1")) {
                client.send("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{\"progressToken\":"
                        + token + "," + members + "}}");
            }
            client.text(message, "done");
        })) {
            server.open().callTool("t", null, CallOptions.defaults().withProgress(all::add));

            assertThat(all)
                    .containsExactly(
                            new Progress(1, null, null), new Progress(0.5, 2.0, "half"), new Progress(2, null, null));
        }
    }

    @Test
    void progress_of_one_call_does_not_reach_another() {
        try (ScriptedServer server = ScriptedServer.modern((message, client) -> {
            JsonNode mine = message.path("params").path("_meta").path("progressToken");
            for (String token : List.of("9999", "\"" + mine + "x\"", "null", "{}", "1e400", "-1")) {
                client.send("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{\"progressToken\":"
                        + token + ",\"progress\":1}}");
            }
            client.send("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\"}");
            client.send("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":[1]}");
            client.text(message, "done");
        })) {
            assertThat(server.open().callTool("t", null, options).text()).isEqualTo("done");
            assertThat(seen).isEmpty();
        }
    }

    @Test
    void a_progress_notification_that_cannot_be_read_costs_nothing_else() {
        String number = "1".repeat(5_000);
        try (ScriptedServer server = ScriptedServer.modern((message, client) -> {
            client.send("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{\"progressToken\":"
                    + message.get("id") + ",\"progress\":" + number + "}}");
            client.text(message, "done");
        })) {
            assertThat(server.open().callTool("t", null, options).text()).isEqualTo("done");
        }
    }

    @Test
    void nothing_is_reported_after_the_end() {
        AtomicInteger reports = new AtomicInteger();
        AtomicBoolean late = new AtomicBoolean();
        // Each call has an end of its own: a report of the one before may still be under way.
        Function<AtomicBoolean, CallOptions> counting =
                ended -> CallOptions.timeout(Duration.ofMillis(5)).withProgress(progress -> {
                    reports.incrementAndGet();
                    if (ended.get()) {
                        late.set(true);
                    }
                });
        try (ScriptedServer server = ScriptedServer.modern((message, client) -> {
                    if (message.has("id")) {
                        for (int i = 1; i < 400; i++) {
                            client.progress(message, i);
                        }
                    }
                })
                .forgetful()) {
            McpConnection connection = server.open();
            for (int i = 0; i < 100; i++) {
                AtomicBoolean ended = new AtomicBoolean();
                CompletableFuture<?> future = connection.callToolAsync("t", null, counting.apply(ended));
                if (i % 2 == 0) {
                    int before = reports.get();
                    Await.that(() -> reports.get() > before || future.isDone(), "no progress came");
                    future.cancel(true);
                    // One report may be under way at that moment.
                    int underWay = reports.get() + 1;
                    connection.isValid(Duration.ofSeconds(20));
                    assertThat(reports.get()).isLessThanOrEqualTo(underWay);
                } else {
                    future.handle((result, failure) -> {
                                ended.set(true);
                                return null;
                            })
                            .join();
                    connection.isValid(Duration.ofSeconds(20));
                }
            }
            assertThat(late).isFalse();
            AtomicBoolean ended = new AtomicBoolean();
            assertThatThrownBy(() -> connection.callTool("t", null, counting.apply(ended)))
                    .isInstanceOf(McpTimeoutException.class);
            ended.set(true);
            connection.isValid(Duration.ofSeconds(20));
            assertThat(late).isFalse();
        }
    }

    @Test
    void a_listener_that_fails_is_told_of_the_next_progress() {
        AtomicInteger calls = new AtomicInteger();
        CallOptions failing = CallOptions.defaults().withProgress(progress -> {
            if (calls.incrementAndGet() % 2 == 0) {
                throw new IllegalStateException("no");
            }
            throw new AssertionError("neither");
        });
        try (ScriptedServer server = reporting(3)) {
            McpConnection connection = server.open();

            assertThat(connection.callTool("t", null, failing).text()).isEqualTo("done");
            assertThat(calls).hasValue(3);
            assertThat(connection.callToolAsync("t", null, failing).join().text())
                    .isEqualTo("done");
            assertThat(calls).hasValue(6);
        }
    }

    @Test
    void a_flood_is_bounded_and_the_newest_is_kept() {
        CountDownLatch flooded = new CountDownLatch(1);
        List<Double> kept = new CopyOnWriteArrayList<>();
        CallOptions slow = CallOptions.defaults().withProgress(progress -> {
            if (kept.isEmpty()) {
                Await.that(() -> flooded.getCount() == 0, "the flood did not end");
            }
            kept.add(progress.progress());
        });
        try (ScriptedServer server = ScriptedServer.modern((message, client) -> {
            client.progress(message, 0);
            for (int i = 1; i <= 20_000; i++) {
                client.progress(message, i);
            }
            flooded.countDown();
            client.text(message, "done");
        })) {
            server.open().callTool("t", null, slow);

            assertThat(kept.size()).isBetween(1_000, 1_001 + 1_000);
            assertThat(kept.get(kept.size() - 1)).isEqualTo(20_000);
            assertThat(kept).isSorted();
        }
    }

    @Test
    void a_flood_of_large_messages_is_bounded_too() {
        CountDownLatch flooded = new CountDownLatch(1);
        AtomicInteger reports = new AtomicInteger();
        CallOptions slow = CallOptions.defaults().withProgress(progress -> {
            if (reports.getAndIncrement() == 0) {
                Await.that(() -> flooded.getCount() == 0, "the flood did not end");
            }
        });
        String text = "x".repeat(500_000);
        try (ScriptedServer server = ScriptedServer.modern((message, client) -> {
            for (int i = 1; i <= 200; i++) {
                client.send("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{\"progressToken\":"
                        + message.get("id") + ",\"progress\":" + i + ",\"message\":\"" + text + "\"}}");
            }
            flooded.countDown();
            client.text(message, "done");
        })) {
            server.open().callTool("t", null, slow);

            assertThat(reports.get()).isLessThanOrEqualTo(5);
        }
    }

    @Test
    void a_server_that_reports_for_ever_does_not_outlast_the_longest_timeout() {
        AtomicBoolean stop = new AtomicBoolean();
        try (ScriptedServer server = ScriptedServer.modern((message, client) -> {
                    if (Answers.method(message).equals("tools/call")) {
                        for (int i = 1; !stop.get(); i++) {
                            client.progress(message, i);
                        }
                    }
                })
                .forgetful()) {
            McpConnection connection = server.open();
            CallOptions endless = CallOptions.timeout(Duration.ofMillis(100))
                    .withMaxTimeout(Duration.ofMillis(200))
                    .withProgress(progress -> {});

            assertThatThrownBy(() -> connection.callTool("t", null, endless)).isInstanceOf(McpTimeoutException.class);
            stop.set(true);
            connection.ping();
            stop.set(false);
            assertThatThrownBy(
                            () -> connection.callToolAsync("t", null, endless).join())
                    .hasCauseInstanceOf(McpTimeoutException.class);
            stop.set(true);
            connection.ping();
        }
    }

    @Test
    void a_listener_may_make_calls_of_its_own() {
        try (ScriptedServer server = reporting(5)) {
            McpConnection connection = server.open();
            AtomicInteger nested = new AtomicInteger();
            CallOptions nesting = CallOptions.defaults().withProgress(progress -> {
                connection.callTool("inner", null);
                nested.incrementAndGet();
            });

            connection.callTool("t", null, nesting);
            assertThat(nested).hasValue(5);
            connection.callToolAsync("t", null, nesting).join();
            assertThat(nested).hasValue(10);
        }
    }
}
