package io.mcpdrivers.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpConnectionException;
import io.mcpdrivers.McpConnectionLostException;
import io.mcpdrivers.McpInterruptedException;
import io.mcpdrivers.McpProtocolException;
import io.mcpdrivers.engine.EraMemory.Era;
import io.mcpdrivers.spi.McpUri;
import io.mcpdrivers.spi.TransportException;
import io.mcpdrivers.testing.Answers;
import io.mcpdrivers.testing.NothingLeft;
import io.mcpdrivers.testing.ScriptedServer;
import io.mcpdrivers.testing.ScriptedServer.Session;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** One test for each row of the matrix, and for what is beside it. */
@ExtendWith(NothingLeft.class)
class HandshakeTest {

    private static final long NO_TIME = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long LONG = TimeUnit.SECONDS.toNanos(60);

    private PhysicalConnection open(ScriptedServer server, String parameters, long probeNanos) {
        ServerTarget target = target(server, parameters);
        PhysicalConnection connection = Connector.open(target, probeNanos);
        return server.adopt(connection);
    }

    private PhysicalConnection open(ScriptedServer server) {
        return open(server, "", LONG);
    }

    private static ServerTarget target(ScriptedServer server, String parameters) {
        return Connector.prepare(McpUri.parse(server.uri() + "?" + parameters), null);
    }

    private static List<String> methods(Session session) {
        return session.received().stream().map(Answers::method).toList();
    }

    private static String version(McpConnection connection) {
        return connection.metadata().protocolVersion();
    }

    @Test
    void a_modern_server_is_used_after_one_question() {
        try (ScriptedServer server = ScriptedServer.modern(Answers::echo)) {
            PhysicalConnection connection = open(server);

            assertThat(methods(server.session())).containsExactly("server/discover");
            assertThat(version(connection)).isEqualTo("2026-07-28");
            assertThat(connection.isSharable()).isTrue();
            assertThat(connection.metadata().serverName()).isEqualTo("scripted");
            assertThat(connection.metadata().serverVersion()).isEqualTo("1.2");
            assertThat(connection.metadata().instructions()).isEqualTo("be kind");
            assertThat(connection.metadata().capabilities().has("tools")).isTrue();
        }
    }

    @Test
    void the_probe_carries_what_a_modern_request_must() {
        try (ScriptedServer server = ScriptedServer.modern(Answers::echo)) {
            open(server);
            JsonNode meta = server.session().received().get(0).path("params").path("_meta");

            assertThat(meta.path("io.modelcontextprotocol/protocolVersion").asString())
                    .isEqualTo("2026-07-28");
            assertThat(meta.has("io.modelcontextprotocol/clientInfo")).isTrue();
            assertThat(meta.has("io.modelcontextprotocol/clientCapabilities")).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-32601, -32602, -32600, -32000, 0, -32042})
    void any_error_that_is_not_modern_means_a_legacy_server(int code) {
        try (ScriptedServer server = ScriptedServer.raw((message, client) -> {
            if (Answers.method(message).equals("server/discover")) {
                client.error(message, code, "No");
            } else {
                Answers.legacyHandshake(message, client);
            }
        })) {
            PhysicalConnection connection = open(server);

            assertThat(version(connection)).isEqualTo("2025-11-25");
            assertThat(connection.isSharable()).isFalse();
            Session session = server.session();
            session.awaitReceived("notifications/initialized");
            assertThat(methods(session)).containsExactly("server/discover", "initialize", "notifications/initialized");
            JsonNode initialize = session.received("initialize").get(0).path("params");
            assertThat(initialize.path("protocolVersion").asString()).isEqualTo("2025-11-25");
            assertThat(initialize.path("capabilities").isObject()).isTrue();
            assertThat(initialize.path("clientInfo").path("name").asString()).isEqualTo("mcp-drivers");
            assertThat(initialize.has("_meta")).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "null", "5", "{\"capabilities\":{}}"})
    void a_result_that_is_no_discovery_means_a_legacy_server(String result) {
        try (ScriptedServer server = ScriptedServer.raw((message, client) -> {
            if (Answers.method(message).equals("server/discover")) {
                client.result(message, result);
            } else {
                Answers.legacyHandshake(message, client);
            }
        })) {
            assertThat(version(open(server))).isEqualTo("2025-11-25");
        }
    }

