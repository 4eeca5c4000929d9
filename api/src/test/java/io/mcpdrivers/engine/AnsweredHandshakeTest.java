package io.mcpdrivers.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.McpAuthorizationException;
import io.mcpdrivers.McpConnectionException;
import io.mcpdrivers.McpConnectionLostException;
import io.mcpdrivers.McpProtocolException;
import io.mcpdrivers.engine.EraMemory.Era;
import io.mcpdrivers.spi.McpUri;
import io.mcpdrivers.spi.TransportException.Kind;
import io.mcpdrivers.testing.Answers;
import io.mcpdrivers.testing.NothingLeft;
import io.mcpdrivers.testing.ScriptedServer;
import io.mcpdrivers.testing.ScriptedServer.Script;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The handshake over a transport on which each request is an exchange of its own, as over HTTP. */
@ExtendWith(NothingLeft.class)
class AnsweredHandshakeTest {

    private static final long NO_TIME = TimeUnit.MILLISECONDS.toNanos(1);

    private static PhysicalConnection open(ScriptedServer server, String parameters) {
        // Silence must tell nothing, however short the time after which it would over a pipe.
        return server.adopt(Connector.open(target(server, parameters), NO_TIME));
    }

    private static PhysicalConnection open(ScriptedServer server) {
        return open(server, "");
    }

    private static ServerTarget target(ScriptedServer server, String parameters) {
        return Connector.prepare(McpUri.parse(server.uri() + "?" + parameters), null);
    }

    private static String version(PhysicalConnection connection) {
        return connection.metadata().protocolVersion();
    }

    private static List<String> methods(ScriptedServer server) {
        return server.session().received().stream().map(Answers::method).toList();
    }

    private static Script rejectingDiscover(Kind kind) {
        return (message, client) -> {
            if (Answers.method(message).equals("server/discover")) {
                client.fail(message, kind, "status 400");
            } else {
                Answers.legacyHandshake(message, client);
            }
        };
    }

    @Test
    void a_modern_server_may_take_its_time() {
        try (ScriptedServer server = ScriptedServer.raw((message, client) -> {
                    Thread.sleep(100);
                    Answers.modernHandshake(message, client);
                })
                .withExchangePerRequest()) {
            assertThat(version(open(server))).isEqualTo("2026-07-28");
            assertThat(methods(server)).containsExactly("server/discover");
        }
    }

    @Test
    void silence_is_no_verdict_and_ends_with_the_time() {
        try (ScriptedServer server = ScriptedServer.raw((message, client) -> {}).withExchangePerRequest()) {
            assertThatThrownBy(() -> open(server, "connectTimeout=300ms"))
                    .isInstanceOf(McpConnectionException.class)
                    .hasMessageContaining("connectTimeout of 300ms")
                    .hasMessageContaining("is it an MCP server? If it is, raise connectTimeout");
            assertThat(server.session().received("initialize")).isEmpty();
            assertThat(EraMemory.recall(target(server, ""))).isNull();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"REJECTED", "PROTOCOL"})
    void a_rejection_without_a_word_of_the_protocol_means_a_legacy_server(Kind kind) {
        try (ScriptedServer server = ScriptedServer.raw(rejectingDiscover(kind)).withExchangePerRequest()) {
            assertThat(version(open(server))).isEqualTo("2025-11-25");
            assertThat(server.sessions()).hasSize(1);
            assertThat(EraMemory.recall(target(server, ""))).isEqualTo(Era.LEGACY);
        }
    }

