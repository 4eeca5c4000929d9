package io.mcpdrivers.integration.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.McpAuthorizationException;
import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpConnectionException;
import io.mcpdrivers.McpConnectionLostException;
import io.mcpdrivers.fixture.HttpFixtureServer;
import io.mcpdrivers.fixture.HttpRequest;
import io.mcpdrivers.integration.Connections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How the era of a server over HTTP is found out, remembered, and not mistaken. */
class EraOverHttpTest {

    @RegisterExtension
    final Connections connections = Connections.perTest();

    private HttpFixtureServer server(String... options) {
        return connections.server(HttpFixtureServer.start(options));
    }

    private McpConnection open(HttpFixtureServer server) {
        McpConnection connection = connections.open("mcp:" + server.url());
        assertThat(connection.callTool("echo", Map.of("message", "hi")).text()).isEqualTo("hi");
        return connection;
    }

    private static String version(McpConnection connection) {
        return connection.metadata().protocolVersion();
    }

    /** The methods of the messages that came, but for those of the calls that each test makes. */
    private static List<String> greetings(HttpFixtureServer server) {
        return server.requests().stream()
                .filter(request -> request.method().equals("POST"))
                .map(EraOverHttpTest::method)
                .filter(method -> !method.equals("tools/call"))
                .toList();
    }

    private static String method(HttpRequest request) {
        String body = request.body();
        int start = body.indexOf("\"method\":\"") + 10;
        return body.substring(start, body.indexOf('"', start));
    }

    @ParameterizedTest
    @CsvSource({"modern, 2026-07-28", "dual, 2026-07-28", "legacy, 2025-11-25"})
    void the_era_is_found_out_with_one_question(String era, String version) {
        HttpFixtureServer server = server("era=" + era);
        assertThat(version(open(server))).isEqualTo(version);
        if (era.equals("legacy")) {
            assertThat(greetings(server)).containsExactly("server/discover", "initialize", "notifications/initialized");
            open(server);
            // Remembered, so that nobody asks again.
            assertThat(greetings(server))
                    .endsWith("initialize", "notifications/initialized")
                    .hasSize(5);
        } else {
            assertThat(greetings(server)).containsExactly("server/discover");
        }
    }

    @Test
    void a_slow_server_is_no_legacy_one() {
        HttpFixtureServer server = server("era=dual", "handshake.delay=3500");
        assertThat(version(open(server))).isEqualTo("2026-07-28");
        assertThat(greetings(server)).containsExactly("server/discover");
    }

    @ParameterizedTest
    @CsvSource({
        "400, json",
        "400, empty",
        "400, html",
        "400, text",
        "404, html",
        "404, empty",
        "405, empty",
        "406, json",
        "415, text"
    })
    void a_rejection_of_the_question_means_a_legacy_server(int status, String body) {
        HttpFixtureServer server = server("era=legacy", "fault.discover=status:" + status + ",body:" + body);
        assertThat(version(open(server))).isEqualTo("2025-11-25");
        assertThat(greetings(server)).containsExactly("server/discover", "initialize", "notifications/initialized");
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403})
    void a_lack_of_authorization_is_reported_at_once_and_is_no_verdict(int status) {
        for (String era : List.of("modern", "legacy")) {
            HttpFixtureServer server = server("era=" + era, "fault.any=status:" + status + ",times:1");
            assertThatThrownBy(() -> open(server))
                    .isInstanceOf(McpAuthorizationException.class)
                    .hasMessageContaining(server.url())
                    .hasMessageContaining("status " + status);
            assertThat(server.requests()).hasSize(1);
            assertThat(version(open(server))).isEqualTo(era.equals("modern") ? "2026-07-28" : "2025-11-25");
            assertThat(greetings(server)).startsWith("server/discover", "server/discover");
        }
    }

    @ParameterizedTest
    @CsvSource({"429, json", "500, json", "500, html", "502, html", "503, empty"})
    void a_server_in_trouble_is_reported_at_once_and_is_no_verdict(int status, String body) {
        for (String era : List.of("modern", "legacy")) {
            HttpFixtureServer server =
                    server("era=" + era, "fault.any=status:" + status + ",body:" + body + ",id:request,times:1");
            assertThatThrownBy(() -> open(server))
                    .isInstanceOf(McpConnectionException.class)
                    .isNotInstanceOf(McpConnectionLostException.class)
                    .hasMessageContaining(server.url())
                    .hasMessageContaining("status " + status);
            assertThat(server.requests()).hasSize(1);
            assertThat(version(open(server))).isEqualTo(era.equals("modern") ? "2026-07-28" : "2025-11-25");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"reset:after", "close:after"})
    void a_lost_connection_is_reported_at_once_and_is_no_verdict(String fault) {
        HttpFixtureServer server = server("era=dual", "fault.discover=" + fault + ",times:1");
        assertThatThrownBy(() -> open(server)).isInstanceOf(McpConnectionException.class);
        assertThat(version(open(server))).isEqualTo("2026-07-28");
        assertThat(greetings(server)).containsExactly("server/discover", "server/discover");
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 404, 405, 500, 503})
    void a_first_initialize_that_fails_fixes_nothing(int status) {
        HttpFixtureServer server = server("era=legacy", "fault.initialize=status:" + status + ",body:html,times:1");
        assertThatThrownBy(() -> open(server))
                .isInstanceOf(McpConnectionException.class)
                .hasMessageContaining("status " + status);
        assertThat(version(open(server))).isEqualTo("2025-11-25");
    }

    @Test
    void a_server_that_changes_its_era_connects_in_either_direction() {
        HttpFixtureServer legacy = server("era=legacy");
        open(legacy).close();
        legacy.close();
        String port = "port=" + legacy.port();
        HttpFixtureServer modern = server("era=modern", port);
        McpConnection upgraded = open(modern);
        assertThat(version(upgraded)).isEqualTo("2026-07-28");
        assertThat(greetings(modern)).startsWith("initialize");
        upgraded.close();
        modern.close();
        HttpFixtureServer downgraded = server("era=legacy", port);
        assertThat(version(open(downgraded))).isEqualTo("2025-11-25");
    }

    @Test
    void trouble_of_a_known_server_does_not_make_it_unknown() {
        HttpFixtureServer server = server("era=legacy");
        open(server);
        for (int status : new int[] {401, 403, 429, 500, 503}) {
            server.fault("initialize", "status:" + status + ",times:1");
            assertThatThrownBy(() -> connections.open("mcp:" + server.url())).hasMessageContaining("status " + status);
        }
        open(server);
        assertThat(greetings(server).stream().filter("server/discover"::equals)).hasSize(1);
    }

    @Test
    void the_old_transport_is_fallen_back_to_and_needs_no_question() {
        HttpFixtureServer server = server("transport=sse");
        assertThat(version(open(server))).isEqualTo("2025-11-25");
        McpConnection forced = connections.open("mcp:sse:" + server.url());
        assertThat(version(forced)).isEqualTo("2025-11-25");
        assertThat(greetings(server).stream().filter("server/discover"::equals)).hasSize(1);
    }
}