    private static ScriptedServer unsupported(String supported, ScriptedServer.Script rest) {
        return ScriptedServer.raw((message, client) -> {
            if (Answers.method(message).equals("server/discover")) {
                client.send("{\"jsonrpc\":\"2.0\",\"id\":" + message.get("id")
                        + ",\"error\":{\"code\":-32022,\"message\":\"Unsupported protocol version\",\"data\":"
                        + "{\"supported\":" + supported + ",\"requested\":\"2026-07-28\"}}}");
            } else {
                rest.take(message, client);
            }
        });
    }

    @Test
    void an_unsupported_version_leads_to_the_newest_legacy_one_that_is_listed() {
        try (ScriptedServer server =
                unsupported("[\"2024-11-05\",\"2025-06-18\",\"2099-01-01\"]", (message, client) -> {
                    if (Answers.method(message).equals("initialize")) {
                        client.result(
                                message,
                                Answers.initialized(message.path("params")
                                        .path("protocolVersion")
                                        .asString()));
                    }
                })) {
            assertThat(version(open(server))).isEqualTo("2025-06-18");
        }
    }

    @Test
    void an_unsupported_version_without_a_common_one_is_an_error_that_names_both_sides() {
        for (String supported : List.of("[\"2099-01-01\"]", "[]", "null")) {
            try (ScriptedServer server = unsupported(supported, (message, client) -> {})) {
                assertThatThrownBy(() -> open(server))
                        .isInstanceOf(McpProtocolException.class)
                        .hasMessageContaining("no common revision")
                        .hasMessageContaining("2026-07-28")
                        .hasMessageContaining("2024-11-05");
                assertThat(methods(server.session())).containsExactly("server/discover");
            }
        }
    }

    @Test
    void a_modern_error_of_another_kind_is_no_reason_to_initialize() {
        try (ScriptedServer server =
                ScriptedServer.raw((message, client) -> client.error(message, -32021, "Missing capability"))) {
            assertThatThrownBy(() -> open(server))
                    .isInstanceOf(McpConnectionException.class)
                    .hasMessageContaining("Missing capability");
            assertThat(methods(server.session())).containsExactly("server/discover");
        }
    }

    @Test
    void a_server_that_discovers_legacy_revisions_alone_is_initialized() {
        try (ScriptedServer server = ScriptedServer.raw((message, client) -> {
            switch (Answers.method(message)) {
                case "server/discover" ->
                    client.result(message, "{\"supportedVersions\":[\"2025-03-26\",\"2099-01-01\"]}");
                case "initialize" -> client.result(message, Answers.initialized("2025-03-26"));
                default -> {}
            }
        })) {
            assertThat(version(open(server))).isEqualTo("2025-03-26");
        }
    }

    @Test
    void a_legacy_server_that_ignores_the_probe_connects_after_a_while() {
        try (ScriptedServer server = ScriptedServer.raw((message, client) -> {
            if (!Answers.method(message).equals("server/discover")) {
                Answers.legacyHandshake(message, client);
            }
        })) {
            PhysicalConnection connection = open(server, "", NO_TIME);

            assertThat(version(connection)).isEqualTo("2025-11-25");
            connection.ping();
            assertThat(connection.inFlight()).isZero();
            assertThat(EraMemory.recall(connection.target())).isEqualTo(Era.LEGACY);
        }
    }

    @Test
    void the_probe_alone_is_waited_for_no_longer_than_a_third_of_the_time() {
        try (ScriptedServer server = ScriptedServer.raw((message, client) -> {
            if (!Answers.method(message).equals("server/discover")) {
                Answers.legacyHandshake(message, client);
            }
        })) {
            assertThat(version(open(server, "connectTimeout=6s", LONG))).isEqualTo("2025-11-25");
        }
    }

