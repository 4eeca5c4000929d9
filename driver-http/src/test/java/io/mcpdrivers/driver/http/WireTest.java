package io.mcpdrivers.driver.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.spi.TransportException;
import io.mcpdrivers.spi.TransportException.Kind;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The bytes of HTTP/1.1, as servers may write them. */
class WireTest {

    private static final String JSON = "Content-Type: application/json\r\n";

    /** The body stands for {@code BODY}, its length for {@code LENGTH}, in hexadecimal for {@code SIZE}. */
    private static String fill(String answer, String body) {
        return answer.replace("LENGTH", "" + body.length())
                .replace("SIZE", Integer.toHexString(body.length()))
                .replace("BODY", body);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\n" + JSON + "Content-Length: LENGTH\r\n\r\nBODY",
                "HTTP/1.1 200\r\ncontent-type:application/json; charset=utf-8\r\nCONTENT-lENgTH:LENGTH  \r\n\r\nBODY",
                "HTTP/1.1 200 OK\nContent-Type: application/json\nContent-Length: LENGTH\n\nBODY",
                "\r\n\r\nHTTP/1.1 200 OK\r\n" + JSON + "Content-Length: LENGTH\r\nContent-Length: LENGTH\r\n\r\nBODY",
                "HTTP/1.1 200 OK\r\n" + JSON + "X: a\r\n  b\r\n\tc\r\nContent-Length: LENGTH\r\n\r\nBODY",
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n" + JSON
                        + "Content-Length: LENGTH\r\n\r\nBODY",
                "HTTP/1.1 200 OK\r\n" + JSON + "Transfer-Encoding: chunked\r\n\r\nSIZE\r\nBODY\r\n0\r\n\r\n",
                "HTTP/1.1 200 OK\r\n" + JSON + "Transfer-Encoding: Chunked\r\n\r\n00SIZE ;a=\"b\"\r\nBODY\r\n000;x\r\n"
                        + "Trailer: a\r\nOther: b\r\n\r\n",
                "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\n" + JSON + "Content-Length: LENGTH\r\n\r\nBODY",
                "HTTP/1.1 200 OK\r\nKeep-Alive: timeout=60, max=9\r\n" + JSON + "Content-Length: LENGTH\r\n\r\nBODY",
                "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
                        + "6\r\ndata: \r\nSIZE\r\nBODY\r\n2\r\n\n\n\r\n0\r\n\r\n",
            })
    void an_answer_is_understood_in_whatever_pieces_it_comes_and_the_connection_used_again(String answer)
            throws Exception {
        for (boolean slow : new boolean[] {false, true}) {
            try (ScriptedServer server = new ScriptedServer(r -> {
                        byte[] bytes = fill(answer, r.result("{}")).getBytes(StandardCharsets.ISO_8859_1);
                        if (!slow) {
                            r.out.write(bytes);
                            return;
                        }
                        for (byte each : bytes) {
                            r.out.write(each);
                            r.out.flush();
                        }
                    });
                    Client client = Client.modern(server.uri())) {
                for (int i = 1; i <= 3; i++) {
                    assertThat(client.ask("tools/call"))
                            .isEqualTo("{\"jsonrpc\":\"2.0\",\"id\":" + i + ",\"result\":{}}");
                }
                assertThat(server.connections).hasValue(1);
                assertThat(client.failures).isEmpty();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nConnection: close\r\n" + JSON + "Content-Length: LENGTH\r\n\r\nBODY",
                "HTTP/1.1 200 OK\r\nConnection: Keep-Alive, Close\r\n" + JSON + "Content-Length: LENGTH\r\n\r\nBODY",
                "HTTP/1.0 200 OK\r\n" + JSON + "Content-Length: LENGTH\r\n\r\nBODY",
                "HTTP/1.1 200 OK\r\n" + JSON + "Content-Length: LENGTH\r\n\r\nBODYHTTP/1.1 200 OK\r\n",
                "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n" + JSON
                        + "Transfer-Encoding: chunked\r\n\r\nSIZE\r\nBODY\r\n0\r\n\r\n",
                "HTTP/1.1 200 OK\r\n" + JSON
                        + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\nSIZE\r\nBODY\r\n0\r\n\r\n",
            })
    void a_connection_that_the_server_will_not_keep_or_has_said_too_much_on_is_not_used_again(String answer)
            throws Exception {
        try (ScriptedServer server = new ScriptedServer(r -> r.raw(fill(answer, r.result("{}"))));
                Client client = Client.modern(server.uri())) {
            for (int i = 1; i <= 3; i++) {
                assertThat(client.ask("tools/call")).contains("\"id\":" + i + ",");
            }
            assertThat(server.connections).hasValue(3);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: 5", "Transfer-Encoding: chunked"})
    void a_body_where_none_may_be_is_not_taken_for_the_next_answer(String promise) throws Exception {
        try (ScriptedServer server = new ScriptedServer(r -> {
                    if (r.body.contains("\"id\"")) {
                        r.json(r.result("{}"));
                    } else {
                        r.raw("HTTP/1.1 204 None\r\n" + promise + "\r\n\r\n");
                    }
                });
                Client client = Client.modern(server.uri())) {
            client.tell("notifications/cancelled");
            client.ask("tools/call");
            client.ask("tools/call");
            assertThat(server.connections).hasValue(2);
        }
    }

    @Test
    void a_body_without_a_length_ends_with_the_connection() throws Exception {
        try (ScriptedServer server = new ScriptedServer(r -> {
                    r.raw("HTTP/1.1 200 OK\r\n" + JSON + "\r\n" + r.result("{}"));
                    r.socket.close();
                });
                Client client = Client.modern(server.uri())) {
            assertThat(client.ask("tools/call")).contains("\"id\":1,");
            assertThat(client.ask("tools/call")).contains("\"id\":2,");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "SSH-2.0-OpenSSH_9.6 more | SSH-2.0-OpenSSH_9.6",
                "HTTP/2.0 200 OK | HTTP/2.0",
                "HTTP/1.1 20 OK | HTTP/1.1 20",
                "HTTP/1.1 2000 OK | HTTP/1.1 2000",
                "HTTP/1.1 101 Switching Protocols~Upgrade: x | 101",
                "HTTP/1.1 200 OK~no colon | no colon",
                "HTTP/1.1 200 OK~: no name | no name",
                "HTTP/1.1 200 OK~Name : x | Name :",
                "HTTP/1.1 200 OK~Content-Length: -1 | Content-Length: -1",
                "HTTP/1.1 200 OK~Content-Length: 1, 1 | Content-Length: 1, 1",
                "HTTP/1.1 200 OK~Content-Length: 1~Content-Length: 2 | Content-Length: 2 and 1",
                "HTTP/1.1 200 OK~Content-Length: 99999999999999999999 | Content-Length: 99999",
                "HTTP/1.1 200 OK~Transfer-Encoding: gzip, chunked | Transfer-Encoding: gzip",
                "HTTP/1.1 200 OK~Transfer-Encoding: chunked~Transfer-Encoding: identity | identity after chunked",
            })
    void what_is_no_http_is_told_as_that(String head, String told) throws Exception {
        try (ScriptedServer server = new ScriptedServer(r -> {
                    r.raw(head.replace("~", "\r\n") + "\r\n\r\n{}");
                    r.clientCloses(20_000);
                });
                Client client = Client.modern(server.uri())) {
            TransportException failure = client.fail("tools/call");
            assertThat(failure.kind()).isEqualTo(Kind.PROTOCOL);
            assertThat(failure).hasMessageContaining("no HTTP").hasMessageContaining(told);
            assertThat(failure.mayHaveBeenDelivered()).isTrue();
            assertThat(client.transport.isOpen()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"line", "lines", "bytes", "size", "trailers", "interim"})
    void what_does_not_end_is_not_read_to_its_end(String what) throws Exception {
        try (ScriptedServer server = new ScriptedServer(r -> {
                    boolean body = what.equals("size") || what.equals("trailers");
                    r.raw((what.equals("interim") ? "HTTP/1.1 102 Wait\r\n" : "HTTP/1.1 200 OK\r\n")
                            + (body ? JSON + "Transfer-Encoding: chunked\r\n\r\n" : ""));
                    r.raw(what.equals("trailers") ? "0\r\n" : "");
                    String piece = switch (what) {
                        case "lines", "trailers" -> "A: b\r\n";
                        case "bytes" -> "A: " + "b".repeat(60_000) + "\r\n";
                        case "interim" -> "A: b\r\n\r\nHTTP/1.1 103 Hints\r\n";
                        case "size" -> "1;aaaaaaaaaaaaaaaaaaaaa";
                        default -> "A: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
                    };
                    for (int i = 0; i < 1_000_000; i++) {
                        r.raw(piece);
                    }
                });
                Client client = Client.modern(server.uri())) {
            TransportException failure = client.fail("tools/call");
            assertThat(failure.kind()).isEqualTo(Kind.PROTOCOL);
            assertThat(failure).hasMessageContaining("no HTTP").hasMessageContaining(" more than ");
        }
    }

    @Test
    void a_head_of_many_long_lines_is_read() throws Exception {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 200; i++) {
            lines.append("Header-")
                    .append(i)
                    .append(": ")
                    .append("x".repeat(1_000))
                    .append("\r\n");
        }
        try (ScriptedServer server = new ScriptedServer(r -> {
                    String body = r.result("{}");
                    r.raw("HTTP/1.1 200 OK\r\n" + lines + JSON + "Content-Length: " + body.length() + "\r\n\r\n"
                            + body);
                });
                Client client = Client.modern(server.uri())) {
            client.ask("tools/call");
            client.ask("tools/call");
            assertThat(server.connections).hasValue(1);
        }
    }

    @Test
    void requests_of_every_size_arrive_whole() throws Exception {
        AtomicInteger length = new AtomicInteger();
        try (ScriptedServer server = new ScriptedServer(r -> {
                    length.set(r.body.length());
                    r.json(r.result("{}"));
                });
                Client client = Client.modern(server.uri())) {
            for (int size : new int[] {0, 7_000, 7_500, 7_700, 7_800, 7_900, 8_000, 8_192, 100_000, 3_000_000}) {
                client.sendBig(size, Duration.ofSeconds(20));
                client.message();
                assertThat(length.get()).isBetween(size + 50, size + 80);
            }
            assertThat(server.connections).hasValue(1);
        }
    }

    @Test
    void a_path_beyond_ascii_is_sent_encoded() throws Exception {
        try (ScriptedServer server = new ScriptedServer(r -> r.json(r.result("{}")));
                Client client = Client.modern(server.uri() + "/\u010d\u010a/\u00e9?q=\u4e00")) {
            client.ask("tools/call");
            assertThat(server.seen.get(0).path).isEqualTo("/mcp/%C4%8D%C4%8A/%C3%A9?q=%E4%B8%80");
        }
    }

    /** Reads that take long are not limited themselves: the watch ends them. */
    @ParameterizedTest
    @ValueSource(ints = {20, 250, 700})
    void a_call_ends_when_its_time_is_over_and_not_before(int millis) throws Exception {
        try (ScriptedServer server = new ScriptedServer(r -> r.clientCloses(20_000));
                Client client = Client.modern(server.uri())) {
            long begin = System.nanoTime();
            try {
                client.send("tools/call", null, Map.of(), Duration.ofMillis(millis), true);
            } catch (TransportException e) {
                // It was over before there was a connection.
                assertThat(e.mayHaveBeenDelivered()).isFalse();
            }
            long took = System.nanoTime() - begin;
            assertThat(took).isBetween(TimeUnit.MILLISECONDS.toNanos(millis), TimeUnit.SECONDS.toNanos(10));
            assertThat(((HttpTransport) client.transport).client.pool().leased())
                    .isZero();
        }
    }

    /** The caller does not wait for it, but the connection does. */
    @ParameterizedTest
    @ValueSource(
            strings = {"|\r\n0\r\n\r\n", "\r\n|0\r\n\r\n", "\r\n0|\r\n\r\n", "\r\n0\r\n|\r\n", "\r\n0\r\nA: b\r\n|\r\n"
            })
    void a_connection_is_used_again_whose_stream_ends_late(String end) throws Exception {
        CountDownLatch[] delivered = {null, new CountDownLatch(1), new CountDownLatch(1), new CountDownLatch(1)};
        try (ScriptedServer server = new ScriptedServer(r -> {
                    String event = "data: " + r.result("{}") + "\n\n";
                    int bar = end.indexOf('|');
                    r.beginEvents();
                    r.raw(Integer.toHexString(event.length()) + "\r\n" + event + end.substring(0, bar));
                    boolean unused = delivered[Integer.parseInt(r.id())].await(10, TimeUnit.SECONDS);
                    r.raw(end.substring(bar + 1));
                });
                Client client = Client.modern(server.uri())) {
            ConnectionPool pool = ((HttpTransport) client.transport).client.pool();
            for (int i = 1; i <= 3; i++) {
                client.ask("tools/call");
                // When the call is over, the end has been waited for in vain, and is awaited elsewhere.
                delivered[i].countDown();
                long deadline = System.nanoTime() + 20_000_000_000L;
                while (pool.leased() > 0 && System.nanoTime() - deadline < 0) {
                    LockSupport.parkNanos(1_000_000);
                }
            }
            assertThat(server.connections).hasValue(1);
        }
    }
}
