package io.mcpdrivers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mcpdrivers.engine.PhysicalConnection;
import io.mcpdrivers.spi.TransportException;
import io.mcpdrivers.spi.TransportException.Kind;
import io.mcpdrivers.testing.Answers;
import io.mcpdrivers.testing.Await;
import io.mcpdrivers.testing.NothingLeft;
import io.mcpdrivers.testing.ScriptedServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** A legacy server over HTTP that forgets its sessions. */
@ExtendWith(NothingLeft.class)
class SessionLostTest {

    /** How many of the next requests belong to a session that is lost. */
    private final AtomicInteger lost = new AtomicInteger();

    private final AtomicInteger initializes = new AtomicInteger();
    private final AtomicReference<ScriptedServer.Script> initialize = new AtomicReference<>(Answers::legacyHandshake);

    private ScriptedServer server(ScriptedServer.Script rest) {
        return ScriptedServer.raw((message, client) -> {
                    switch (Answers.method(message)) {
                        case "initialize" -> {
                            initializes.incrementAndGet();
                            initialize.get().take(message, client);
                        }
                        case "server/discover", "notifications/initialized" -> Answers.legacyHandshake(message, client);
                        default -> {
                            if (message.has("id") && lost.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
                                lose(message, client);
                            } else if (!Answers.legacyHandshake(message, client)) {
                                rest.take(message, client);
                            }
                        }
                    }
                })
                .withExchangePerRequest();
    }

    private ScriptedServer server() {
        return server(Answers::echo);
    }

    private static void lose(JsonNode message, ScriptedServer.Session client) {
        client.fail(message, Kind.SESSION_LOST, "answered with status 404");
    }

    private static String echo(McpConnection connection, String text) {
        return connection.callTool("echo", Map.of("message", text)).text();
    }

    private static boolean isClosed(McpConnection connection) {
        Await.that(connection::isClosed, "the connection is open");
        return true;
    }

    @Test
    void a_lost_session_is_renewed_and_the_call_made_again() {
        try (ScriptedServer server = server()) {
            McpConnection connection = server.open();
            lost.set(1);

            assertThat(echo(connection, "hi")).isEqualTo("hi");
            assertThat(initializes).hasValue(2);
            assertThat(server.sessions()).hasSize(1);
            assertThat(server.session().received())
                    .extracting(Answers::method)
                    .containsExactly(
                            "server/discover",
                            "initialize",
                            "notifications/initialized",
                            "tools/call",
                            "initialize",
                            "notifications/initialized",
                            "tools/call");
            lost.set(1);
            assertThat(connection
                            .callToolAsync("echo", Map.of("message", "later"))
                            .join()
                            .text())
                    .isEqualTo("later");
            assertThat(initializes).hasValue(3);
            lost.set(1);
            assertThat(connection.isValid(Duration.ofSeconds(20))).isTrue();
            assertThat(initializes).hasValue(4);
        }
    }

    @Test
    void many_calls_share_one_renewal_and_each_gets_its_own_answer() throws Exception {
        int threads = 64;
        List<JsonNode> held = new CopyOnWriteArrayList<>();
        AtomicReference<ScriptedServer.Session> client = new AtomicReference<>();
        try (ScriptedServer server = server((message, session) -> {
            if (initializes.get() == 1) {
                // All of them are under way before the first one fails.
                client.set(session);
                held.add(message);
                if (held.size() == threads) {
                    held.forEach(each -> lose(each, session));
                }
            } else {
                Answers.echo(message, session);
            }
        })) {
            McpConnection connection = server.open();
            ExecutorService executor = Executors.newFixedThreadPool(threads);
            try {
                List<Future<String>> calls = new ArrayList<>();
                for (int i = 0; i < threads; i++) {
                    String text = "call " + i;
                    boolean blocking = i % 2 == 0;
                    calls.add(executor.submit(() -> blocking
                            ? echo(connection, text)
                            : connection
                                    .callToolAsync("echo", Map.of("message", text))
                                    .join()
                                    .text()));
                }
                for (int i = 0; i < threads; i++) {
                    assertThat(calls.get(i).get()).isEqualTo("call " + i);
                }
            } finally {
                executor.shutdownNow();
            }
            assertThat(initializes).hasValue(2);
        }
    }

    @Test
    void a_late_failure_in_the_old_session_renews_nothing() {
        AtomicReference<JsonNode> held = new AtomicReference<>();
        try (ScriptedServer server = server((message, client) -> {
            if (message.path("params").path("name").asString("").equals("slow") && held.get() == null) {
                held.set(message);
            } else if (Answers.method(message).equals("tools/call")) {
                client.text(message, "done");
            }
        })) {
            McpConnection connection = server.open();
            CompletableFuture<String> slow =
                    connection.callToolAsync("slow", null).thenApply(result -> result.text());
            Await.that(() -> held.get() != null, "the request did not come");
            lost.set(1);
            connection.callTool("quick", null);
            assertThat(initializes).hasValue(2);

            lose(held.get(), server.session());
            assertThat(slow.join()).isEqualTo("done");
            assertThat(initializes).hasValue(2);
        }
    }