    @Test
    void a_slow_modern_server_is_not_taken_for_a_legacy_one() {
        AtomicReference<JsonNode> discover = new AtomicReference<>();
        try (ScriptedServer server = ScriptedServer.raw((message, client) -> {
            switch (Answers.method(message)) {
                case "server/discover" -> discover.set(message);
                case "initialize" -> {
                    // It has started at last, and answers in order.
                    client.result(discover.get(), Answers.DISCOVERED);
                    client.error(message, -32601, "Method not found");
                }
                default -> Answers.echo(message, client);
            }
        })) {
            PhysicalConnection connection = open(server, "", NO_TIME);

            assertThat(version(connection)).isEqualTo("2026-07-28");
            assertThat(connection
                            .callTool("echo", java.util.Map.of("message", "hi"))
                            .text())
                    .isEqualTo("hi");
            assertThat(server.sessions()).hasSize(1);
        }
    }

    @Test
    void a_slow_modern_server_that_answers_out_of_order_is_modern() {
        AtomicReference<JsonNode> discover = new AtomicReference<>();
        try (ScriptedServer server = ScriptedServer.raw((message, client) -> {
            switch (Answers.method(message)) {
                case "server/discover" -> discover.set(message);
                case "initialize" -> {
                    client.error(message, -32601, "Method not found");
                    client.result(discover.get(), Answers.DISCOVERED);
                }
                default -> {}
            }
        })) {
            assertThat(version(open(server, "", NO_TIME))).isEqualTo("2026-07-28");
        }
    }

    @Test
    void a_slow_modern_server_need_not_answer_initialize() {
        AtomicReference<JsonNode> discover = new AtomicReference<>();
        try (ScriptedServer server = ScriptedServer.raw((message, client) -> {
            switch (Answers.method(message)) {
                case "server/discover" -> discover.set(message);
                case "initialize" -> client.result(discover.get(), Answers.DISCOVERED);
                default -> {}
            }
        })) {
            PhysicalConnection connection = open(server, "", NO_TIME);

            assertThat(version(connection)).isEqualTo("2026-07-28");
            assertThat(connection.inFlight()).isZero();
            assertThat(methods(server.session())).doesNotContain("notifications/cancelled");
        }
    }

    @Test
    void a_slow_legacy_server_that_answers_both_in_order_is_legacy() {
        AtomicReference<JsonNode> discover = new AtomicReference<>();
        try (ScriptedServer server = ScriptedServer.raw((message, client) -> {
            switch (Answers.method(message)) {
                case "server/discover" -> discover.set(message);
                case "initialize" -> {
                    client.error(discover.get(), -32601, "Method not found");
                    client.result(message, Answers.initialized("2025-06-18"));
                }
                default -> {}
            }
        })) {
            assertThat(version(open(server, "", NO_TIME))).isEqualTo("2025-06-18");
            assertThat(server.session().received("initialize")).hasSize(1);
        }
    }

    @Test
    void a_slow_server_of_both_eras_that_was_told_both_is_started_again_as_a_modern_one() {
        AtomicReference<JsonNode> discover = new AtomicReference<>();
        try (ScriptedServer server = ScriptedServer.raw((message, client) -> {
            switch (Answers.method(message)) {
                case "server/discover" -> {
                    if (discover.getAndSet(message) != null) {
                        client.result(message, Answers.DISCOVERED);
                    }
                }
                case "initialize" -> {
                    client.result(discover.get(), Answers.DISCOVERED);
                    client.result(message, Answers.initialized("2025-11-25"));
                }
                default -> {}
            }
        })) {
            // As long is the answer to initialize waited for once the server turned out modern.
            assertThat(version(open(server, "", TimeUnit.SECONDS.toNanos(2)))).isEqualTo("2026-07-28");
            assertThat(server.sessions()).hasSize(2);
            assertThat(methods(server.session())).containsExactly("server/discover");
        }
    }

    @Test
    void a_legacy_server_that_ends_at_the_probe_is_started_again() {
        try (ScriptedServer server = endingAtProbe(false)) {
            assertThat(version(openEvenIfTheEndComesLate(server))).isEqualTo("2025-11-25");
            assertThat(server.sessions()).hasSize(2);
            assertThat(methods(server.session())).startsWith("initialize");
        }
    }