    @Test
    void an_error_that_names_no_request_answers_the_one_whose_exchange_it_is_on() {
        try (ScriptedServer server = ScriptedServer.raw((message, client) -> {
                    if (Answers.method(message).equals("server/discover")) {
                        client.answerWithoutId(
                                message,
                                "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32000,\"message\":\"no\"}}");
                    } else {
                        Answers.legacyHandshake(message, client);
                    }
                })
                .withExchangePerRequest()) {
            assertThat(version(open(server))).isEqualTo("2025-11-25");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"CONNECTION", "REFUSED", "TIMEOUT"})
    void a_server_in_trouble_is_reported_at_once_and_says_nothing_of_its_era(Kind kind) {
        for (Era remembered : new Era[] {null, Era.LEGACY, Era.MODERN}) {
            try (ScriptedServer server = ScriptedServer.raw(
                            (message, client) -> client.fail(message, kind, "answered with status 503"))
                    .withExchangePerRequest()) {
                if (remembered != null) {
                    EraMemory.remember(target(server, ""), remembered);
                }
                assertThatThrownBy(() -> open(server))
                        .isInstanceOf(McpConnectionException.class)
                        .isNotInstanceOf(McpConnectionLostException.class)
                        .hasMessageContaining("answered with status 503")
                        .message()
                        .doesNotContain("carried out");
                assertThat(server.session().received()).hasSize(1);
                assertThat(EraMemory.recall(target(server, ""))).isEqualTo(remembered);
            }
        }
    }

    @Test
    void a_lack_of_authorization_is_what_the_caller_gets() {
        for (Era remembered : new Era[] {null, Era.LEGACY, Era.MODERN}) {
            try (ScriptedServer server = ScriptedServer.raw(
                            (message, client) -> client.fail(message, Kind.AUTHORIZATION, "status 401"))
                    .withExchangePerRequest()) {
                if (remembered != null) {
                    EraMemory.remember(target(server, ""), remembered);
                }
                assertThatThrownBy(() -> open(server))
                        .isInstanceOf(McpAuthorizationException.class)
                        .hasMessage("status 401");
                assertThat(server.session().received()).hasSize(1);
                assertThat(EraMemory.recall(target(server, ""))).isEqualTo(remembered);
            }
        }
    }

    @Test
    void trouble_amid_the_fallback_fixes_nothing() {
        AtomicReference<Kind> trouble = new AtomicReference<>(Kind.CONNECTION);
        try (ScriptedServer server = ScriptedServer.raw((message, client) -> {
                    Kind kind = trouble.get();
                    if (Answers.method(message).equals("server/discover")) {
                        client.fail(message, Kind.REJECTED, "status 400");
                    } else if (kind != null) {
                        client.fail(message, kind, "status of " + kind);
                    } else {
                        Answers.legacyHandshake(message, client);
                    }
                })
                .withExchangePerRequest()) {
            for (Kind kind : new Kind[] {Kind.CONNECTION, Kind.REJECTED, Kind.REFUSED, Kind.AUTHORIZATION}) {
                trouble.set(kind);
                assertThatThrownBy(() -> open(server)).hasMessageContaining("status of " + kind);
                assertThat(EraMemory.recall(target(server, ""))).isNull();
            }
            trouble.set(null);
            assertThat(version(open(server))).isEqualTo("2025-11-25");
            assertThat(methods(server)).startsWith("server/discover", "initialize");
        }
    }

    @Test
    void a_lost_connection_is_no_reason_to_open_another() {
        try (ScriptedServer server =
                ScriptedServer.raw((message, client) -> client.die("reset")).withExchangePerRequest()) {
            assertThatThrownBy(() -> open(server))
                    .isInstanceOf(McpConnectionException.class)
                    .hasMessage("reset");
            assertThat(server.sessions()).hasSize(1);
            assertThat(EraMemory.recall(target(server, ""))).isNull();
        }
    }

    @Test
    void an_unsupported_version_that_is_listed_all_the_same_is_sent_once_more() {
        AtomicInteger refusals = new AtomicInteger(1);
        Script script = (message, client) -> {
            if (refusals.getAndDecrement() > 0) {
                client.send("{\"jsonrpc\":\"2.0\",\"id\":" + message.get("id") + ",\"error\":{\"code\":-32022,"
                        + "\"message\":\"v\",\"data\":{\"supported\":[\"2026-07-28\"]}}}");
            } else {
                Answers.modernHandshake(message, client);
            }
        };
        try (ScriptedServer server = ScriptedServer.raw(script).withExchangePerRequest()) {
            assertThat(version(open(server))).isEqualTo("2026-07-28");
            assertThat(methods(server)).containsExactly("server/discover", "server/discover");
        }
        refusals.set(1000);
        try (ScriptedServer server = ScriptedServer.raw(script).withExchangePerRequest()) {
            assertThatThrownBy(() -> open(server))
                    .isInstanceOf(McpConnectionException.class)
                    .hasMessageContaining("-32022");
            assertThat(methods(server)).containsExactly("server/discover", "server/discover");
        }
    }

