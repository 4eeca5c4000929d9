package io.mcpdrivers.driver.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mcpdrivers.spi.TransportException;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.Message;
import org.apache.hc.core5.http.URIScheme;
import org.apache.hc.core5.http.impl.bootstrap.HttpAsyncServer;
import org.apache.hc.core5.http.nio.AsyncRequestConsumer;
import org.apache.hc.core5.http.nio.AsyncServerRequestHandler;
import org.apache.hc.core5.http.nio.entity.StringAsyncEntityConsumer;
import org.apache.hc.core5.http.nio.support.AsyncResponseBuilder;
import org.apache.hc.core5.http.nio.support.BasicRequestConsumer;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.http2.HttpVersionPolicy;
import org.apache.hc.core5.http2.impl.nio.bootstrap.H2ServerBootstrap;
import org.apache.hc.core5.http2.ssl.H2ServerTlsStrategy;
import org.apache.hc.core5.io.CloseMode;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SecureTest {

    @BeforeAll
    static void makeCertificate() throws Exception {
        TestKeys.make();
    }

    private static String uri(ScriptedServer server, String parameters) {
        return "mcp:https://localhost:" + server.port() + "/mcp#" + parameters;
    }

    @Test
    void a_certificate_is_trusted_if_the_trust_store_has_it_and_only_then() throws Exception {
        try (ScriptedServer server = new ScriptedServer(TestKeys.secureSocket(false), r -> r.json(r.result("{}")))) {
            try (Client client = Client.modern(uri(server, "trustStore=" + TestKeys.pem()))) {
                client.ask("tools/call");
                client.ask("tools/call");
                assertThat(client.failures).isEmpty();
            }
            TransportException failure = catchThrowableOfType(
                    TransportException.class,
                    () -> Client.modern(uri(server, "")).close());
            assertThat(failure).isNotNull();
            assertThat(failure.kind()).isEqualTo(TransportException.Kind.CONNECTION);
            assertThat(failure.mayHaveBeenDelivered()).isFalse();
            assertThat(failure).hasMessageContaining("TLS").hasMessageContaining("trustStore");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "https, gzip=true, perhaps it speaks http:// alone",
        "https, httpVersion=2, perhaps it speaks http:// alone",
        "http, httpVersion=2, 'perhaps it does not speak HTTP/2, then leave httpVersion out'"
    })
    void a_server_that_speaks_something_else_is_said_to_do_so(String scheme, String parameter, String next)
            throws Exception {
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Thread answering = new Thread(() -> refuseAll(server));
            answering.start();
            String uri = "mcp:" + scheme + "://localhost:" + server.getLocalPort() + "/mcp#" + parameter;
            assertThatThrownBy(() -> fail(uri)).hasMessageContaining(next);
            server.close();
            answering.join();
        }
    }

    private static void fail(String uri) throws Exception {
        try (Client client = Client.modern(uri)) {
            var unused = client.sendWithoutWaiting("tools/call");
            Client.Failure failure = client.failures.poll(20, TimeUnit.SECONDS);
            assertThat(failure).isNotNull();
            throw failure.cause();
        }
    }

    /** Answers whatever comes as servers that speak HTTP/1.1 alone do. */
    private static void refuseAll(ServerSocket server) {
        while (true) {
            try (Socket socket = server.accept()) {
                int unused = socket.getInputStream().read();
                socket.getOutputStream()
                        .write("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n".getBytes(US_ASCII));
            } catch (SocketException e) {
                if (server.isClosed()) {
                    return;
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Test
    void a_connection_is_made_once_and_one_closed_while_idle_costs_nobody_a_request() throws Exception {
        Semaphore closed = new Semaphore(0);
        try (ScriptedServer server = new ScriptedServer(TestKeys.secureSocket(false), r -> {
                    r.json(r.result("{}"));
                    if (r.before == 2) {
                        // Without a word of it before.
                        r.socket.close();
                        closed.release();
                    }
                });
                Client client = Client.modern(uri(server, "trustStore=" + TestKeys.pem()))) {
            for (int i = 0; i < 12; i++) {
                client.ask("tools/call");
                if (i % 3 == 2) {
                    assertThat(closed.tryAcquire(10, TimeUnit.SECONDS)).isTrue();
                }
            }
            assertThat(client.failures).isEmpty();
            assertThat(server.connections).hasValue(4);
        }
    }

    @Test
    void a_client_certificate_is_shown() throws Exception {
        try (ScriptedServer server = new ScriptedServer(TestKeys.secureSocket(true), r -> r.json(r.result("{}")));
                Client client = Client.modern(uri(
                        server,
                        "trustStore=" + TestKeys.pem() + "&clientCertificate=" + TestKeys.keys()
                                + "&clientCertificatePassword=" + TestKeys.PASSWORD))) {
            client.ask("tools/call");
            assertThat(client.failures).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "42, bad_certificate, wants a certificate of this client; name it with clientCertificate",
        "48, unknown_ca, wants a certificate of this client; name it with clientCertificate",
        "116, certificate_required, wants a certificate of this client; name it with clientCertificate",
        "40, handshake_failure, ''",
    })
    void a_server_that_wants_another_certificate_of_the_client_is_said_to_do_so(int alert, String name, String next)
            throws Exception {
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Thread alerting = new Thread(() -> alertAll(server, alert));
            alerting.start();
            String uri = "mcp:https://localhost:" + server.getLocalPort() + "/mcp";
            assertThatThrownBy(() -> fail(uri))
                    .hasMessageContaining("over TLS")
                    .hasMessageContaining(name)
                    .hasMessageEndingWith(next)
                    .hasMessageNotContaining("trustStore");
            assertThatThrownBy(() -> fail(uri + "#clientCertificate=" + TestKeys.keys() + "&clientCertificatePassword="
                            + TestKeys.PASSWORD))
                    .hasMessageEndingWith(next.isEmpty() ? name : "refuses the clientCertificate of this client");
            server.close();
            alerting.join();
        }
    }

    /** Ends each handshake by an alert. */
    private static void alertAll(ServerSocket server, int alert) {
        while (true) {
            try (Socket socket = server.accept()) {
                DataInputStream in = new DataInputStream(socket.getInputStream());
                in.readFully(new byte[3]);
                in.readFully(new byte[in.readUnsignedShort()]);
                socket.getOutputStream().write(new byte[] {21, 3, 3, 0, 2, 2, (byte) alert});
                int unused = in.read();
            } catch (IOException e) {
                if (server.isClosed()) {
                    return;
                }
            }
        }
    }

    @Test
    void a_cancelled_stream_is_closed_also_behind_tls() throws Exception {
        java.util.concurrent.CountDownLatch begun = new java.util.concurrent.CountDownLatch(1);
        java.util.concurrent.CountDownLatch ended = new java.util.concurrent.CountDownLatch(1);
        try (ScriptedServer server = new ScriptedServer(TestKeys.secureSocket(false), r -> {
                    r.beginEvents();
                    begun.countDown();
                    if (r.clientCloses(20_000)) {
                        ended.countDown();
                    }
                    throw new IllegalStateException("ended");
                });
                Client client = Client.modern(uri(server, "trustStore=" + TestKeys.pem()))) {
            var exchange = client.sendWithoutWaiting("tools/call");
            assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
            exchange.cancel();
            assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    /** Answers a call in JSON, and one with an even id in a stream. */
    private static final class H2Handler implements AsyncServerRequestHandler<Message<HttpRequest, String>> {
        final List<String> spoken = new CopyOnWriteArrayList<>();

        @Override
        public AsyncRequestConsumer<Message<HttpRequest, String>> prepare(
                HttpRequest request, org.apache.hc.core5.http.EntityDetails entity, HttpContext context) {
            return new BasicRequestConsumer<>(new StringAsyncEntityConsumer());
        }

        @Override
        public void handle(Message<HttpRequest, String> request, ResponseTrigger trigger, HttpContext context)
                throws org.apache.hc.core5.http.HttpException, IOException {
            spoken.add(String.valueOf(request.getHead().getVersion()));
            String id = request.getBody().replaceAll(".*\"id\":(\\d+).*", "$1");
            String result = "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"result\":{}}";
            boolean events = Integer.parseInt(id) % 2 == 0;
            trigger.submitResponse(
                    AsyncResponseBuilder.create(200)
                            .setEntity(
                                    events ? "data: " + result + "\n\n" : result,
                                    events ? ContentType.TEXT_EVENT_STREAM : ContentType.APPLICATION_JSON)
                            .build(),
                    context);
        }
    }

    private static void withServer(HttpVersionPolicy versions, URIScheme scheme, String parameters, String spoken)
            throws Exception {
        H2Handler handler = new H2Handler();
        H2ServerBootstrap bootstrap = H2ServerBootstrap.bootstrap()
                .setVersionPolicy(versions)
                .setCanonicalHostName("localhost")
                .register("*", handler);
        if (scheme == URIScheme.HTTPS) {
            bootstrap.setTlsStrategy(new H2ServerTlsStrategy(TestKeys.context()));
        }
        HttpAsyncServer server = bootstrap.create();
        server.start();
        try {
            int port = ((InetSocketAddress)
                            server.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), scheme)
                                    .get()
                                    .getAddress())
                    .getPort();
            try (Client client = Client.modern(
                    "mcp:" + scheme.getId() + "://localhost:" + port + "/mcp#httpVersion=2" + parameters)) {
                for (int i = 1; i <= 6; i++) {
                    assertThat(client.ask("tools/call")).contains("\"id\":" + i);
                }
                assertThat(client.failures).isEmpty();
            }
            assertThat(handler.spoken).containsOnly(spoken).hasSize(6);
        } finally {
            server.close(CloseMode.IMMEDIATE);
        }
    }

    @Test
    void http_2_is_spoken_when_it_is_asked_for() throws Exception {
        withServer(HttpVersionPolicy.FORCE_HTTP_2, URIScheme.HTTP, "", "HTTP/2.0");
    }

    @Test
    void http_2_is_agreed_on_over_tls_and_1_1_spoken_to_a_server_that_has_nothing_else() throws Exception {
        String trust = "&trustStore=" + TestKeys.pem();
        withServer(HttpVersionPolicy.NEGOTIATE, URIScheme.HTTPS, trust, "HTTP/2.0");
        withServer(HttpVersionPolicy.FORCE_HTTP_1, URIScheme.HTTPS, trust, "HTTP/1.1");
    }
}
