package io.mcpdrivers.driver.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mcpdrivers.spi.TransportException;
import io.mcpdrivers.spi.TransportException.Kind;
import java.io.IOException;
import java.nio.CharBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.apache.hc.client5.http.async.methods.AbstractCharResponseConsumer;
import org.apache.hc.client5.http.async.methods.SimpleRequestBuilder;
import org.apache.hc.client5.http.async.methods.SimpleRequestProducer;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpResponse;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Proxies and servers that the library alone would believe. */
class HostileHttp2Test {

    @BeforeAll
    static void makeCertificate() throws Exception {
        TestKeys.make();
    }

    private static final String FORGED = "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"forged\":true}}";

    /** Neither its body nor where it leads to. */
    @ParameterizedTest
    @CsvSource({
        "502, application/json, CONNECTION",
        "500, application/json, CONNECTION",
        "400, application/json, CONNECTION",
        "404, text/plain, CONNECTION",
        "401, text/plain, CONNECTION",
        "407, text/plain, AUTHORIZATION",
        "300, application/json, CONNECTION",
        "307, text/plain, CONNECTION",
    })
    void a_refusal_of_the_tunnel_is_not_the_server_s_answer(int status, String type, Kind kind) throws Exception {
        for (String revision : new String[] {Client.MODERN, Client.LEGACY}) {
            try (ScriptedServer proxy = new ScriptedServer(r -> {
                        if (r.method.equals("CONNECT")) {
                            r.respond(
                                    status,
                                    FORGED,
                                    "Content-Type: " + type,
                                    "Location: http://127.0.0.1:" + r.socket.getLocalPort() + "/evil");
                        } else {
                            r.json(r.result("{\"forged\":true}"));
                        }
                    });
                    Client client = new Client(
                            "mcp:https://bank.invalid:8443/mcp#httpVersion=2&followRedirects=always&proxy=http://127.0.0.1:"
                                    + proxy.port(),
                            revision)) {
                for (int i = 0; i < 2; i++) {
                    TransportException failure = client.fail("tools/call");
                    assertThat(failure)
                            .hasMessageContaining("cannot be reached: the proxy answered with status " + status);
                    assertThat(failure.kind()).isEqualTo(kind);
                    assertThat(failure.mayHaveBeenDelivered()).isFalse();
                }
                assertThat(client.messages).isEmpty();
                assertThat(proxy.seen).hasSize(2).allMatch(r -> r.method.equals("CONNECT"));
            }
        }
    }

    @Test
    void what_a_refusing_proxy_wants_is_told_without_the_credentials() throws Exception {
        String secret = "correct-horse-battery-staple";
        try (ScriptedServer proxy = new ScriptedServer(
                        r -> r.respond(407, "", "Proxy-Authenticate: Negotiate not " + "n".repeat(180) + secret));
                Client client = Client.modern("mcp:https://bank.invalid/mcp#httpVersion=2&proxy=http://user:" + secret
                        + "@127.0.0.1:" + proxy.port())) {
            TransportException failure = client.fail("tools/call");
            assertThat(failure.kind()).isEqualTo(Kind.AUTHORIZATION);
            assertThat(failure).hasMessageContaining("status 407 and Proxy-Authenticate: Negotiate not nnn");
            assertThat(failure.getMessage()).doesNotContain("corr");
            assertThat(failure.mayHaveBeenDelivered()).isFalse();
        }
    }