    @Test
    void a_batch_outlives_a_lost_session() {
        Set<String> seen = ConcurrentHashMap.newKeySet();
        try (ScriptedServer server = server((message, client) -> {
            if (seen.add(message.path("params").path("arguments").toString())) {
                lose(message, client);
            } else {
                Answers.echo(message, client);
            }
        })) {
            McpConnection connection = server.open();
            for (boolean blocking : new boolean[] {true, false}) {
                McpBatch batch = connection.batch();
                for (int i = 0; i < 3; i++) {
                    batch.add("echo", Map.of("message", "m" + i));
                }
                List<McpBatch.Outcome> outcomes =
                        blocking ? batch.execute() : batch.executeAsync().join();
                assertThat(outcomes)
                        .extracting(outcome -> outcome.result().text())
                        .containsExactly("m0", "m1", "m2");
                seen.clear();
            }
        }
    }

    @Test
    void a_call_that_may_have_been_carried_out_is_not_made_again() {
        try (ScriptedServer server = server((message, client) -> client.failRequest(
                message.path("id").asLong(),
                new TransportException(Kind.SESSION_LOST, "could not be resumed: status 404", true, null)))) {
            McpConnection connection = server.open();
            McpConnectionLostException e =
                    catchThrowableOfType(McpConnectionLostException.class, () -> connection.callTool("t", null));
            assertThat(e.mayHaveExecuted()).isTrue();
            assertThat(initializes).hasValue(1);
            assertThat(server.session().received("tools/call")).hasSize(1);
        }
    }

    @Test
    void a_server_that_loses_each_session_at_once_is_an_error_and_no_loop() {
        lost.set(Integer.MAX_VALUE);
        try (ScriptedServer server = server()) {
            McpConnection connection = server.open();
            McpConnectionLostException e =
                    catchThrowableOfType(McpConnectionLostException.class, () -> echo(connection, "hi"));
            assertThat(e).hasMessageContaining("status 404");
            assertThat(e.mayHaveExecuted()).isFalse();
            assertThat(initializes).hasValue(2);

            assertThatThrownBy(() -> connection.callToolAsync("t", null).join())
                    .hasCauseInstanceOf(McpConnectionLostException.class);
            assertThat(initializes).hasValue(3);
            assertThat(connection.isValid(Duration.ofSeconds(20))).isFalse();
        }
    }

    @Test
    void a_session_that_cannot_be_renewed_fails_all_who_wait_with_the_reason_and_ends_the_connection() {
        AtomicReference<JsonNode> refused = new AtomicReference<>();
        try (ScriptedServer server = server()) {
            McpConnection connection = server.open();
            initialize.set((message, client) -> refused.set(message));
            lost.set(3);
            List<CompletableFuture<?>> waiting = List.of(
                    connection.callToolAsync("a", null),
                    connection.callToolAsync("b", null),
                    connection.callToolAsync("c", null));
            Await.that(() -> refused.get() != null && lost.get() == 0, "the session was not renewed");
            server.session().fail(refused.get(), Kind.CONNECTION, "answered with status 503");

            for (CompletableFuture<?> each : waiting) {
                McpConnectionLostException e =
                        catchThrowableOfType(java.util.concurrent.CompletionException.class, each::join)
                                                .getCause()
                                        instanceof McpConnectionLostException lostBy
                                ? lostBy
                                : null;
                assertThat(e)
                        .hasMessageContaining("cannot be renewed")
                        .hasMessageContaining("status 503")
                        .hasMessageContaining("not carried out");
                assertThat(e.mayHaveExecuted()).isFalse();
            }
            assertThat(isClosed(connection)).isTrue();
            assertThat(connection.isValid(Duration.ofSeconds(1))).isFalse();
            assertThatThrownBy(() -> echo(connection, "hi"))
                    .isInstanceOf(McpConnectionLostException.class)
                    .hasMessageContaining("status 503");
            Await.that(server.session()::isClosed, "the transport was not closed");
        }
    }

    @Test
    void a_lack_of_authorization_on_renewal_is_what_the_caller_gets() {
        try (ScriptedServer server = server()) {
            McpConnection connection = server.open();
            initialize.set((message, client) -> client.fail(message, Kind.AUTHORIZATION, "status 401"));
            lost.set(1);
            assertThatThrownBy(() -> echo(connection, "hi"))
                    .isInstanceOf(McpAuthorizationException.class)
                    .hasMessageContaining("status 401");
            assertThat(isClosed(connection)).isTrue();
        }
    }