    @Test
    void initialize_that_is_answered_with_a_modern_revision_shows_a_modern_server() {
        try (ScriptedServer server = ScriptedServer.raw((message, client) -> {
                    if (Answers.method(message).equals("initialize")) {
                        client.result(message, Answers.initialized("2026-07-28"));
                    } else {
                        client.error(message, -32601, "no");
                    }
                })
                .withExchangePerRequest()) {
            PhysicalConnection connection = open(server);
            assertThat(version(connection)).isEqualTo("2026-07-28");
            assertThat(connection.isSharable()).isTrue();
            assertThat(connection.metadata().serverName()).isEqualTo("scripted");
            assertThat(server.session().received("notifications/initialized")).isEmpty();
            assertThat(EraMemory.recall(target(server, ""))).isEqualTo(Era.MODERN);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_wrong_memory_heals_within_the_attempt(boolean rejectsInTheProtocol) {
        for (Era era : Era.values()) {
            String unknown = era == Era.MODERN ? "initialize" : "server/discover";
            try (ScriptedServer server = ScriptedServer.raw((message, client) -> {
                        if (Answers.method(message).equals(unknown) && !rejectsInTheProtocol) {
                            client.fail(message, Kind.REJECTED, "status 404");
                        } else if (era == Era.MODERN) {
                            Answers.modernHandshake(message, client);
                        } else {
                            Answers.legacyHandshake(message, client);
                        }
                    })
                    .withExchangePerRequest()) {
                ServerTarget target = target(server, "");
                EraMemory.remember(target, era == Era.MODERN ? Era.LEGACY : Era.MODERN);

                assertThat(open(server).isSharable()).isEqualTo(era == Era.MODERN);
                assertThat(server.sessions()).hasSize(1);
                assertThat(EraMemory.recall(target)).isEqualTo(era);
            }
        }
    }

    @Test
    void a_remembered_legacy_server_is_not_asked_for_its_era() {
        try (ScriptedServer server =
                ScriptedServer.raw(Answers::legacyHandshake).withExchangePerRequest()) {
            open(server);
            open(server);
            assertThat(methods(server)).startsWith("initialize");
        }
    }

    @Test
    void a_remembered_legacy_server_that_lists_what_it_speaks_is_followed() {
        try (ScriptedServer server = ScriptedServer.raw((message, client) -> {
                    String asked =
                            message.path("params").path("protocolVersion").asString("");
                    if (Answers.method(message).equals("server/discover")) {
                        client.result(message, "{\"supportedVersions\":[\"2025-03-26\"]}");
                    } else if (asked.equals("2025-03-26")) {
                        client.result(message, Answers.initialized(asked));
                    } else if (message.has("id")) {
                        client.fail(message, Kind.REJECTED, "status 400");
                    }
                })
                .withExchangePerRequest()) {
            EraMemory.remember(target(server, ""), Era.LEGACY);
            assertThat(version(open(server))).isEqualTo("2025-03-26");
        }
    }

    @Test
    void what_understands_nothing_is_reported_and_not_remembered() {
        for (Era remembered : Era.values()) {
            try (ScriptedServer server = ScriptedServer.raw((message, client) ->
                            client.fail(message, Kind.REJECTED, "status 404 for " + Answers.method(message)))
                    .withExchangePerRequest()) {
                EraMemory.remember(target(server, ""), remembered);
                assertThatThrownBy(() -> open(server))
                        .isInstanceOf(McpConnectionException.class)
                        .isNotInstanceOf(McpConnectionLostException.class)
                        .hasMessage("status 404 for initialize");
                assertThat(EraMemory.recall(target(server, ""))).isNull();
            }
        }
    }

    @Test
    void a_transport_that_is_older_than_the_modern_era_needs_no_question() {
        try (ScriptedServer server =
                ScriptedServer.raw(Answers::legacyHandshake).withLegacyTransport()) {
            assertThat(version(open(server))).isEqualTo("2025-11-25");
            assertThat(methods(server)).startsWith("initialize");
            JsonNode initialize = server.session().received().get(0);
            assertThat(initialize.path("params").path("protocolVersion").asString())
                    .isEqualTo("2025-11-25");
        }
    }

    @Test
    void a_revision_that_is_asked_for_is_the_only_one_that_is_tried() {
        try (ScriptedServer server = ScriptedServer.raw((message, client) -> client.send("{\"jsonrpc\":\"2.0\",\"id\":"
                        + message.get("id") + ",\"error\":{\"code\":-32022,\"message\":\"v\",\"data\":"
                        + "{\"supported\":[\"2025-11-25\"]}}}"))
                .withExchangePerRequest()) {
            assertThatThrownBy(() -> open(server, "protocol=2026-07-28"))
                    .isInstanceOf(McpProtocolException.class)
                    .hasMessageContaining("does not speak protocol 2026-07-28");
            assertThat(methods(server)).containsExactly("server/discover");
        }
    }

    private static ScriptedServer modernFor(String ttlMillis, AtomicReference<@Nullable Kind> failure) {
        return ScriptedServer.raw((message, client) -> {
                    if (Answers.method(message).equals("server/discover")) {
                        client.result(
                                message,
                                "{\"supportedVersions\":[\"2026-07-28\"],\"capabilities\":{}" + ttlMillis + "}");
                    } else if (failure.get() != null) {
                        client.fail(message, failure.get(), "status 400");
                    } else {
                        client.text(message, "done");
                    }
                })
                .withExchangePerRequest();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "?protocol=2026-07-28"})
    void a_modern_server_is_asked_once_for_as_long_as_it_allows(String parameters) {
        try (ScriptedServer server = modernFor(",\"ttlMs\":60000", new AtomicReference<>())) {
            ServerTarget target = Connector.prepare(McpUri.parse(server.uri() + parameters), null);
            server.adopt(Connector.open(target));

            PhysicalConnection second = server.adopt(Connector.open(target));

            assertThat(methods(server)).isEmpty();
            assertThat(version(second)).isEqualTo("2026-07-28");
            assertThat(second.callTool("t", null).text()).isEqualTo("done");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",\"ttlMs\":0", ",\"ttlMs\":\"x\"", ",\"ttlMs\":-1"})
    void a_modern_server_that_allows_no_time_is_asked_each_time(String ttlMillis) {
        try (ScriptedServer server = modernFor(ttlMillis, new AtomicReference<>())) {
            ServerTarget target = target(server, "");
            server.adopt(Connector.open(target));

            server.adopt(Connector.open(target));

            assertThat(methods(server)).containsExactly("server/discover");
        }
    }

    @Test
    void a_modern_server_that_rejects_a_request_is_asked_again() {
        AtomicReference<@Nullable Kind> failure = new AtomicReference<>(Kind.REJECTED);
        try (ScriptedServer server = modernFor(",\"ttlMs\":60000", failure)) {
            ServerTarget target = target(server, "");
            PhysicalConnection first = server.adopt(Connector.open(target));
            assertThatThrownBy(() -> first.callTool("t", null)).isExactlyInstanceOf(McpConnectionException.class);

            server.adopt(Connector.open(target));

            assertThat(methods(server)).containsExactly("server/discover");
        }
    }

    @Test
    void a_modern_server_that_is_busy_is_not_asked_again() {
        AtomicReference<@Nullable Kind> failure = new AtomicReference<>(Kind.REFUSED);
        try (ScriptedServer server = modernFor(",\"ttlMs\":60000", failure)) {
            ServerTarget target = target(server, "");
            PhysicalConnection first = server.adopt(Connector.open(target));
            assertThatThrownBy(() -> first.callTool("t", null)).isExactlyInstanceOf(McpConnectionException.class);

            server.adopt(Connector.open(target));

            assertThat(methods(server)).isEmpty();
        }
    }
}
