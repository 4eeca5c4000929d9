package io.mcpdrivers.driver.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mcpdrivers.spi.Envelope;
import io.mcpdrivers.spi.Exchange;
import io.mcpdrivers.spi.TransportException;
import io.mcpdrivers.spi.TransportException.Kind;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FailureTest {

    @ParameterizedTest
    @CsvSource({
        "400, REJECTED, false",
        "401, AUTHORIZATION, false",
        "403, AUTHORIZATION, false",
        "404, REJECTED, false",
        "405, REJECTED, false",
        "406, REJECTED, false",
        "415, REJECTED, false",
        "408, CONNECTION, false",
        "409, REJECTED, false",
        "413, REJECTED, false",
        "421, CONNECTION, false",
        "422, REJECTED, false",
        "425, CONNECTION, false",
        "429, REFUSED, false",
        "500, CONNECTION, true",
        "502, CONNECTION, true",
        "503, CONNECTION, true",
        "204, PROTOCOL, true",
        "202, PROTOCOL, true",
        "304, PROTOCOL, true",
    })
    void a_status_gives_the_failure_it_stands_for(int status, Kind kind, boolean delivered) throws Exception {
        boolean empty = status == 304 || status == 204;
        try (ScriptedServer server = new ScriptedServer(r -> {
                    if (empty) {
                        r.raw("HTTP/1.1 " + status + " x\r\n\r\n");
                    } else {
                        r.respond(status, "y".repeat(300), "WWW-Authenticate: Bearer realm=\"r\"");
                    }
                });
                Client client =
                        Client.modern(server.uri() + "?token=secret-token#header.Authorization=secret-header")) {
            TransportException failure = client.fail("tools/call");
            assertThat(failure.kind()).isEqualTo(kind);
            assertThat(failure.mayHaveBeenDelivered()).isEqualTo(delivered);
            assertThat(failure)
                    .hasMessageContaining(String.valueOf(status))
                    .hasMessageContaining("127.0.0.1:" + server.port());
            assertThat(failure.getMessage()).doesNotContain("secret-").doesNotContain("y".repeat(201));
            assertThat(client.transport.isOpen()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 401, 403, 404, 405, 409, 413, 422, 429})
    void the_next_request_goes_over_the_connection_on_which_one_was_refused(int status) throws Exception {
        AtomicInteger requests = new AtomicInteger();
        try (ScriptedServer server = new ScriptedServer(r -> {
                    if (requests.incrementAndGet() == 1) {
                        r.respond(status, "no");
                    } else {
                        r.json(r.result("{}"));
                    }
                });
                Client client = Client.modern(server.uri())) {
            client.fail("tools/call");
            assertThat(requests).hasValue(1);
            client.ask("tools/call");
            assertThat(requests).hasValue(2);
            assertThat(server.seen.get(1).before).as("requests before it").isEqualTo(1);
        }
    }

    @Test
    void an_error_of_the_protocol_is_delivered_whatever_the_status() throws Exception {
        for (int status : new int[] {400, 404}) {
            try (ScriptedServer server = new ScriptedServer(r -> r.respond(
                            status,
                            "{\"jsonrpc\":\"2.0\",\"id\":" + r.id()
                                    + ",\"error\":{\"code\":-32022,\"message\":\"v\"}}"));
                    Client client = Client.modern(server.uri())) {
                assertThat(client.ask("server/discover")).contains("-32022");
                assertThat(client.failures).isEmpty();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "400, application/json, ''",
        "404, application/json, '\"id\":null,'",
        "200, application/json, '\"id\":null,'",
        "200, text/event-stream, '\"id\":null,'",
    })
    void an_error_that_names_no_request_is_the_response_to_the_one_it_answers(int status, String type, String id)
            throws Exception {
        String error = "{\"jsonrpc\":\"2.0\"," + id + "\"error\":{\"code\":-32022,\"message\":\"v\"}}";
        String body = type.equals("application/json") ? error : "data: " + error + "\n\n";
        try (ScriptedServer server = new ScriptedServer(r -> r.respond(status, body, "Content-Type: " + type));
                Client client = Client.modern(server.uri())) {
            assertThat(client.ask("server/discover")).isEqualTo(error);
            assertThat(client.responses).hasSize(1);
            assertThat(client.failures).isEmpty();
        }
    }

    @Test
    void an_error_that_comes_with_a_failure_of_the_server_says_nothing_of_its_era() throws Exception {
        for (String id : new String[] {
            "null,\"error\":{\"code\":-32603",
            "1,\"error\":{\"code\":-32603",
            "null,\"error\":{\"code\":-32022",
            "1,\"error\":{\"code\":-32022"
        }) {
            try (ScriptedServer server = new ScriptedServer(
                            r -> r.respond(500, "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"message\":\"broken\"}}"));
                    Client client = Client.modern(server.uri())) {
                TransportException failure = client.fail("server/discover");
                assertThat(failure.kind()).isEqualTo(Kind.CONNECTION);
                assertThat(failure).hasMessageContaining("broken");
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "text/html, <html>Login</html>",
        "application/json, <html>",
        "application/json, ''",
        "text/plain, {}",
        "'', ''"
    })
    void what_is_no_message_breaks_the_protocol(String type, String body) throws Exception {
        try (ScriptedServer server = new ScriptedServer(r -> r.respond(200, body, "Content-Type: " + type));
                Client client = Client.modern(server.uri())) {
            TransportException failure = client.fail("tools/call");
            assertThat(failure.kind()).isEqualTo(Kind.PROTOCOL);
            assertThat(failure).hasMessageContaining(body.replaceAll("</?html>", ""));
        }
    }

    @Test
    void of_a_page_of_html_the_words_are_told() throws Exception {
        String page = "<!DOCTYPE html>\n<html lang='en'><head><meta charset='utf-8'>\n<title>502 Bad Gateway</title>"
                + "<style>body { color: red }</style><!-- a > b --><script>if (a < b) alert('x')</script></head>\n<body>"
                + "<h1>502   Bad Gateway</h1>\r\n<hr>nginx/1.27</body></html>";
        try (ScriptedServer server = new ScriptedServer(r -> r.respond(502, page, "Content-Type: text/html"));
                Client client = Client.modern(server.uri())) {
            assertThat(client.fail("tools/call"))
                    .hasMessageEndingWith("status 502: 502 Bad Gateway 502 Bad Gateway nginx/1.27");
        }
    }

    @Test
    void a_response_to_another_request_is_delivered_and_fails_this_one() throws Exception {
        try (ScriptedServer server = new ScriptedServer(r -> r.json("{\"jsonrpc\":\"2.0\",\"id\":77,\"result\":{}}"));
                Client client = Client.modern(server.uri())) {
            assertThat(client.fail("tools/call").kind()).isEqualTo(Kind.PROTOCOL);
            assertThat(client.message()).contains("77");
        }
    }

    @Test
    void a_busy_server_is_asked_again_when_it_wants() throws Exception {
        AtomicInteger requests = new AtomicInteger();
        try (ScriptedServer server = new ScriptedServer(r -> {
                    switch (requests.incrementAndGet()) {
                        case 1 -> r.respond(429, "slow down", "Retry-After: 0");
                        case 2 -> r.respond(503, "later", "Retry-After: 1");
                        case 10 -> r.respond(503, "later", "Retry-After: 60");
                        default -> r.json(r.result("{}"));
                    }
                });
                Client client = Client.modern(server.uri())) {
            long begin = System.nanoTime();
            client.ask("tools/call");
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofMillis(1050));
            requests.set(9);
            client.send("tools/call", null, Map.of(), Duration.ofSeconds(10), true);
            TransportException failure = client.failure();
            assertThat(failure.kind()).isEqualTo(Kind.CONNECTION);
            assertThat(failure.mayHaveBeenDelivered()).isFalse();
            assertThat(failure).hasMessageContaining("Retry-After: 60");
        }
    }

    @Test
    void a_busy_server_is_not_waited_for_beyond_the_time_of_the_call() throws Exception {
        try (ScriptedServer server = new ScriptedServer(r -> r.respond(429, "slow down", "Retry-After: 30"));
                Client client = Client.modern(server.uri())) {
            long now = System.nanoTime();
            client.transport.send(
                    new Envelope(
                            Envelope.Kind.REQUEST,
                            1,
                            "tools/call",
                            Client.MODERN,
                            null,
                            Map.of(),
                            now + TimeUnit.SECONDS.toNanos(20),
                            true,
                            now + TimeUnit.SECONDS.toNanos(100)),
                    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\"}".getBytes(StandardCharsets.UTF_8));
            TransportException failure = client.failure();
            assertThat(failure.kind()).isEqualTo(Kind.REFUSED);
            assertThat(failure).hasMessageContaining("Retry-After: 30");
            assertThat(server.seen).hasSize(1);
        }
    }

    @ParameterizedTest
    @CsvSource({"-32602, argument session_name is missing, false", "-32000, No valid session ID, true"})
    void an_error_about_a_request_does_not_end_its_session(int code, String text, boolean lost) throws Exception {
        try (ScriptedServer server = new ScriptedServer(r -> {
                    if (r.body.contains("initialize\"")) {
                        r.json(r.result("{}"), "Mcp-Session-Id: s");
                    } else {
                        r.respond(
                                400,
                                "{\"jsonrpc\":\"2.0\",\"id\":" + r.id() + ",\"error\":{\"code\":" + code
                                        + ",\"message\":\"" + text + "\"}}");
                    }
                });
                Client client = Client.legacy(server.uri())) {
            client.ask("initialize");
            if (lost) {
                assertThat(client.fail("tools/call").kind()).isEqualTo(Kind.SESSION_LOST);
            } else {
                assertThat(client.ask("tools/call")).contains(text);
                assertThat(client.failures).isEmpty();
            }
        }
    }

    @Test
    void a_stream_whose_last_id_no_header_can_hold_is_not_resumed() throws Exception {
        try (ScriptedServer server = new ScriptedServer(r -> {
                    r.beginEvents();
                    r.chunk("id: \u4e00\nretry: 1\ndata:\n\n");
                    r.endChunks();
                });
                Client client = Client.legacy(server.uri())) {
            assertThat(client.fail("tools/call")).hasMessageContaining("ended the stream");
            assertThat(server.seen("GET")).isEmpty();
        }
    }

    @Test
    void a_connection_that_was_closed_while_idle_costs_nobody_a_request() throws Exception {
        Semaphore closed = new Semaphore(0);
        try (ScriptedServer server = new ScriptedServer(r -> {
                    r.json(r.result("{}"));
                    // Without a word of it.
                    r.socket.close();
                    closed.release();
                });
                Client client = Client.modern(server.uri())) {
            for (int i = 0; i < 20; i++) {
                client.ask("tools/call");
                assertThat(closed.tryAcquire(10, TimeUnit.SECONDS)).isTrue();
            }
            assertThat(client.failures).isEmpty();
        }
    }

    @Test
    void a_connection_that_breaks_after_the_request_was_sent_may_have_delivered_it() throws Exception {
        for (boolean reset : new boolean[] {true, false}) {
            try (ScriptedServer server = new ScriptedServer(r -> {
                        if (r.before == 0) {
                            r.json(r.result("{}"));
                        } else if (reset) {
                            r.reset();
                        } else {
                            r.socket.close();
                        }
                    });
                    Client client = Client.modern(server.uri())) {
                client.ask("tools/call");
                TransportException failure = client.fail("tools/call");
                assertThat(failure.kind()).isEqualTo(Kind.CONNECTION);
                assertThat(failure.mayHaveBeenDelivered()).isTrue();
                client.ask("tools/call");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"reset", "close", "body"})
    void after_a_connection_has_broken_none_that_is_older_is_used(String end) throws Exception {
        CountDownLatch both = new CountDownLatch(2);
        CountDownLatch outlasts = new CountDownLatch(1);
        CountDownLatch broken = new CountDownLatch(1);
        ExecutorService threads = Executors.newSingleThreadExecutor();
        try (ScriptedServer server = new ScriptedServer(r -> {
                    if (r.body.contains("together")) {
                        both.countDown();
                        assertThat(both.await(60, TimeUnit.SECONDS)).isTrue();
                    } else if (r.body.contains("breaks")) {
                        switch (end) {
                            case "reset" -> r.reset();
                            case "close" -> r.socket.close();
                            default -> {
                                r.raw(
                                        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{");
                                r.socket.close();
                            }
                        }
                        return;
                    } else if (r.body.contains("outlasts")) {
                        outlasts.countDown();
                        assertThat(broken.await(60, TimeUnit.SECONDS)).isTrue();
                    }
                    r.json(r.result("{\"before\":" + r.before + "}"));
                });
                Client client = Client.modern(server.uri())) {
            Future<Exchange> first = threads.submit(() -> client.send("together"));
            client.send("together");
            first.get();
            client.message();
            client.message();
            Future<Exchange> outlasting = threads.submit(() -> client.send("outlasts"));
            assertThat(outlasts.await(60, TimeUnit.SECONDS)).isTrue();
            assertThat(client.fail("breaks").mayHaveBeenDelivered()).isTrue();
            broken.countDown();
            outlasting.get();
            assertThat(client.message()).contains("\"before\":1");
            assertThat(client.ask("tools/call")).contains("\"before\":0");
            assertThat(server.connections).hasValue(3);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void a_body_that_is_cut_short_is_a_lost_request() throws Exception {
        try (ScriptedServer server = new ScriptedServer(r -> {
                    r.raw("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"json");
                    r.socket.close();
                });
                Client client = Client.modern(server.uri())) {
            TransportException failure = client.fail("tools/call");
            assertThat(failure.kind()).isEqualTo(Kind.CONNECTION);
            assertThat(failure.mayHaveBeenDelivered()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"json",
                "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n{\"json",
                "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nno size\r\n",
                "Content-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: 30\r\n\r\nno gzip, but as long as it says",
                "Content-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n64\r\ndata: {",
                "Content-Type: text/event-stream\r\nContent-Encoding: gzip\r\nContent-Length: 30\r\n\r\nno gzip, but as long as it says",
                "Content-Type: text/html\r\nContent-Length: 100\r\n\r\n<html>",
            })
    void a_body_that_breaks_keeps_no_connection(String answer) throws Exception {
        for (boolean reset : new boolean[] {false, true}) {
            try (ScriptedServer server = new ScriptedServer(r -> {
                        r.raw("HTTP/1.1 200 OK\r\n" + answer);
                        if (reset) {
                            r.reset();
                        } else {
                            r.socket.shutdownOutput();
                            r.clientCloses(20_000);
                        }
                    });
                    Client client = Client.modern(server.uri())) {
                for (int i = 0; i < 3; i++) {
                    client.fail("tools/call");
                }
                assertThat(leased(client)).isZero();
                long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
                while (server.openConnections() > 0 && System.nanoTime() - until < 0) {
                    LockSupport.parkNanos(1_000_000);
                }
                assertThat(server.openConnections()).isZero();
            }
        }
    }

    private static int leased(Client client) {
        return ((HttpTransport) client.transport).client.pool().leased();
    }

    @Test
    void a_server_that_is_not_there_is_told_at_once() throws Exception {
        // Bound, so that nobody else takes the port, and not listened on.
        try (Socket unused = new Socket()) {
            unused.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            for (String host : new String[] {"127.0.0.1:" + unused.getLocalPort(), "no-such-host.invalid"}) {
                TransportException failure = catchThrowableOfType(
                        TransportException.class,
                        () -> Client.modern("mcp:http://" + host + "/mcp").close());
                assertThat(failure).isNotNull();
                assertThat(failure.kind()).isEqualTo(Kind.CONNECTION);
                assertThat(failure.mayHaveBeenDelivered()).isFalse();
            }
        }
        ScriptedServer server = new ScriptedServer(r -> r.json(r.result("{}")));
        try (Client client = Client.modern(server.uri())) {
            client.ask("tools/call");
            server.close();
            TransportException failure = client.fail("tools/call");
            assertThat(failure.kind()).isEqualTo(Kind.CONNECTION);
            assertThat(failure).hasMessageContaining("cannot be reached");
            assertThat(failure.mayHaveBeenDelivered()).isFalse();
        }
    }

    @Test
    void redirects_stay_within_the_origin_and_take_no_credentials_to_another() throws Exception {
        try (ScriptedServer other = new ScriptedServer(r -> r.json(r.result("{}")));
                ScriptedServer server = new ScriptedServer(r -> {
                    switch (r.path) {
                        case "/mcp" -> r.respond(308, "", "Location: /moved?a=b");
                        case "/away" -> r.respond(307, "", "Location: " + other.url());
                        default -> r.json(r.result("{}"));
                    }
                })) {
            String headers = "#header.Authorization=secret-header";
            try (Client client = Client.modern(server.uri() + headers)) {
                client.ask("tools/call");
                assertThat(server.seen.get(1).path).isEqualTo("/moved?a=b");
                assertThat(server.seen.get(1).method).isEqualTo("POST");
                assertThat(server.seen.get(1).body).isEqualTo(server.seen.get(0).body);
                assertThat(server.seen.get(1).header("Authorization")).isEqualTo("secret-header");
            }
            String away = server.uri().replace("/mcp", "/away") + headers;
            try (Client client = Client.modern(away)) {
                TransportException failure = client.fail("tools/call");
                assertThat(failure).hasMessageContaining(other.url()).hasMessageContaining("followRedirects");
                assertThat(failure.mayHaveBeenDelivered()).isFalse();
                assertThat(other.seen).isEmpty();
            }
            try (Client client = Client.modern(away + "&followRedirects=always")) {
                client.ask("tools/call");
                assertThat(other.seen.get(0).header("Authorization")).isNull();
            }
        }
    }

    @Test
    void compressed_bodies_and_streams_are_understood() throws Exception {
        try (ScriptedServer server = new ScriptedServer(r -> {
                    assertThat(r.header("Accept-Encoding")).isEqualTo("gzip");
                    boolean events = Integer.parseInt(r.id()) % 2 == 0;
                    ByteArrayOutputStream body = new ByteArrayOutputStream();
                    try (GZIPOutputStream zip = new GZIPOutputStream(body)) {
                        zip.write((events ? "data: " + r.result("{}") + "\n\n" : r.result("{}")).getBytes());
                    }
                    r.raw("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Type: "
                            + (events ? "text/event-stream" : "application/json") + "\r\nContent-Length: " + body.size()
                            + "\r\n\r\n");
                    r.out.write(body.toByteArray());
                });
                Client client = Client.modern(server.uri())) {
            for (int i = 1; i <= 4; i++) {
                assertThat(client.ask("tools/call")).contains("\"id\":" + i);
            }
        }
    }

    private static byte[] compressed(String text) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(bytes)) {
            zip.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    @Test
    void a_body_compressed_in_pieces_is_read_to_its_end_and_the_connection_used_again() throws Exception {
        try (ScriptedServer server = new ScriptedServer(r -> {
                    String body = r.result("{}");
                    r.raw("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Type: application/json\r\n"
                            + "Transfer-Encoding: chunked\r\n\r\n");
                    for (String piece : new String[] {body.substring(0, 9), body.substring(9)}) {
                        byte[] bytes = compressed(piece);
                        r.raw(Integer.toHexString(bytes.length) + "\r\n");
                        r.out.write(bytes);
                        r.raw("\r\n");
                    }
                    r.endChunks();
                });
                Client client = Client.modern(server.uri())) {
            for (int i = 1; i <= 4; i++) {
                assertThat(client.ask("tools/call")).contains("\"id\":" + i);
            }
            assertThat(server.connections).hasValue(1);
        }
    }

    @Test
    void messages_over_the_limit_are_skipped_in_bodies_and_in_streams() throws Exception {
        String big = "\"" + "x".repeat(200_000) + "\"";
        try (ScriptedServer server = new ScriptedServer(r -> {
                    switch (r.id()) {
                        case "1" -> r.json(r.result(big));
                        case "2" -> {
                            r.beginEvents("X: y");
                            r.chunk("data: " + r.result(big) + "\n\n");
                            r.endChunks();
                        }
                        default -> r.json(r.result("{}"));
                    }
                });
                Client client = new Client(server.uri(), Client.MODERN, 10_000)) {
            client.send("tools/call");
            client.send("tools/call");
            assertThat(client.oversized).hasSize(2).allMatch(size -> size > 200_000);
            client.ask("tools/call");
            assertThat(client.failures).isEmpty();
        }
    }

    @Test
    void a_server_that_does_not_read_holds_up_no_sender_for_long() throws Exception {
        try (ServerSocket deaf = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                Client client = Client.modern("mcp:http://127.0.0.1:" + deaf.getLocalPort() + "/mcp")) {
            long begin = System.nanoTime();
            TransportException failure = null;
            try {
                client.sendBig(16 * 1024 * 1024, Duration.ofSeconds(1));
                failure = client.failure();
            } catch (TransportException e) {
                failure = e;
            }
            assertThat(failure.kind()).isEqualTo(Kind.TIMEOUT);
            assertThat(failure.mayHaveBeenDelivered()).isFalse();
            assertThat(System.nanoTime() - begin).isLessThan(TimeUnit.SECONDS.toNanos(10));
            assertThat(client.transport.isOpen()).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({"Content-Length: 1000", "Transfer-Encoding: chunked", "X-No: end"})
    void an_error_whose_text_does_not_end_is_told_with_what_has_come(String framing) throws Exception {
        String body = framing.startsWith("T") ? "a\r\noverloaded\r\n" : "overloaded";
        try (ScriptedServer server = new ScriptedServer(r -> {
                    r.raw("HTTP/1.1 500 x\r\nContent-Type: text/html\r\n" + framing + "\r\n\r\n" + body);
                    r.clientCloses(20_000);
                });
                Client client = Client.modern(server.uri())) {
            long begin = System.nanoTime();
            TransportException failure = client.fail("tools/call");
            assertThat(failure.kind()).isEqualTo(Kind.CONNECTION);
            assertThat(failure).hasMessageContaining("500").hasMessageContaining("overloaded");
            assertThat(System.nanoTime() - begin).isLessThan(TimeUnit.SECONDS.toNanos(10));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 401, 403, 404, 405, 406, 415, 429, 500, 503})
    void a_status_at_any_step_of_a_session_is_told_and_fixes_nothing(int status) throws Exception {
        AtomicReference<String> failing = new AtomicReference<>("initialize");
        try (ScriptedServer server = new ScriptedServer(r -> {
            boolean fails = r.method.equals(failing.get()) || r.body.contains("\"" + failing.get() + "\"");
            if (r.method.equals("GET")) {
                r.respond(405, "");
            } else if (fails) {
                r.respond(status, "<html>" + "y".repeat(300), "Content-Type: text/html");
            } else if (r.body.contains("\"id\"")) {
                r.json(r.result("{}"), "Mcp-Session-Id: s");
            } else {
                r.respond(202, "");
            }
        })) {
            try (Client client = Client.legacy(server.uri() + "?key=secret-1")) {
                for (String step : new String[] {"initialize", "tools/call"}) {
                    failing.set(step);
                    TransportException failure = client.fail(step);
                    assertThat(failure)
                            .hasMessageContaining("status " + status)
                            .hasMessageContaining(server.url())
                            .hasMessageContaining(": yyy");
                    assertThat(failure.getMessage())
                            .doesNotContain("secret-1")
                            .doesNotContain("<html>")
                            .doesNotContain("y".repeat(201));
                    assertThat(failure.mayHaveBeenDelivered()).isEqualTo(status >= 500);
                    failing.set("");
                    client.ask(step);
                }
                failing.set("notifications/initialized");
                TransportException failure =
                        catchThrowableOfType(TransportException.class, () -> client.tell(failing.get()));
                // What may have been acted on is not worth an exception.
                if (status >= 500) {
                    assertThat(failure).isNull();
                } else {
                    assertThat(failure).hasMessageContaining("status " + status);
                }
                failing.set("DELETE");
            }
            assertThat(server.seen("DELETE")).hasSize(1);
        }
    }

    @Test
    void an_answer_of_64_megabytes_is_skipped_and_the_connection_used_again() throws Exception {
        int megabytes = 64;
        byte[] piece = "x".repeat(1024 * 1024).getBytes(StandardCharsets.US_ASCII);
        try (ScriptedServer server = new ScriptedServer(r -> {
                    if (!r.id().equals("1")) {
                        r.json(r.result("{}"));
                        return;
                    }
                    r.raw("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
                            + (long) megabytes * piece.length + "\r\n\r\n");
                    for (int i = 0; i < megabytes; i++) {
                        r.out.write(piece);
                    }
                });
                Client client = Client.modern(server.uri())) {
            client.send("tools/call");
            assertThat(client.oversized.poll(20, TimeUnit.SECONDS)).isEqualTo((long) megabytes * piece.length);
            client.ask("tools/call");
            assertThat(server.connections).hasValue(1);
        }
    }

    @Test
    void no_request_is_executed_twice_or_told_wrongly_when_connections_are_closed_at_any_moment() throws Exception {
        Map<String, Integer> executed = new ConcurrentHashMap<>();
        AtomicInteger count = new AtomicInteger();
        try (ScriptedServer server = new ScriptedServer(r -> {
                    executed.merge(r.id(), 1, Integer::sum);
                    r.json(r.result("{}"));
                    int turn = count.incrementAndGet() % 4;
                    if (turn > 0) {
                        return;
                    }
                    // While the client writes the next request, or before, or after.
                    LockSupport.parkNanos(count.get() * 977L % 200_000);
                    if (count.get() % 3 == 0) {
                        r.reset();
                    } else {
                        r.socket.close();
                    }
                });
                Client client = Client.modern(server.uri())) {
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                Thread thread = new Thread(() -> {
                    for (int call = 0; call < 150; call++) {
                        try {
                            client.send("tools/call");
                        } catch (TransportException e) {
                            client.failures.add(new Client.Failure(-1, e));
                        }
                    }
                });
                threads.add(thread);
                thread.start();
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(client.messages.size() + client.failures.size()).isEqualTo(1200);
            assertThat(executed)
                    .allSatisfy((id, times) -> assertThat(times).as(id).isEqualTo(1));
            assertThat(client.failures).allSatisfy(failure -> {
                assertThat(failure.cause().kind()).isEqualTo(Kind.CONNECTION);
                // What certainly was not delivered is sent again by the driver.
                assertThat(failure.cause().mayHaveBeenDelivered()).isTrue();
            });
            assertThat(client.messages.size()).isGreaterThan(600);
        }
    }

    @Test
    void a_server_that_accepts_and_closes_is_not_connected_to_over_and_over() throws Exception {
        AtomicInteger connections = new AtomicInteger();
        try (ServerSocket closing = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread acceptor = new Thread(() -> {
                try {
                    while (true) {
                        closing.accept().close();
                        connections.incrementAndGet();
                    }
                } catch (java.io.IOException e) {
                    // The test is over.
                }
            });
            acceptor.start();
            try (Client client = Client.modern("mcp:http://127.0.0.1:" + closing.getLocalPort() + "/mcp")) {
                assertThat(client.fail("tools/call").kind()).isEqualTo(Kind.CONNECTION);
                assertThat(connections.get()).isLessThan(4);
            }
            closing.close();
            acceptor.join();
        }
    }
}
