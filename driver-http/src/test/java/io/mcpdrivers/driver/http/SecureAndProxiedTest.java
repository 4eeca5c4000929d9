package io.mcpdrivers.driver.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mcpdrivers.spi.TransportException;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.TrustManagerFactory;
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
import org.apache.hc.core5.io.CloseMode;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecureAndProxiedTest {

    private static final String PASSWORD = "changeit-1";

    @TempDir
    static Path folder;

    private static Path keys;
    private static Path pem;

    @BeforeAll
    static void makeCertificate() throws Exception {
        keys = folder.resolve("keys.p12");
        pem = folder.resolve("certificate.pem");
        keytool(
                "-genkeypair",
                "-alias",
                "k",
                "-keyalg",
                "EC",
                "-dname",
                "CN=localhost",
                "-ext",
                "SAN=dns:localhost,ip:127.0.0.1",
                "-storetype",
                "PKCS12",
                "-keystore",
                keys.toString(),
                "-storepass",
                PASSWORD);
        keytool(
                "-exportcert",
                "-rfc",
                "-alias",
                "k",
                "-keystore",
                keys.toString(),
                "-storepass",
                PASSWORD,
                "-file",
                pem.toString());
    }

    private static void keytool(String... arguments) throws Exception {
        java.util.List<String> command = new java.util.ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(java.util.List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor()).as(output).isZero();
    }

    private static ServerSocket secureSocket(boolean wantsCertificate) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = new FileInputStream(keys.toFile())) {
            store.load(in, PASSWORD.toCharArray());
        }
        KeyManagerFactory key = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        key.init(store, PASSWORD.toCharArray());
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        KeyStore trusted = KeyStore.getInstance(keys.toFile(), PASSWORD.toCharArray());
        trusted.setCertificateEntry("t", trusted.getCertificate("k"));
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(key.getKeyManagers(), trust.getTrustManagers(), null);
        SSLServerSocket socket = (SSLServerSocket)
                context.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        socket.setNeedClientAuth(wantsCertificate);
        return socket;
    }

    private static String uri(ScriptedServer server, String parameters) {
        return "mcp:https://localhost:" + server.port() + "/mcp#" + parameters;
    }

    @Test
    void a_certificate_is_trusted_if_the_trust_store_has_it_and_only_then() throws Exception {
        try (ScriptedServer server = new ScriptedServer(secureSocket(false), r -> r.json(r.result("{}")))) {
            try (Client client = Client.modern(uri(server, "trustStore=" + pem))) {
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

    @Test
    void a_client_certificate_is_shown() throws Exception {
        try (ScriptedServer server = new ScriptedServer(secureSocket(true), r -> r.json(r.result("{}")));
                Client client = Client.modern(uri(
                        server,
                        "trustStore=" + pem + "&clientCertificate=" + keys + "&clientCertificatePassword="
                                + PASSWORD))) {
            client.ask("tools/call");
            assertThat(client.failures).isEmpty();
        }
    }

    @Test
    void a_cancelled_stream_is_closed_also_behind_tls() throws Exception {
        java.util.concurrent.CountDownLatch begun = new java.util.concurrent.CountDownLatch(1);
        java.util.concurrent.CountDownLatch ended = new java.util.concurrent.CountDownLatch(1);
        try (ScriptedServer server = new ScriptedServer(secureSocket(false), r -> {
                    r.beginEvents();
                    begun.countDown();
                    if (r.clientCloses(20_000)) {
                        ended.countDown();
                    }
                    throw new IllegalStateException("ended");
                });
                Client client = Client.modern(uri(server, "trustStore=" + pem))) {
            var exchange = client.sendWithoutWaiting("tools/call");
            assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
            exchange.cancel();
            assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void a_proxy_is_used_with_its_credentials() throws Exception {
        try (ScriptedServer proxy = new ScriptedServer(r -> {
                    if (r.header("Proxy-Authorization") == null) {
                        r.respond(407, "", "Proxy-Authenticate: Basic realm=\"p\"");
                    } else {
                        r.json(r.result("{}"));
                    }
                });
                Client client = Client.modern(
                        "mcp:http://nowhere.invalid/mcp#proxy=http://user:pass@127.0.0.1:" + proxy.port())) {
            client.ask("tools/call");
            ScriptedServer.Seen seen = proxy.seen.get(proxy.seen.size() - 1);
            assertThat(seen.path).isEqualTo("http://nowhere.invalid/mcp");
            assertThat(seen.header("Proxy-Authorization")).isEqualTo("Basic dXNlcjpwYXNz");
        }
    }

    /** Answers a call in JSON, and one with an even id in a stream. */
    private static final class H2Handler implements AsyncServerRequestHandler<Message<HttpRequest, String>> {
        @Override
        public AsyncRequestConsumer<Message<HttpRequest, String>> prepare(
                HttpRequest request, org.apache.hc.core5.http.EntityDetails entity, HttpContext context) {
            return new BasicRequestConsumer<>(new StringAsyncEntityConsumer());
        }

        @Override
        public void handle(Message<HttpRequest, String> request, ResponseTrigger trigger, HttpContext context)
                throws org.apache.hc.core5.http.HttpException, IOException {
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

    @Test
    void http_2_is_spoken_when_it_is_asked_for() throws Exception {
        HttpAsyncServer server = H2ServerBootstrap.bootstrap()
                .setVersionPolicy(HttpVersionPolicy.FORCE_HTTP_2)
                .setCanonicalHostName("127.0.0.1")
                .register("*", new H2Handler())
                .create();
        server.start();
        try {
            int port = ((InetSocketAddress)
                            server.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), URIScheme.HTTP)
                                    .get()
                                    .getAddress())
                    .getPort();
            try (Client client = Client.modern("mcp:http://127.0.0.1:" + port + "/mcp#httpVersion=2")) {
                for (int i = 1; i <= 6; i++) {
                    assertThat(client.ask("tools/call")).contains("\"id\":" + i);
                }
                assertThat(client.failures).isEmpty();
            }
        } finally {
            server.close(CloseMode.IMMEDIATE);
        }
    }
}