    @Test
    void a_renewal_that_takes_too_long_for_a_call_goes_on_without_it() {
        AtomicReference<JsonNode> asked = new AtomicReference<>();
        try (ScriptedServer server = server()) {
            McpConnection connection = server.open();
            initialize.set((message, client) -> asked.set(message));
            lost.set(1);
            McpTimeoutException e = catchThrowableOfType(
                    McpTimeoutException.class,
                    () -> connection.callTool("t", null, CallOptions.timeout(Duration.ofSeconds(3))));
            assertThat(e).hasMessageContaining("was not renewed within 3s");
            assertThat(e.mayHaveExecuted()).isFalse();

            Await.that(() -> asked.get() != null, "the session was not renewed");
            server.session().result(asked.get(), Answers.initialized("2025-11-25"));
            server.session()
                    .awaitReceived(message -> server.session()
                                    .received("notifications/initialized")
                                    .size()
                            == 2);
            assertThat(echo(connection, "hi")).isEqualTo("hi");
            assertThat(initializes).hasValue(2);
        }
    }

    @Test
    void a_renewal_may_agree_on_another_revision() {
        try (ScriptedServer server = server()) {
            McpConnection connection = server.open();
            initialize.set((message, client) -> client.result(message, Answers.initialized("2025-03-26")));
            lost.set(1);
            assertThat(echo(connection, "hi")).isEqualTo("hi");
            assertThat(connection.metadata().protocolVersion()).isEqualTo("2025-03-26");
            assertThat(server.session().lastEnvelope().protocolVersion()).isEqualTo("2025-03-26");
        }
    }

    @Test
    void a_server_that_has_become_a_modern_one_is_used_as_that() {
        try (ScriptedServer server = server()) {
            McpConnection connection = server.open();
            initialize.set((message, client) -> client.result(message, Answers.initialized("2026-07-28")));
            lost.set(1);
            assertThat(echo(connection, "hi")).isEqualTo("hi");
            assertThat(connection.unwrap(PhysicalConnection.class).isSharable()).isTrue();
            JsonNode meta = server.session()
                    .received("tools/call")
                    .get(1)
                    .path("params")
                    .path("_meta");
            assertThat(meta.path("io.modelcontextprotocol/protocolVersion").asString())
                    .isEqualTo("2026-07-28");
        }
    }

    @Test
    void a_revision_that_is_refused_and_listed_all_the_same_is_sent_once_more() {
        AtomicInteger refusals = new AtomicInteger();
        try (ScriptedServer server = ScriptedServer.modern((message, client) -> {
                    if (refusals.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
                        client.send("{\"jsonrpc\":\"2.0\",\"id\":" + message.get("id") + ",\"error\":{\"code\":-32022,"
                                + "\"message\":\"v\",\"data\":{\"supported\":[\"2026-07-28\"]}}}");
                    } else {
                        Answers.echo(message, client);
                    }
                })
                .withExchangePerRequest()) {
            McpConnection connection = server.open();
            refusals.set(1);
            assertThat(echo(connection, "hi")).isEqualTo("hi");
            refusals.set(1);
            assertThat(connection
                            .callToolAsync("echo", Map.of("message", "ho"))
                            .join()
                            .text())
                    .isEqualTo("ho");
            refusals.set(2);
            assertThatThrownBy(() -> echo(connection, "hi"))
                    .isInstanceOf(McpRequestException.class)
                    .hasMessageContaining("-32022");
        }
    }

    @Test
    void the_calls_of_a_batch_are_made_again_side_by_side() {
        Set<String> seen = ConcurrentHashMap.newKeySet();
        List<JsonNode> again = new CopyOnWriteArrayList<>();
        List<Boolean> inline = new CopyOnWriteArrayList<>();
        try (ScriptedServer server = server((message, client) -> {
            if (seen.add(message.path("params").path("arguments").toString())) {
                lose(message, client);
                return;
            }
            again.add(message);
            inline.add(client.lastEnvelope().callerWaits());
            if (again.size() == 3) {
                for (JsonNode each : again) {
                    Answers.echo(each, client);
                }
            }
        })) {
            McpBatch batch = server.open().batch();
            for (int i = 0; i < 3; i++) {
                batch.add("echo", Map.of("message", "m" + i), CallOptions.timeout(Duration.ofSeconds(20)));
            }
            assertThat(batch.execute())
                    .extracting(outcome -> outcome.result().text())
                    .containsExactly("m0", "m1", "m2");
            assertThat(inline).containsOnly(false);
        }
    }
}
