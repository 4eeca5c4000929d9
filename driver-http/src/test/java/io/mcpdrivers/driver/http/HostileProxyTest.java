package io.mcpdrivers.driver.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.spi.TransportException;
import io.mcpdrivers.spi.TransportException.Kind;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP proxies that refuse, dawdle, lie or end, and what they share. */
class HostileProxyTest {

    /** {@code user:secret-1} as it is sent. */
    private static final String CREDENTIALS = "dXNlcjpzZWNyZXQtMQ==";

    @BeforeAll
    static void makeCertificate() throws Exception {
        TestKeys.make();
    }

    private static Client behind(ScriptedServer proxy, String target) throws TransportException {
        return Client.modern("mcp:" + target + "#proxy=http://user:secret-1@127.0.0.1:" + proxy.port());
    }

    private static void awaitNoneLeased(Client client) {
        ConnectionPool pool = ((HttpTransport) client.transport).client.pool();
        long deadline = System.nanoTime() + 20_000_000_000L;
        while (pool.leased() > 0 && System.nanoTime() - deadline < 0) {
            LockSupport.parkNanos(1_000_000);
        }
        assertThat(pool.leased()).isZero();
    }

    /** A bar is an end of line; where the proxy says no more, it closes the connection. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "HTTP/1.1 407 Who|Proxy-Authenticate: Basic realm=\"p\"|Content-Length: 4||Who?; AUTHORIZATION;"
                        + " 407 and Proxy-Authenticate: Basic realm=\"p\": Who?",
                "HTTP/1.1 407 Who|Connection: close||You are " + CREDENTIALS + "; AUTHORIZATION; 407: You are ***",
                "HTTP/1.1 407 Who|Proxy-Authenticate: Bearer " + CREDENTIALS + "||; AUTHORIZATION; Bearer ***",
                "HTTP/1.1 403 No|Transfer-Encoding: chunked||5|never|0||; CONNECTION; status 403: never",
                "HTTP/1.1 403 No|Transfer-Encoding: chunked||5|never|zzz|; CONNECTION; status 403: never",
                "HTTP/1.0 503 No||busy; CONNECTION; status 503: busy",
                "HTTP/1.1 503 No|Content-Length: 100||busy; CONNECTION; status 503: busy",
                "HTTP/1.1 302 There|Location: http://elsewhere.invalid/|Content-Length: 0||; CONNECTION; status 302",
                "SSH-2.0-OpenSSH " + CREDENTIALS + "|; PROTOCOL; from the proxy, 'SSH-2.0-OpenSSH ***'",
                "HTTP/1.1 101 Switching||; PROTOCOL; from the proxy, status 101",
                "HTTP/1.1 200 OK||more; PROTOCOL; from the proxy, more than the head",
                "; CONNECTION; the proxy has opened no tunnel",
                "HTTP/1.1 200 O; CONNECTION; the proxy has opened no tunnel",
                "HTTP/1.1 200 OK||; CONNECTION; TLS",
                "HTTP/1.0 200 Connection established|Content-Length: 9||; CONNECTION; TLS",
                "HTTP/1.1 103 Hints||HTTP/1.1 200 OK||; CONNECTION; TLS",
            })
    void without_a_tunnel_the_request_was_not_delivered(String answer, Kind kind, String told) throws Exception {
        try (ScriptedServer proxy = new ScriptedServer(r -> {
                    r.raw(answer == null ? "" : answer.replace("|", "\r\n"));
                    r.socket.shutdownOutput();
                    r.clientCloses(20_000);
                    throw new IOException("over");
                });
                Client client = behind(proxy, "https://nowhere.invalid/mcp")) {
            TransportException failure = client.fail("tools/call");
            assertThat(failure).hasMessageContaining(told);
            assertThat(failure.kind()).isEqualTo(kind);
            assertThat(failure.mayHaveBeenDelivered()).isFalse();
            for (Throwable t = failure; t != null; t = t.getCause()) {
                assertThat(String.valueOf(t.getMessage())).doesNotContain("secret-1", CREDENTIALS);
            }
            assertThat(client.transport.isOpen()).isTrue();
            assertThat(proxy.seen).hasSize(1);
            assertThat(proxy.seen.get(0).head.get(0)).isEqualTo("CONNECT nowhere.invalid:443 HTTP/1.1");
            assertThat(proxy.seen.get(0).header("Host")).isEqualTo("nowhere.invalid:443");
            assertThat(proxy.seen.get(0).header("Proxy-Authorization")).isEqualTo("Basic " + CREDENTIALS);
            awaitNoneLeased(client);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"A: b\r\n", "A: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "A: b\r\n\r\nHTTP/1.1 103 Hints\r\n"})
    void an_answer_to_connect_that_does_not_end_is_not_read_to_its_end(String piece) throws Exception {
        try (ScriptedServer proxy = new ScriptedServer(r -> {
                    r.raw("HTTP/1.1 " + (piece.contains("103") ? "103" : "200") + " x\r\n");
                    for (int i = 0; i < 1_000_000; i++) {
                        r.raw(piece);
                    }
                });
                Client client = behind(proxy, "https://nowhere.invalid/mcp")) {
            TransportException failure = client.fail("tools/call");
            assertThat(failure.kind()).isEqualTo(Kind.PROTOCOL);
            assertThat(failure).hasMessageContaining("from the proxy").hasMessageContaining(" more than ");
            assertThat(failure.mayHaveBeenDelivered()).isFalse();
        }
    }

    private static void dribble(ScriptedServer.Seen request, String piece, CountDownLatch ended) throws IOException {
        try {
            while (true) {
                request.raw(piece);
                LockSupport.parkNanos(50_000_000);
            }
        } catch (IOException e) {
            ended.countDown();
            throw e;
        }
    }

    @Test
    void what_a_proxy_says_of_its_refusal_is_awaited_for_a_while_only() throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        try (ScriptedServer proxy = new ScriptedServer(r -> {
                    r.raw("HTTP/1.1 502 No\r\nTransfer-Encoding: chunked\r\n\r\n");
                    dribble(r, "1\r\na\r\n", ended);
                });
                Client client = behind(proxy, "https://nowhere.invalid/mcp")) {
            client.send("tools/call", null, Map.of(), Duration.ofMinutes(2), true);
            assertThat(client.failure()).hasMessageContaining("status 502: aaa");
            assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "HTTP/1.1 200 OK\r\nA: b"})
    void a_tunnel_is_awaited_for_the_time_of_the_call_only(String begin) throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        try (ScriptedServer proxy = new ScriptedServer(r -> {
                    r.raw(begin);
                    dribble(r, begin.isEmpty() ? "" : "b", ended);
                });
                Client client = behind(proxy, "https://nowhere.invalid/mcp")) {
            client.send("tools/call", null, Map.of(), Duration.ofMillis(500), true);
            TransportException failure =
                    client.failures.poll(20, TimeUnit.SECONDS).cause();
            assertThat(failure.mayHaveBeenDelivered()).isFalse();
            assertThat(failure.kind()).isIn(Kind.TIMEOUT, Kind.CONNECTION);
            awaitNoneLeased(client);
            proxy.dropConnections();
        }
    }

    @Test
    void a_call_that_is_cancelled_gives_up_the_tunnel_that_is_being_opened() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        try (ScriptedServer proxy = new ScriptedServer(r -> {
                    asked.countDown();
                    if (r.clientCloses(20_000)) {
                        ended.countDown();
                    }
                });
                Client client = behind(proxy, "https://nowhere.invalid/mcp")) {
            var exchange = client.sendWithoutWaiting("tools/call");
            assertThat(asked.await(20, TimeUnit.SECONDS)).isTrue();
            exchange.cancel();
            assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
            awaitNoneLeased(client);
        }
    }

    @Test
    void targets_without_tls_share_a_connection_to_the_proxy_but_not_each_other_s_headers() throws Exception {
        try (ScriptedServer proxy = new ScriptedServer(r -> r.json(r.result("{}")));
                Client one = Client.modern("mcp:http://one.invalid/mcp?a=b#header.Authorization=of-one&proxy="
                        + "http://user:secret-1@127.0.0.1:" + proxy.port());
                Client other = behind(proxy, "http://other.invalid:8080/mcp");
                Client address = behind(proxy, "http://[::1]:81/mcp")) {
            one.ask("tools/call");
            other.ask("tools/call");
            address.ask("tools/call");
            one.ask("tools/call");
            assertThat(proxy.connections).hasValue(1);
            assertThat(proxy.seen)
                    .extracting(seen -> seen.path)
                    .containsExactly(
                            "http://one.invalid/mcp?a=b",
                            "http://other.invalid:8080/mcp",
                            "http://[::1]:81/mcp",
                            "http://one.invalid/mcp?a=b");
            assertThat(proxy.seen)
                    .extracting(seen -> seen.header("Host"))
                    .containsExactly("one.invalid", "other.invalid:8080", "[::1]:81", "one.invalid");
            assertThat(proxy.seen)
                    .allMatch(seen -> seen.header("Proxy-Authorization").equals("Basic " + CREDENTIALS));
            assertThat(proxy.seen)
                    .extracting(seen -> seen.header("Authorization"))
                    .containsExactly("of-one", null, null, "of-one");
        }
    }

    @Test
    void a_proxy_whose_name_is_not_known_is_not_taken_for_the_server() throws Exception {
        try (Client client = Client.modern("mcp:https://one.invalid/mcp#proxy=http://@proxy.invalid:81")) {
            TransportException failure = client.fail("tools/call");
            assertThat(failure)
                    .hasMessageContaining("cannot be reached: ")
                    .hasMessageContaining("the proxy proxy.invalid:81");
            assertThat(failure.kind()).isEqualTo(Kind.CONNECTION);
            assertThat(failure.mayHaveBeenDelivered()).isFalse();
        }
    }

    @Test
    void two_users_of_a_proxy_share_no_connection() throws Exception {
        Map<Socket, Set<String>> users = new ConcurrentHashMap<>();
        try (ScriptedServer proxy = new ScriptedServer(r -> {
                    users.computeIfAbsent(r.socket, any -> ConcurrentHashMap.newKeySet())
                            .add("" + r.header("Proxy-Authorization"));
                    r.json(r.result("{}"));
                });
                Client one = behind(proxy, "http://one.invalid/mcp");
                Client other = Client.modern(
                        "mcp:http://one.invalid/mcp#proxy=http://other:secret-2@127.0.0.1:" + proxy.port());
                Client nobody = Client.modern("mcp:http://one.invalid/mcp#proxy=http://127.0.0.1:" + proxy.port())) {
            for (int i = 0; i < 3; i++) {
                one.ask("tools/call");
                other.ask("tools/call");
                nobody.ask("tools/call");
            }
            assertThat(users.values()).hasSize(3).allMatch(each -> each.size() == 1);
        }
    }

    @Test
    void a_status_that_a_proxy_gives_instead_of_the_server_is_told_and_the_connection_kept() throws Exception {
        AtomicInteger count = new AtomicInteger();
        try (ScriptedServer proxy = new ScriptedServer(r -> {
                    switch (count.incrementAndGet()) {
                        case 1 -> r.respond(407, "I know no " + CREDENTIALS, "Proxy-Authenticate: Basic realm=\"p\"");
                        case 2 -> r.respond(502, "no way");
                        case 3 -> r.respond(503, "busy");
                        default -> r.json(r.result("{}"));
                    }
                });
                Client client = behind(proxy, "http://nowhere.invalid/mcp")) {
            TransportException unknown = client.fail("tools/call");
            assertThat(unknown.kind()).isEqualTo(Kind.AUTHORIZATION);
            assertThat(unknown.mayHaveBeenDelivered()).isFalse();
            assertThat(unknown).hasMessageContaining("407").hasMessageContaining("Basic realm");
            assertThat(unknown.getMessage()).doesNotContain(CREDENTIALS);
            for (String status : new String[] {"502: no way", "503: busy"}) {
                TransportException failure = client.fail("tools/call");
                assertThat(failure.kind()).isEqualTo(Kind.CONNECTION);
                assertThat(failure.mayHaveBeenDelivered()).isTrue();
                assertThat(failure).hasMessageContaining(status);
            }
            client.ask("tools/call");
            assertThat(proxy.connections).hasValue(1);
        }
    }

    @Test
    void a_proxy_that_closes_idle_connections_costs_nobody_a_request() throws Exception {
        try (ScriptedServer proxy = new ScriptedServer(r -> r.json(r.result("{}")));
                Client client = behind(proxy, "http://nowhere.invalid/mcp")) {
            for (int i = 0; i < 3; i++) {
                client.ask("tools/call");
                awaitNoneLeased(client);
                proxy.dropConnections();
            }
            assertThat(client.failures).isEmpty();
            assertThat(proxy.connections).hasValue(3);
        }
    }

    @Test
    void tunnels_that_have_ended_cost_nobody_a_request_and_lead_to_one_server_each() throws Exception {
        try (TestProxy proxy = TestProxy.connect("user:secret-1");
                ScriptedServer one = new ScriptedServer(TestKeys.secureSocket(false), r -> r.json(r.result("{}")));
                ScriptedServer other = new ScriptedServer(TestKeys.secureSocket(false), r -> r.json(r.result("{}")));
                Client toOne = tunnelled(proxy, one);
                Client toOther = tunnelled(proxy, other)) {
            for (int i = 0; i < 3; i++) {
                toOne.ask("tools/call");
                toOther.ask("tools/call");
                awaitNoneLeased(toOne);
                proxy.dropConnections();
            }
            assertThat(toOne.failures).isEmpty();
            assertThat(toOther.failures).isEmpty();
            assertThat(one.connections).hasValue(3);
            assertThat(other.connections).hasValue(3);
            assertThat(proxy.tunnels).hasSize(6);
            assertThat(proxy.refused).isEmpty();
            assertThat(one.seen).hasSize(3).allMatch(seen -> seen.header("Proxy-Authorization") == null);
        }
    }

    private static Client tunnelled(TestProxy proxy, ScriptedServer server) throws TransportException {
        return Client.modern("mcp:https://localhost:" + server.port() + "/mcp#trustStore=" + TestKeys.pem()
                + "&proxy=http://user:secret-1@127.0.0.1:" + proxy.port());
    }
}