    @Test
    void a_legacy_server_that_answers_the_probe_and_then_ends_is_started_again() {
        try (ScriptedServer server = endingAtProbe(true)) {
            assertThat(version(open(server))).isEqualTo("2025-11-25");
            assertThat(server.sessions()).hasSize(2);

            assertThat(version(open(server))).isEqualTo("2025-11-25");
            assertThat(server.sessions()).hasSize(3);
        }
    }

    /** An end that comes later than a second after the start is reported, and the next attempt knows better. */
    private PhysicalConnection openEvenIfTheEndComesLate(ScriptedServer server) {
        long begin = System.nanoTime();
        try {
            return open(server);
        } catch (McpConnectionException e) {
            assertThat(System.nanoTime() - begin).as("ns until the end").isGreaterThan(TimeUnit.SECONDS.toNanos(1));
            return open(server);
        }
    }

    private static ScriptedServer endingAtProbe(boolean answers) {
        return ScriptedServer.raw((message, client) -> {
            if (Answers.method(message).equals("server/discover")) {
                if (answers) {
                    client.error(message, -32600, "expected initialize");
                }
                client.die("exit code 1");
            } else {
                Answers.legacyHandshake(message, client);
            }
        });
    }

    @Test
    void a_server_that_ends_long_after_its_start_is_reported_and_initialized_the_next_time() {
        try (ScriptedServer server = endingAtProbe(false)) {
            ServerTarget target = target(server, "");
            assertThatThrownBy(() -> {
                        var transport = target.driver().open(target.uri(), io.mcpdrivers.spi.OpenOptions.of("late"));
                        try {
                            long tenSecondsAgo = System.nanoTime() - TimeUnit.SECONDS.toNanos(10);
                            new Handshake(
                                            new RpcChannel(transport, target),
                                            target,
                                            tenSecondsAgo,
                                            System.nanoTime() + LONG,
                                            LONG)
                                    .perform(null);
                        } finally {
                            transport.close();
                        }
                    })
                    .isInstanceOf(McpConnectionLostException.class);

            assertThat(version(open(server))).isEqualTo("2025-11-25");
            assertThat(server.sessions()).hasSize(2);
        }
    }

    @Test
    void a_server_that_always_ends_is_started_twice_and_its_reason_reported() {
        AtomicInteger openings = new AtomicInteger();
        try (ScriptedServer server = ScriptedServer.raw((message, client) -> {
            openings.incrementAndGet();
            client.die("exit code 3: no API key");
        })) {
            for (int i = 1; i <= 3; i++) {
                openings.set(0);
                assertThatThrownBy(() -> open(server))
                        .isInstanceOf(McpConnectionException.class)
                        .isNotInstanceOf(McpConnectionLostException.class)
                        .hasMessage("exit code 3: no API key")
                        .hasNoCause();
                assertThat(openings.get()).isBetween(1, 2);
            }
        }
    }

    @Test
    void the_verdict_is_remembered() {
        try (ScriptedServer server = ScriptedServer.legacy((message, client) -> {})) {
            open(server);
            open(server);

            assertThat(methods(server.session())).startsWith("initialize");
        }
        try (ScriptedServer server = ScriptedServer.modern((message, client) -> {})) {
            open(server);
            // Remembered, so that slowness is no reason to doubt.
            open(server, "", 0);

            assertThat(methods(server.session())).containsExactly("server/discover");
        }
    }

    @Test
    void the_verdict_is_remembered_per_server() {
        try (ScriptedServer server = ScriptedServer.legacy((message, client) -> {})) {
            open(server, "arg=a", LONG);
            open(server, "arg=b", LONG);
            assertThat(methods(server.session())).startsWith("server/discover");

            open(server, "arg=b&requestTimeout=5s", LONG);
            assertThat(methods(server.session())).startsWith("initialize");
        }
    }

    @Test
    void a_remembered_legacy_server_that_became_modern_connects() {
        AtomicReference<ScriptedServer.Script> era = new AtomicReference<>(Answers::legacyHandshake);
        try (ScriptedServer server =
                ScriptedServer.raw((message, client) -> era.get().take(message, client))) {
            assertThat(version(open(server))).isEqualTo("2025-11-25");
            era.set(Answers::modernHandshake);

            assertThat(version(open(server))).isEqualTo("2026-07-28");
            assertThat(EraMemory.recall(target(server, ""))).isEqualTo(Era.MODERN);
        }
    }

