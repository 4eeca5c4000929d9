package io.mcpdrivers.integration.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.McpConfigurationException;
import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpConnectionException;
import io.mcpdrivers.McpException;
import io.mcpdrivers.McpInterruptedException;
import io.mcpdrivers.McpProtocolException;
import io.mcpdrivers.fixture.HttpFixtureServer;
import io.mcpdrivers.integration.Await;
import io.mcpdrivers.integration.Threads;
import io.mcpdrivers.pool.McpPool;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that cannot be reached, or lead elsewhere. */
class ConnectingTest extends HttpTestBase {

    @TempDir
    Path folder;

    /** Of a connection of one's own, and of a lease. */
    private List<McpException> failures(String uri) {
        McpPool pool = connections.pool();
        McpException own = failure(() -> connections.open(uri));
        McpException pooled = failure(() -> pool.getConnection(uri));
        assertThat(pooled).isInstanceOf(own.getClass());
        assertThat(pool.status().toString()).doesNotContain(SECRET);
        return List.of(own, pooled);
    }

    @ParameterizedTest
    @CsvSource({
        "http://127.0.0.1:1/mcp, cannot be reached",
        "http://no-such-host.invalid/mcp, its name is not known",
        "https://no-such-host.invalid:8443/mcp, its name is not known"
    })
    void a_server_that_cannot_be_reached_is_reported_at_once(String url, String reason) {
        assertThat(failures(uri(url)))
                .allSatisfy(failure -> assertThat(failure)
                        .isInstanceOf(McpConnectionException.class)
                        .hasMessageContainingAll(url, reason));
    }

    @Test
    void a_server_whose_certificate_is_not_trusted_is_reported_with_what_to_do_about_it() throws Exception {
        HttpFixtureServer server = server("tls.keystore=" + Certificates.keyStore(folder), "era=modern");
        assertThat(failures(uri(server)))
                .allSatisfy(failure -> assertThat(failure)
                        .isInstanceOf(McpConnectionException.class)
                        .hasMessageContainingAll(server.url(), "TLS", "trustStore"));
        assertWorks(connections.open(
                uri(server, "trustStore=" + Certificates.keyStore(folder), "trustStorePassword=changeit")));
    }

    @Test
    void a_server_that_speaks_no_tls_is_reported() {
        HttpFixtureServer server = server();
        String url = server.url().replace("http:", "https:");
        assertThat(failures(uri(url)))
                .allSatisfy(failure -> assertThat(failure)
                        .isInstanceOf(McpConnectionException.class)
                        .hasMessageContainingAll(url, "TLS"));
    }

    @Test
    void a_server_that_resets_every_connection_is_reported() {
        HttpFixtureServer server = server("fault.connection=reset");
        assertThat(failures(uri(server)))
                .allSatisfy(failure -> assertThat(failure)
                        .isInstanceOf(McpConnectionException.class)
                        .hasMessageContaining(server.url()));
    }

    @Test
    void a_server_that_takes_connections_and_says_nothing_is_given_up_at_the_connect_timeout() {
        HttpFixtureServer server = server("fault.connection=stall:headers");
        assertThat(failure(() -> connections.open(uri(server, "connectTimeout=400ms"))))
                .isInstanceOf(McpConnectionException.class)
                .hasMessageContainingAll("connectTimeout", "400ms", server.url());
    }

    @Test
    void an_interrupt_while_tls_is_agreed_on_is_told_as_one() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            String uri = uri("https://127.0.0.1:" + silent.getLocalPort() + "/mcp");
            Threads.Caller<McpConnection> caller = Threads.call(() -> connections.open(uri));
            silent.setSoTimeout((int) Await.PATIENCE.toMillis());
            try (Socket taken = silent.accept()) {
                assertThat(taken.getInputStream().read()).isNotNegative();
                caller.interrupt();
                assertThat(caller.failure())
                        .isInstanceOf(McpInterruptedException.class)
                        .hasMessageContaining("127.0.0.1:" + silent.getLocalPort());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"http:/nowhere", "http://host:99999/mcp", "http://a b/mcp"})
    void a_url_that_is_none_is_refused(String url) {
        assertThat(failure(() -> connections.open("mcp:" + url)))
                .isInstanceOfAny(McpConnectionException.class, McpConfigurationException.class);
    }

    @ParameterizedTest
    @CsvSource({"301, legacy", "302, legacy", "307, legacy", "308, legacy", "307, modern", "308, modern"})
    void a_redirect_within_the_origin_is_followed(int status, String era) {
        HttpFixtureServer server = server("era=" + era, "fault.post=status:" + status + ",times:1");
        assertWorks(connections.open(uri(server)));
        assertThat(server.requests().get(1).target()).startsWith("/moved/mcp");
        assertThat(server.requests().get(1).header("X-Secret")).isEqualTo(SECRET);
    }

    @Test
    void a_redirect_in_a_circle_ends() {
        HttpFixtureServer server = server("fault.post=status:307,location:/mcp");
        assertThat(failure(() -> connections.open(uri(server))))
                .isInstanceOf(McpException.class)
                .hasMessageContainingAll(server.url(), "redirect");
        assertThat(server.requests()).hasSizeLessThan(20);
    }

    @Test
    void a_redirect_across_origins_is_not_followed_and_told_with_both() {
        HttpFixtureServer other = server("era=modern");
        HttpFixtureServer server = server("fault.any=status:307,location:" + other.url());
        assertThat(failures(uri(server)))
                .allSatisfy(failure -> assertThat(failure)
                        .isInstanceOf(McpProtocolException.class)
                        .hasMessageContainingAll(server.url(), other.url(), "307", "followRedirects"));
        assertThat(other.requests()).isEmpty();
    }

    @Test
    void a_redirect_across_origins_that_is_allowed_takes_no_secret_along() {
        HttpFixtureServer other = server("era=modern");
        HttpFixtureServer server = server("fault.any=status:307,location:" + other.url());
        McpConnection connection =
                connections.open(uri(server, "followRedirects=always", "header.Authorization=Bearer%20" + SECRET));
        assertWorks(connection);
        assertThat(other.requests()).isNotEmpty().allSatisfy(request -> {
            assertThat(request.headers().toString()).doesNotContain(SECRET);
            assertThat(request.target()).doesNotContain(SECRET);
        });
    }

    @Test
    void a_redirect_of_a_call_across_origins_fails_the_call_alone() {
        HttpFixtureServer other = server("era=modern");
        HttpFixtureServer server = server("era=modern", "fault.call=times:1,status:307,location:" + other.url());
        McpConnection connection = connections.open(uri(server));
        assertThat(failure(() -> connection.callTool("echo", Map.of())))
                .isInstanceOf(McpProtocolException.class)
                .hasMessageContainingAll(server.url(), other.url());
        assertThat(other.requests()).isEmpty();
        assertWorks(connection);
    }
}
