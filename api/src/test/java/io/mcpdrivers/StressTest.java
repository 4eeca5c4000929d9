package io.mcpdrivers;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.engine.EngineState;
import io.mcpdrivers.engine.PhysicalConnection;
import io.mcpdrivers.testing.Answers;
import io.mcpdrivers.testing.Await;
import io.mcpdrivers.testing.NothingLeft;
import io.mcpdrivers.testing.ScriptedServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

@ExtendWith(NothingLeft.class)
class StressTest {

    private static final int THREADS = 32;
    private static final int CALLS = 2_000;

    /** Runs a task on many threads, and gives what they failed with. */
    private static List<Throwable> onThreads(int count, ThrowingTask task) throws InterruptedException {
        ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int number = i;
            Thread thread = new Thread(() -> {
                try {
                    task.run(number);
                } catch (Throwable e) {
                    failures.add(e);
                }
            });
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        return new ArrayList<>(failures);
    }

    private interface ThrowingTask {
        void run(int number) throws Exception;
    }

    @Test
    void every_caller_gets_its_own_answer_whatever_the_order() throws Exception {
        Random random = new Random(45);
        List<JsonNode> held = new ArrayList<>();
        AtomicInteger callers = new AtomicInteger(THREADS);
        try (ScriptedServer server = ScriptedServer.modern((message, client) -> {
                    if (!Answers.method(message).equals("tools/call")
                            && !Answers.method(message).equals("release")) {
                        return;
                    }
                    held.add(message);
                    // As long as there is a caller that does not wait, some answers are held back.
                    boolean all = Answers.method(message).equals("release") || held.size() >= callers.get();
                    if (all || held.size() > random.nextInt(10)) {
                        Collections.shuffle(held, random);
                        held.forEach(each -> client.text(
                                each,
                                each.path("params")
                                        .path("arguments")
                                        .path("message")
                                        .asString("")));
                        held.clear();
                    }
                })
                .forgetful()) {
            McpConnection connection = server.open();

            List<Throwable> failures = onThreads(THREADS, number -> {
                for (int i = 0; i < CALLS; i++) {
                    String own = number + "/" + i;
                    Map<String, String> arguments = Map.of("message", own);
                    String answer = i % 4 == 0
                            ? connection.callToolAsync("echo", arguments).join().text()
                            : connection.callTool("echo", arguments).text();
                    if (!answer.equals(own)) {
                        throw new AssertionError(own + " got the answer " + answer);
                    }
                }
                callers.decrementAndGet();
                connection.request("release", null);
            });

            assertThat(failures).isEmpty();
            PhysicalConnection physical = connection.unwrap(PhysicalConnection.class);
            assertThat(physical.inFlight()).isZero();
            assertThat(physical.abandoned()).isZero();
        }
        Await.that(() -> EngineState.timersWaiting() == 0, "timers are left");
    }

    @Test
    void a_call_that_races_with_the_end_of_its_connection_ends_at_once_in_a_documented_way() throws Exception {
        try (ScriptedServer server = ScriptedServer.modern(Answers::echo).forgetful()) {
            for (int round = 0; round < 200; round++) {
                McpConnection connection = server.open("requestTimeout=1h");
                CyclicBarrier start = new CyclicBarrier(6);
                boolean serverDies = round % 2 == 0;
                List<Throwable> failures = onThreads(6, number -> {
                    start.await();
                    if (number == 0) {
                        if (serverDies) {
                            server.session().die("exit code 1");
                        } else {
                            connection.close();
                        }
                        return;
                    }
                    for (int i = 0; i < 20; i++) {
                        String own = number + "/" + i;
                        try {
                            String answer = number % 2 == 0
                                    ? connection
                                            .callTool("echo", Map.of("message", own))
                                            .text()
                                    : asynchronously(connection, own);
                            assertThat(answer).isEqualTo(own);
                        } catch (McpConnectionLostException | McpConnectionClosedException e) {
                            // As documented.
                        }
                    }
                });

                assertThat(failures).isEmpty();
                PhysicalConnection physical = connection.unwrap(PhysicalConnection.class);
                Await.that(() -> physical.inFlight() == 0, "calls are left");
                connection.close();
            }
        }
        Await.that(() -> EngineState.timersWaiting() == 0, "timers are left");
    }

    private static String asynchronously(McpConnection connection, String own) {
        CompletableFuture<String> text =
                connection.callToolAsync("echo", Map.of("message", own)).thenApply(result -> result.text());
        try {
            return text.join();
        } catch (CompletionException e) {
            throw (McpException) e.getCause();
        }
    }

    @Test
    void calls_given_up_while_their_answers_come_are_not_counted_for_ever() throws Exception {
        try (ScriptedServer server = ScriptedServer.modern(Answers::echo).forgetful()) {
            McpConnection connection = server.open();
            List<Throwable> failures = onThreads(8, number -> {
                for (int i = 0; i < 500; i++) {
                    CompletableFuture<?> future = connection.callToolAsync("echo", Map.of("message", "x"));
                    if (i % 3 == 0) {
                        Thread.onSpinWait();
                    }
                    future.cancel(true);
                    try {
                        connection.callTool(
                                "echo", null, CallOptions.timeout(Duration.ofNanos(20_000L * (i % 20) + 1)));
                    } catch (McpTimeoutException e) {
                        // As wanted.
                    }
                }
            });

            assertThat(failures).isEmpty();
            PhysicalConnection physical = connection.unwrap(PhysicalConnection.class);
            Await.that(() -> physical.abandoned() == 0, "abandoned requests are still counted");
            assertThat(physical.inFlight()).isZero();
        }
    }
}