    @Test
    void a_remembered_modern_server_that_became_legacy_connects() {
        AtomicReference<ScriptedServer.Script> era = new AtomicReference<>(Answers::modernHandshake);
        try (ScriptedServer server =
                ScriptedServer.raw((message, client) -> era.get().take(message, client))) {
            assertThat(version(open(server))).isEqualTo("2026-07-28");
            era.set(Answers::legacyHandshake);

            assertThat(version(open(server))).isEqualTo("2025-11-25");
            assertThat(EraMemory.recall(target(server, ""))).isEqualTo(Era.LEGACY);
        }
    }

    @Test
    void a_remembered_modern_server_that_now_ends_at_the_probe_connects() {
        AtomicReference<ScriptedServer.Script> era = new AtomicReference<>(Answers::modernHandshake);
        try (ScriptedServer server =
                ScriptedServer.raw((message, client) -> era.get().take(message, client))) {
            open(server);
            era.set((message, client) -> {
                if (Answers.method(message).equals("server/discover")) {
                    client.die("exit code 1");
                } else {
                    Answers.legacyHandshake(message, client);
                }
            });

            assertThat(version(open(server))).isEqualTo("2025-11-25");
        }
    }

    @Test
    void a_remembered_verdict_that_fails_is_forgotten() {
        AtomicReference<ScriptedServer.Script> era = new AtomicReference<>(Answers::modernHandshake);
        try (ScriptedServer server =
                ScriptedServer.raw((message, client) -> era.get().take(message, client))) {
            open(server);
            era.set((message, client) -> {
                // A legacy server that ignores what it does not know.
                if (!Answers.method(message).equals("server/discover")) {
                    Answers.legacyHandshake(message, client);
                }
            });
            assertThatThrownBy(() -> open(server, "connectTimeout=50ms", NO_TIME))
                    .isInstanceOf(McpConnectionException.class)
                    .hasMessageContaining("connectTimeout of 50ms");

            assertThat(version(open(server, "", NO_TIME))).isEqualTo("2025-11-25");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"})
    void a_legacy_revision_that_is_asked_for_is_used_without_a_probe(String revision) {
        try (ScriptedServer server = ScriptedServer.raw((message, client) -> {
            if (Answers.method(message).equals("initialize")) {
                client.result(
                        message,
                        Answers.initialized(
                                message.path("params").path("protocolVersion").asString()));
            }
        })) {
            assertThat(version(open(server, "protocol=" + revision, LONG))).isEqualTo(revision);
            assertThat(methods(server.session())).startsWith("initialize");
        }
    }

    @Test
    void another_revision_than_the_one_asked_for_is_an_error() {
        try (ScriptedServer server = ScriptedServer.legacy((message, client) -> {})) {
            assertThatThrownBy(() -> open(server, "protocol=2025-03-26", LONG))
                    .isInstanceOf(McpProtocolException.class)
                    .hasMessageContaining("2025-11-25 instead of 2025-03-26")
                    .hasMessageContaining("protocol=auto");
            assertThatThrownBy(() -> open(server, "protocol=2026-07-28", LONG))
                    .isInstanceOf(McpProtocolException.class)
                    .hasMessageContaining("does not speak protocol 2026-07-28");
        }
        try (ScriptedServer server = ScriptedServer.modern((message, client) -> {})) {
            assertThat(version(open(server, "protocol=2026-07-28", LONG))).isEqualTo("2026-07-28");
            assertThatThrownBy(() -> open(server, "protocol=2025-11-25", LONG))
                    .isInstanceOf(McpConnectionException.class)
                    .hasMessageContaining("Method not found");
        }
    }

    @Test
    void a_server_may_negotiate_down() {
        for (String revision : List.of("2025-06-18", "2025-03-26", "2024-11-05")) {
            try (ScriptedServer server = ScriptedServer.raw((message, client) -> {
                switch (Answers.method(message)) {
                    case "server/discover" -> client.error(message, -32601, "no");
                    case "initialize" -> client.result(message, Answers.initialized(revision));
                    default -> {}
                }
            })) {
                assertThat(version(open(server))).isEqualTo(revision);
            }
        }
    }

    @Test
    void a_server_that_refuses_the_newest_revision_and_lists_others_is_asked_for_one_of_them() {
        try (ScriptedServer server = ScriptedServer.raw((message, client) -> {
            String asked = message.path("params").path("protocolVersion").asString("");
            switch (Answers.method(message)) {
                case "server/discover" -> client.error(message, -32601, "no");
                case "initialize" -> {
                    if (asked.equals("2024-11-05")) {
                        client.result(message, Answers.initialized("2024-11-05"));
                    } else {
                        client.send("{\"jsonrpc\":\"2.0\",\"id\":" + message.get("id") + ",\"error\":{\"code\":-32602,"
                                + "\"message\":\"Unsupported\",\"data\":{\"supported\":[\"2024-11-05\"]}}}");
                    }
                }
                default -> {}
            }
        })) {
            assertThat(version(open(server))).isEqualTo("2024-11-05");
        }
    }

    @Test
    void a_server_that_answers_an_unsupported_version_is_an_error() {
        try (ScriptedServer server = ScriptedServer.raw((message, client) -> {
            if (Answers.method(message).equals("initialize")) {
                client.result(message, Answers.initialized("2023-01-01"));
            } else {
                client.error(message, -32601, "no");
            }
        })) {
            assertThatThrownBy(() -> open(server))
                    .isInstanceOf(McpProtocolException.class)
                    .hasMessageContaining("2023-01-01")
                    .hasMessageContaining("no common revision");
        }
    }

    @Test
    void a_refused_handshake_is_a_failed_connection() {
        try (ScriptedServer server =
                ScriptedServer.raw((message, client) -> client.error(message, -32000, "not today"))) {
            assertThatThrownBy(() -> open(server))
                    .isInstanceOf(McpConnectionException.class)
                    .hasMessageContaining("not today");
        }
    }

    @Test
    void a_silent_server_fails_at_the_connect_timeout() {
        try (ScriptedServer server = ScriptedServer.raw((message, client) -> {})) {
            assertThatThrownBy(() -> open(server, "connectTimeout=100ms", NO_TIME))
                    .isInstanceOf(McpConnectionException.class)
                    .hasMessageContaining("connectTimeout of 100ms");
        }
    }

    @Test
    void a_server_that_cannot_be_opened_is_a_failed_connection() {
        try (ScriptedServer server = ScriptedServer.raw((message, client) -> {})) {
            server.refuse(new TransportException(TransportException.Kind.CONFIGURATION, "no such command"));

            assertThatThrownBy(() -> open(server))
                    .isInstanceOf(McpConnectionException.class)
                    .hasMessage("no such command");
        }
    }

    @Test
    void an_interrupted_handshake_is_an_interrupt_and_leaves_nothing() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        try (ScriptedServer server = ScriptedServer.raw((message, client) -> asked.countDown())) {
            AtomicReference<Throwable> failure = new AtomicReference<>();
            AtomicReference<Boolean> flag = new AtomicReference<>();
            Thread opener = new Thread(() -> {
                try {
                    open(server);
                } catch (Throwable e) {
                    failure.set(e);
                    flag.set(Thread.currentThread().isInterrupted());
                }
            });
            opener.start();
            asked.await();
            opener.interrupt();
            opener.join();

            assertThat(failure.get()).isInstanceOf(McpInterruptedException.class);
            assertThat(flag.get()).isTrue();
        }
    }

    @Test
    void noise_before_the_first_answer_is_skipped() {
        try (ScriptedServer server = ScriptedServer.raw((message, client) -> {
            client.send("Starting server on stdio...");
            client.send("{\"level\":\"info\"}");
            client.send("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":{}}");
            client.send("{\"jsonrpc\":\"2.0\",\"id\":777,\"result\":{}}");
            Answers.modernHandshake(message, client);
        })) {
            assertThat(version(open(server))).isEqualTo("2026-07-28");
        }
    }
}
