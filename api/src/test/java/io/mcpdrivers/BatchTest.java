package io.mcpdrivers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.engine.PhysicalConnection;
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
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

@ExtendWith(NothingLeft.class)
class BatchTest {

    private final List<JsonNode> waiting = Collections.synchronizedList(new ArrayList<>());

    /** {@code fail} is an error, {@code never} gets no answer; the rest is answered in random order, ten at once. */
    private final ScriptedServer server = ScriptedServer.modern((message, client) -> {
        switch (message.path("params").path("name").asString("")) {
            case "" -> {}
            case "fail" -> client.error(message, -32602, "wrong");
            case "never" -> {}
            case "report" -> {
                client.progress(message, 1);
                client.text(message, "reported");
            }
            default -> {
                waiting.add(message);
                if (waiting.size() == 10) {
                    List<JsonNode> all = new ArrayList<>(waiting);
                    waiting.clear();
                    Collections.shuffle(all, new Random(1));
                    all.forEach(each -> client.text(
                            each,
                            each.path("params").path("arguments").path("n").toString()));
                }
            }
        }
    });

    private final McpConnection connection = server.open();

    @AfterEach
    void close() {
        assertThat(connection.unwrap(PhysicalConnection.class).inFlight()).isZero();
        server.close();
    }

    private McpBatch ten() {
        McpBatch batch = connection.batch();
        for (int i = 0; i < 10; i++) {
            batch.add("t", Map.of("n", i));
        }
        return batch;
    }

    @Test
    void outcomes_are_in_the_order_of_the_calls_and_all_were_in_flight_at_once() {
        McpBatch batch = ten();
        assertThat(batch.size()).isEqualTo(10);

        List<McpBatch.Outcome> outcomes = batch.execute();

        assertThat(outcomes)
                .extracting(outcome -> outcome.get().text())
                .containsExactly("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
        assertThat(batch.size()).isZero();
        assertThat(batch.execute()).isEmpty();
        assertThat(batch.executeAsync().join()).isEmpty();
    }

    @Test
    void the_other_form_gives_the_same() {
        assertThat(ten().executeAsync().join())
                .extracting(outcome -> outcome.get().text())
                .containsExactly("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
    }

    @Test
    void one_call_that_fails_keeps_none_from_succeeding() {
        for (boolean blocking : new boolean[] {true, false}) {
            McpBatch batch = ten().add("fail", null)
                    .add("t", List.of("no object"), CallOptions.defaults())
                    .add("never", null, CallOptions.timeout(Duration.ofMillis(20)));

            List<McpBatch.Outcome> outcomes =
                    blocking ? batch.execute() : batch.executeAsync().join();

            assertThat(outcomes.subList(0, 10)).allMatch(outcome -> outcome.error() == null);
            assertThat(outcomes.get(10).error()).isInstanceOf(McpRequestException.class);
            assertThat(outcomes.get(11).error()).hasMessageContaining("must be a JSON object");
            assertThat(outcomes.get(12).error()).isInstanceOf(McpTimeoutException.class);
            assertThatThrownBy(outcomes.get(10)::get).isInstanceOf(McpRequestException.class);
        }
    }

    @Test
    void an_interrupt_cancels_what_is_in_flight() throws Exception {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread caller = new Thread(() -> {
            try {
                connection
                        .batch()
                        .add("never", null)
                        .add("report", null)
                        .add("never", null)
                        .execute();
            } catch (Throwable e) {
                failure.set(e);
            }
        });
        caller.start();
        Await.that(() -> server.session().received("tools/call").size() == 3, "the calls were not made");
        caller.interrupt();
        caller.join();

        assertThat(failure.get()).isInstanceOf(McpInterruptedException.class);
        Await.that(
                () -> server.session().received("notifications/cancelled").size() == 2, "the calls were not cancelled");
    }

    @Test
    void cancelling_the_future_cancels_what_is_in_flight() {
        CompletableFuture<?> future = connection
                .batch()
                .add("never", null)
                .add("report", null)
                .add("never", null)
                .executeAsync();
        Await.that(() -> connection.unwrap(PhysicalConnection.class).inFlight() == 2, "the calls were not made");

        assertThat(future.cancel(true)).isTrue();

        Await.that(
                () -> server.session().received("notifications/cancelled").size() == 2, "the calls were not cancelled");
    }

    @Test
    void a_future_that_is_cancelled_completes_when_its_calls_are_given_up() {
        PhysicalConnection physical = connection.unwrap(PhysicalConnection.class);
        CompletableFuture<List<McpBatch.Outcome>> future =
                connection.batch().add("never", null).add("never", null).executeAsync();
        Await.that(() -> physical.inFlight() == 2, "the calls were not made");
        List<Integer> inFlight = new ArrayList<>();
        CompletableFuture<?> told = future.whenComplete((outcomes, failure) -> inFlight.add(physical.inFlight()));

        assertThat(future.cancel(true)).isTrue();

        assertThat(future).isCancelled();
        assertThat(told).isCompletedExceptionally();
        assertThat(inFlight).containsExactly(0);
        assertThat(physical.abandoned()).isEqualTo(2);
        assertThat(future.cancel(true)).as("once more").isTrue();
    }

    @Test
    void a_future_that_is_cancelled_too_late_has_its_outcomes() {
        CompletableFuture<List<McpBatch.Outcome>> future =
                connection.batch().add("report", null).executeAsync();
        List<McpBatch.Outcome> outcomes = future.join();

        assertThat(future.cancel(true)).isFalse();

        assertThat(future.join()).isSameAs(outcomes);
    }

    @Test
    void progress_of_a_later_call_is_reported_while_an_earlier_one_is_awaited() {
        List<Double> seen = new ArrayList<>();
        McpBatch batch = connection
                .batch()
                .add("never", null, CallOptions.timeout(Duration.ofSeconds(3)).withProgress(p -> {}))
                .add("report", null, CallOptions.defaults().withProgress(progress -> {
                    assertThat(connection.unwrap(PhysicalConnection.class).inFlight())
                            .isPositive();
                    seen.add(progress.progress());
                }));

        List<McpBatch.Outcome> outcomes = batch.execute();

        assertThat(seen).containsExactly(1.0);
        assertThat(outcomes.get(1).get().text()).isEqualTo("reported");
    }

    @Test
    void a_batch_on_a_closed_connection_says_so() {
        McpBatch batch = ten();
        connection.close();

        assertThatThrownBy(batch::execute).isInstanceOf(McpConnectionClosedException.class);
        assertThatThrownBy(() -> batch.executeAsync().join()).hasCauseInstanceOf(McpConnectionClosedException.class);
    }

    @Test
    void an_outcome_is_one_of_the_two() {
        assertThatThrownBy(() -> new McpBatch.Outcome(null, null)).isInstanceOf(IllegalArgumentException.class);
    }
}
