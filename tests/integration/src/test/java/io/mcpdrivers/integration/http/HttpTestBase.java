package io.mcpdrivers.integration.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.mcpdrivers.CallOptions;
import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpException;
import io.mcpdrivers.fixture.HttpFixtureServer;
import io.mcpdrivers.fixture.HttpRequest;
import io.mcpdrivers.integration.Await;
import io.mcpdrivers.integration.Connections;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What tests against the fixture server share. Each ends by proving that no session is left, either. */
abstract class HttpTestBase {

    /** Stands in the query and in a header of each URI, and must be seen nowhere but by the server. */
    static final String SECRET = "s3cr3t-4711";

    /** Less than the timeouts, of 30 s and more, and much more than it takes to tell of a failure on a busy machine. */
    static final long AT_ONCE_MILLIS = 20_000;

    @RegisterExtension
    final Connections connections = Connections.perTest();

    /** Starts a server that is closed at the end. */
    final HttpFixtureServer server(String... options) {
        HttpFixtureServer server = HttpFixtureServer.start(options);
        connections.server(() -> {
            boolean ended = Await.within(Await.PATIENCE, () -> server.sessions() == 0);
            server.close();
            assertThat(ended).as("no session is left").isTrue();
        });
        return server;
    }

    /** The URI of a server, with secrets in it. */
    static String uri(HttpFixtureServer server, String... parameters) {
        return uri(server.url(), parameters);
    }

    static String uri(String url, String... parameters) {
        StringBuilder uri = new StringBuilder("mcp:" + url + "?api_key=" + SECRET + "#header.X-Secret=" + SECRET);
        for (String parameter : parameters) {
            uri.append('&').append(parameter);
        }
        return uri.toString();
    }

    /** However short the timeout of the URI is. */
    static void assertWorks(McpConnection connection) {
        CallOptions patient = CallOptions.timeout(Await.PATIENCE);
        assertThat(connection
                        .callTool("echo", Map.of("message", "works"), patient)
                        .text())
                .isEqualTo("works");
    }

    /** What something fails with, at once, and which says what an operator wants to know and not what nobody may. */
    static McpException failure(Runnable work) {
        Throwable[] thrown = new Throwable[1];
        long took = Await.millis(() -> thrown[0] = catchThrowable(work::run));
        assertThat(thrown[0]).as("a failure").isInstanceOf(McpException.class);
        assertThat(took).as("ms until: " + thrown[0]).isLessThan(AT_ONCE_MILLIS);
        StringWriter trace = new StringWriter();
        thrown[0].printStackTrace(new PrintWriter(trace));
        assertThat(trace.toString()).doesNotContain(SECRET);
        // The words around them, and 200 characters of the body once or, with the reason of a reason, twice.
        assertThat(thrown[0].getMessage()).hasSizeLessThan(1_000);
        return (McpException) thrown[0];
    }

    /** The requests of a server with that HTTP method, or that method of the protocol. */
    static List<HttpRequest> requests(HttpFixtureServer server, String method) {
        return server.requests().stream()
                .filter(request ->
                        request.method().equals(method) || request.body().contains("\"method\":\"" + method + "\""))
                .toList();
    }
}
