package io.mcpdrivers.driver.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mcpdrivers.spi.OpenOptions;
import io.mcpdrivers.spi.TransportException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLServerSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that send what nobody asked for, or never come to an end. */
class HostileServerTest {

    @BeforeAll
    static void makeCertificate() throws Exception {
        TestKeys.make();
    }

    private static String secure(ScriptedServer server) {
        return "mcp:https://localhost:" + server.port() + "/mcp#trustStore=" + TestKeys.pem();
    }

    /** In one write, so that the connection has read more than the body asks for. */
    private static void answerTwice(ScriptedServer.Seen request) throws Exception {
        String body = request.result("\"" + "x".repeat(30_000) + "\"");
        String other = "{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":\"of somebody else\"}";
        String head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ";
        if (request.id().equals("1")) {
            request.raw(head + body.length() + "\r\n\r\n" + body + head + other.length() + "\r\n\r\n" + other);
        } else {
            request.json(request.result("\"own\""));
        }
    }

    @Test
    void an_answer_that_nobody_asked_for_is_no_ones_over_tls() throws Exception {
        try (ScriptedServer server = new ScriptedServer(TestKeys.secureSocket(false), HostileServerTest::answerTwice);
                Client client = Client.modern(secure(server))) {
            assertThat(client.ask("tools/call")).contains("\"id\":1,");
            assertThat(client.ask("tools/call")).contains("\"own\"");
            assertThat(server.connections).hasValue(2);
        }
    }

    @Test
    void an_answer_that_nobody_asked_for_is_no_ones_through_socks() throws Exception {
        try (ScriptedServer server = new ScriptedServer(HostileServerTest::answerTwice);
                TestProxy proxy = TestProxy.socks();
                Client client = Client.modern(
                        "mcp:http://localhost:" + server.port() + "/mcp#proxy=socks://127.0.0.1:" + proxy.port())) {
            assertThat(client.ask("tools/call")).contains("\"id\":1,");
            assertThat(client.ask("tools/call")).contains("\"own\"");
        }
    }

    /** Writes bytes, one now and then, until the client has closed the connection. */
    private static void dribble(OutputStream out, String bytes, CountDownLatch ended) {
        try {
            for (int i = 0; ; i++) {
                out.write(bytes.charAt(i % bytes.length()));
                out.flush();
                LockSupport.parkNanos(50_000_000);
            }
        } catch (IOException e) {
            ended.countDown();
        }
    }

    @Test
    void an_idle_connection_is_closed_in_time_also_if_the_server_goes_on_sending() throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        SSLServerSocket listening = (SSLServerSocket) TestKeys.secureSocket(false);
        // Here a close waits for the other side's.
        listening.setEnabledProtocols(new String[] {"TLSv1.2"});
        try (ScriptedServer server = new ScriptedServer(listening, r -> {
                    r.json(r.result("{}"), "Keep-Alive: timeout=1");
                    dribble(r.out, "x", ended);
                });
                Client client = Client.modern(secure(server))) {
            client.ask("tools/call");
            assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    /** Whether no connection is in use any longer, which may be a moment after the server or the caller knows of it. */
    private static boolean becomesFree(Client client) {
        ConnectionPool pool = ((HttpTransport) client.transport).client.pool();
        long deadline = System.nanoTime() + 20_000_000_000L;
        while (pool.leased() > 0 && System.nanoTime() - deadline < 0) {
            LockSupport.parkNanos(1_000_000);
        }
        return pool.leased() == 0;
    }

    /** Where a body may be without an end, none of whose reads takes long. */
    @ParameterizedTest
    @ValueSource(strings = {"", "5\r\nerror\r\n1;", "5\r\nerror\r\n0\r\n"})
    void the_text_of_an_error_is_awaited_for_a_while_only(String begin) throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        try (ScriptedServer server = new ScriptedServer(r -> {
                    r.raw("HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\n" + begin);
                    dribble(r.out, begin.isEmpty() ? "1\r\na\r\n" : "a", ended);
                });
                Client client = Client.modern(server.uri())) {
            client.send("tools/call", null, Map.of(), Duration.ofMinutes(2), true);
            assertThat(client.failure()).hasMessageContaining("status 500");
            assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "a: b\r\n"})
    void the_end_of_a_stream_is_awaited_for_a_while_only(String dribbled) throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        try (ScriptedServer server = new ScriptedServer(r -> {
                    r.beginEvents();
                    r.chunk("data: " + r.result("{}") + "\n\n");
                    r.raw("0\r\n");
                    dribble(r.out, dribbled, ended);
                });
                Client client = Client.modern(server.uri())) {
            client.ask("tools/call");
            assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(becomesFree(client)).isTrue();
        }
    }

    @Test
    void a_handshake_that_does_not_end_is_awaited_for_the_time_of_opening_only() throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        try (ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread server = new Thread(() -> {
                try (Socket socket = listening.accept()) {
                    // The beginning of a record of 12 KiB.
                    socket.getOutputStream().write(new byte[] {22, 3, 3, 0x30, 0});
                    dribble(socket.getOutputStream(), "\u0002", ended);
                } catch (IOException e) {
                    // The test has ended.
                }
            });
            server.start();
            String uri = "mcp:https://localhost:" + listening.getLocalPort() + "/mcp#trustStore=" + TestKeys.pem();
            TransportException failure = catchThrowableOfType(
                    TransportException.class,
                    () -> new Client(uri, Client.MODERN, new OpenOptions("test", Duration.ofSeconds(1), 1_000_000)));
            assertThat(failure).hasMessageContaining("in time").hasMessageContaining(" ms");
            assertThat(failure.kind()).isEqualTo(TransportException.Kind.CONNECTION);
            assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
            server.join();
        }
    }

    @Test
    void an_idle_connection_that_has_ended_does_not_say_that_a_server_can_be_reached() throws Exception {
        ScriptedServer server = new ScriptedServer(r -> r.json(r.result("{}")));
        try (server;
                Client client = Client.modern(server.uri())) {
            client.ask("tools/call");
            server.close();
            TransportException failure = catchThrowableOfType(
                    TransportException.class, () -> Client.modern(server.uri()).close());
            assertThat(failure).isNotNull().hasMessageContaining("cannot be reached");
        }
    }

    @Test
    void however_many_idle_connections_have_ended_headers_are_asked_for_once() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        CountDownLatch all = new CountDownLatch(6);
        try (ScriptedServer server = new ScriptedServer(r -> {
                    all.countDown();
                    boolean unused = all.await(20, TimeUnit.SECONDS);
                    r.json(r.result("{}"));
                });
                Client client = Client.withHeaders(
                        server.uri(), Client.MODERN, () -> Map.of("X-Count", "" + asked.incrementAndGet()))) {
            for (int i = 0; i < 6; i++) {
                client.sendWithoutWaiting("tools/call");
            }
            for (int i = 0; i < 6; i++) {
                client.message();
            }
            assertThat(becomesFree(client)).isTrue();
            server.dropConnections();
            client.ask("tools/call");
            assertThat(client.failures).isEmpty();
            assertThat(asked).hasValue(7);
            assertThat(server.connections).hasValue(7);
        }
    }
}