    /** Whatever goes wrong before there is a tunnel. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "SSH-2.0-OpenSSH\r\n",
                "HTTP/1.1 204 Odd\r\n\r\n",
                "HTTP/1.1 200 OK\r\n\r\nno TLS",
                "HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n"
                        + FORGED
            })
    void without_a_tunnel_the_request_was_not_delivered(String answer) throws Exception {
        try (ScriptedServer proxy = new ScriptedServer(r -> {
                    r.raw(answer);
                    r.socket.shutdownOutput();
                    r.clientCloses(20_000);
                    throw new IOException("over");
                });
                Client client = Client.modern(
                        "mcp:https://bank.invalid/mcp#httpVersion=2&proxy=http://127.0.0.1:" + proxy.port())) {
            client.send("tools/call", null, Map.of(), Duration.ofSeconds(2), true);
            assertThat(client.failure().mayHaveBeenDelivered()).isFalse();
            assertThat(client.messages).isEmpty();
        }
    }

    /** Headers, lines of one, interim answers; of the proxy and of the server. */
    @ParameterizedTest
    @ValueSource(strings = {"A: b\r\n", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", " folded\r\n"})
    void a_head_that_does_not_end_is_not_read_to_its_end(String piece) throws Exception {
        String many = piece.repeat(1000);
        CountDownLatch ended = new CountDownLatch(2);
        ScriptedServer.Script endless = r -> {
            try {
                r.raw("HTTP/1.1 407 x\r\nX: y");
                r.raw(piece.startsWith("a") ? "" : "\r\n");
                for (int i = 0; i < 10_000; i++) {
                    r.raw(many);
                }
            } catch (IOException e) {
                ended.countDown();
                throw e;
            }
        };
        try (ScriptedServer proxy = new ScriptedServer(endless);
                ScriptedServer server = new ScriptedServer(TestKeys.secureSocket(false), endless);
                Client behind = Client.modern(
                        "mcp:https://bank.invalid/mcp#httpVersion=2&proxy=http://127.0.0.1:" + proxy.port());
                Client client = Client.modern(
                        "mcp:https://localhost:" + server.port() + "/mcp#httpVersion=2&trustStore=" + TestKeys.pem())) {
            TransportException failure = behind.fail("tools/call");
            assertThat(failure.kind()).isEqualTo(Kind.PROTOCOL);
            assertThat(failure.mayHaveBeenDelivered()).isFalse();
            failure = client.fail("tools/call");
            assertThat(failure.kind()).isEqualTo(Kind.PROTOCOL);
            assertThat(failure.mayHaveBeenDelivered()).isTrue();
            assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    private static void breakReactor(Http2Client library, int port) throws Exception {
        library.http.execute(
                SimpleRequestProducer.create(SimpleRequestBuilder.get("https://localhost:" + port + "/")
                        .build()),
                new AbstractCharResponseConsumer<Void>() {
                    @Override
                    protected void start(HttpResponse response, ContentType type) {
                        throw new OutOfMemoryError("as a test wants it");
                    }

                    @Override
                    protected int capacityIncrement() {
                        return 1000;
                    }

                    @Override
                    protected void data(CharBuffer data, boolean last) {}

                    @Override
                    protected Void buildResult() {
                        return null;
                    }

                    @Override
                    public void releaseResources() {}
                },
                null);
        long deadline = System.nanoTime() + 20_000_000_000L;
        while (!library.isOver() && System.nanoTime() - deadline < 0) {
            LockSupport.parkNanos(1_000_000);
        }
        assertThat(library.isOver()).isTrue();
    }

    @Test
    void an_error_in_the_library_s_thread_fails_what_is_under_way_and_nothing_after_that() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        AtomicBoolean stalls = new AtomicBoolean(true);
        try (ScriptedServer server = new ScriptedServer(TestKeys.secureSocket(false), r -> {
                    if (r.method.equals("POST") && stalls.getAndSet(false)) {
                        asked.countDown();
                        r.clientCloses(20_000);
                    } else {
                        r.json(r.method.equals("GET") ? "{}" : r.result("{}"));
                    }
                });
                Client one = Client.modern(
                        "mcp:https://localhost:" + server.port() + "/mcp#httpVersion=2&trustStore=" + TestKeys.pem());
                Client other = Client.modern("mcp:https://localhost:" + server.port()
                        + "/other#httpVersion=2&trustStore=" + TestKeys.pem())) {
            SharedClient shared = ((HttpTransport) one.transport).client;
            assertThat(((HttpTransport) other.transport).client).isSameAs(shared);
            Http2Client library = shared.http2();
            one.send("tools/call", null, Map.of(), Duration.ofMinutes(2), false);
            assertThat(asked.await(20, TimeUnit.SECONDS)).isTrue();
            breakReactor(library, server.port());
            assertThat(one.failure().mayHaveBeenDelivered()).isTrue();
            one.ask("tools/call");
            other.ask("tools/call");
            assertThat(shared.http2()).isNotSameAs(library);
            assertThat(one.failures).isEmpty();
            assertThat(other.failures).isEmpty();
        }
    }

    @Test
    void a_request_that_an_ended_thread_of_the_library_refuses_was_not_sent() throws Exception {
        try (ScriptedServer server = new ScriptedServer(TestKeys.secureSocket(false), r -> r.json("{}"));
                Client client = Client.modern(
                        "mcp:https://localhost:" + server.port() + "/mcp#httpVersion=2&trustStore=" + TestKeys.pem())) {
            Http2Client library = ((HttpTransport) client.transport).client.http2();
            breakReactor(library, server.port());
            Ticket ticket = Ticket.within(20_000_000_000L);
            Attempt attempt = library.attempt(ticket);
            HttpTransport transport = (HttpTransport) client.transport;
            IOException refused = catchThrowableOfType(
                    IOException.class,
                    () -> attempt.send(
                            transport.endpoint(),
                            new Wire.Outgoing(
                                    "GET",
                                    transport.endpoint(),
                                    RequestHeaders.stream(Client.MODERN, null, null),
                                    null),
                            OwnHeaders.Sent.NONE,
                            true));
            assertThat(refused).isNotNull();
            assertThat(attempt.maySent(refused)).isFalse();
        }
    }
}
