package io.mcpdrivers.driver.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mcpdrivers.spi.McpUriException;
import io.mcpdrivers.spi.OpenOptions;
import io.mcpdrivers.spi.TransportException;
import io.mcpdrivers.spi.TransportException.Kind;
import java.io.IOException;
import java.time.Duration;
import java.util.AbstractMap;
import java.util.Collections;
import java.util.ConcurrentModificationException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What stands in the heads of requests: what the envelope mirrors, and what the user adds. */
class HeadersTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private static ScriptedServer server() throws IOException {
        return new ScriptedServer(r -> {
            if (r.method.equals("GET")) {
                r.respond(405, "");
            } else if (r.body.contains("\"id\"")) {
                r.json(r.result("{}"), "Mcp-Session-Id: s");
            } else {
                r.respond(202, "");
            }
        });
    }

    @Test
    void parameters_are_mirrored_as_the_specification_wants_each_of_them() throws Exception {
        Map<String, String> values = new LinkedHashMap<>();
        Map<String, String> lines = new LinkedHashMap<>();
        String[][] cases = {
            {"Region", "us-west1", "us-west1"},
            {"Priority", "42", "42"},
            {"Verbose", "false", "false"},
            {"EmptyVal", "", ""},
            {"Method", "test-method", "test-method"},
            {"InternalSpace", "us west 1", "us west 1"},
            {"NonAscii", "Hello, 世界", "=?base64?SGVsbG8sIOS4lueVjA==?="},
            {"Latin", "é", "=?base64?w6k=?="},
            {"Whitespace", " padded ", "=?base64?IHBhZGRlZCA=?="},
            {"LeadingSpace", " a", "=?base64?IGE=?="},
            {"TrailingSpace", "a ", "=?base64?YSA=?="},
            {"OnlySpace", " ", "=?base64?IA==?="},
            {"ControlChar", "line1\nline2", "=?base64?bGluZTEKbGluZTI=?="},
            {"CrLf", "a\r\nX-Evil: b", "=?base64?YQ0KWC1FdmlsOiBi?="},
            {"Tab", "\ta", "=?base64?CWE=?="},
            {"Nul", "a\0b", "=?base64?YQBi?="},
            {"Delete", "\u007F", "=?base64?fw==?="},
            {"Sentinel", "=?base64?literal?=", "=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?="},
            {"HalfSentinel", "=?base64?literal", "=?base64?literal"},
        };
        for (String[] each : cases) {
            values.put(each[0], each[1]);
            lines.put("Mcp-Param-" + each[0], each[2]);
        }
        try (ScriptedServer server = server();
                Client client = Client.modern(server.uri())) {
            client.send("tools/call", "test_custom_headers", values, TIMEOUT, true);
            client.message();
            List<String> head = server.seen.get(0).head;
            lines.forEach((name, value) -> assertThat(head)
                    .filteredOn(line -> line.startsWith(name + ":"))
                    .containsExactly(name + ": " + value));
            assertThat(head).doesNotContain("X-Evil: b").contains("Mcp-Method: tools/call");
        }
    }

    @Test
    void names_are_encoded_like_parameters_and_uris_are_left_as_they_are() throws Exception {
        String[][] cases = {
            {"file:///path/to/file%20name.txt", "file:///path/to/file%20name.txt"},
            {"", ""},
            {" padded ", "=?base64?IHBhZGRlZCA=?="},
            {"wetter_für", "=?base64?d2V0dGVyX2bDvHI=?="},
            {"=?base64?literal?=", "=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?="},
        };
        try (ScriptedServer server = server();
                Client client = Client.modern(server.uri())) {
            for (String[] each : cases) {
                client.send("resources/read", each[0], Map.of(), TIMEOUT, true);
                client.message();
                assertThat(server.seen.get(server.seen.size() - 1).head).contains("Mcp-Name: " + each[1]);
            }
            client.ask("tools/list");
            assertThat(server.seen.get(server.seen.size() - 1).header("Mcp-Name"))
                    .isNull();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "user:pass, dXNlcjpwYXNz",
        "user:, dXNlcjo=",
        "user, dXNlcjo=",
        "us%20er:p%40ss:word+, dXMgZXI6cEBzczp3b3JkKw==",
        "us er:p@ss:word+, dXMgZXI6cEBzczp3b3JkKw==",
    })
    void user_and_password_of_the_url_are_sent_as_basic_with_their_colon(String userInfo, String sent)
            throws Exception {
        try (ScriptedServer server = server();
                Client client = Client.modern(server.uri().replace("://", "://" + userInfo + "@"))) {
            client.ask("tools/list");
            assertThat(server.seen.get(0).header("Authorization")).isEqualTo("Basic " + sent);
        }
    }

    @Test
    void a_password_that_cannot_be_decoded_is_refused_and_not_told() {
        McpUriException failure = catchThrowableOfType(
                McpUriException.class,
                () -> Client.modern("mcp:http://user:100%secret-1@127.0.0.1:1/mcp")
                        .close());
        assertThat(failure).hasMessageContaining("user info").hasNoCause();
        assertThat(failure.getMessage()).doesNotContain("secret-1");
    }

    @Test
    void a_supplier_is_asked_for_each_request_on_the_thread_that_sends() throws Exception {
        AtomicInteger count = new AtomicInteger();
        List<Thread> askedOn = new CopyOnWriteArrayList<>();
        Supplier<Map<String, String>> supplier = () -> {
            askedOn.add(Thread.currentThread());
            return Map.of("authorization", "Bearer token-" + count.incrementAndGet(), "X-Empty", "");
        };
        try (ScriptedServer server = server()) {
            String uri = server.uri() + "#header.Authorization=fixed&header.X-Team=blue&header.User-Agent=mine";
            try (Client client = Client.withHeaders(uri, Client.LEGACY, supplier)) {
                assertThat(count).hasValue(0);
                client.ask("initialize");
                client.tell("notifications/initialized");
                client.ask("tools/call");
                assertThat(askedOn).hasSize(3).containsOnly(Thread.currentThread());
                client.sendWithoutWaiting("tools/call");
                client.message();
            }
            assertThat(server.seen).hasSize(5);
            for (int i = 0; i < 5; i++) {
                assertThat(server.seen.get(i).header("Authorization")).isEqualTo("Bearer token-" + (i + 1));
                assertThat(server.seen.get(i).head)
                        .contains("X-Team: blue", "User-Agent: mine", "X-Empty: ")
                        .filteredOn(line -> line.regionMatches(true, 0, "authorization:", 0, 14))
                        .hasSize(1);
            }
            assertThat(server.seen.get(4).method).isEqualTo("DELETE");
        }
    }

    @Test
    void a_supplier_is_asked_anew_for_each_attempt() throws Exception {
        AtomicInteger count = new AtomicInteger();
        try (ScriptedServer server = new ScriptedServer(r -> {
                    if (r.path.equals("/mcp")) {
                        r.respond(307, "", "Location: /next");
                    } else if (r.header("X-Count").equals("2")) {
                        r.respond(503, "", "Retry-After: 0");
                    } else {
                        r.json(r.result("{}"));
                    }
                });
                Client client = Client.withHeaders(
                        server.uri(), Client.MODERN, () -> Map.of("X-Count", "" + count.incrementAndGet()))) {
            client.ask("tools/call");
            assertThat(count).hasValue(3);
            assertThat(server.seen).extracting(r -> r.path).containsExactly("/mcp", "/next", "/next");
        }
    }

    @Test
    void supplied_headers_go_to_no_other_origin_not_even_after_a_redirect_there_and_back() throws Exception {
        AtomicReference<String> back = new AtomicReference<>();
        try (ScriptedServer other = new ScriptedServer(r -> r.respond(307, "", "Location: " + back.get()));
                ScriptedServer server = new ScriptedServer(r -> {
                    if (r.path.equals("/mcp")) {
                        r.respond(307, "", "Location: " + other.url());
                    } else {
                        r.json(r.result("{}"));
                    }
                })) {
            back.set(server.url() + "/back");
            try (Client client = Client.withHeaders(
                    server.uri() + "#followRedirects=always&header.X-Fixed=f",
                    Client.MODERN,
                    () -> Map.of("X-Supplied", "s"))) {
                client.ask("tools/call");
            }
            assertThat(server.seen).hasSize(2);
            assertThat(server.seen.get(0).header("X-Supplied")).isEqualTo("s");
            for (ScriptedServer.Seen seen : List.of(other.seen.get(0), server.seen.get(1))) {
                assertThat(seen.header("X-Supplied")).isNull();
                assertThat(seen.header("X-Fixed")).isNull();
                assertThat(seen.header("Mcp-Method")).isEqualTo("tools/call");
            }
        }
    }

    @Test
    void credentials_do_not_follow_the_old_transport_to_another_origin() throws Exception {
        AtomicReference<ScriptedServer.Seen> stream = new AtomicReference<>();
        try (ScriptedServer other = new ScriptedServer(r -> {
                    if (r.method.equals("GET")) {
                        r.beginEvents();
                        stream.set(r);
                        r.chunk("event: endpoint\ndata: /messages\n\n");
                        r.clientCloses(20_000);
                    } else {
                        r.respond(202, "");
                        stream.get().chunk("data: " + r.result("{}") + "\n\n");
                    }
                });
                ScriptedServer server = new ScriptedServer(r -> r.respond(307, "", "Location: " + other.url()));
                Client client = Client.withHeaders(
                        "mcp:sse:" + server.url() + "#followRedirects=always&header.X-Fixed=f",
                        Client.LEGACY,
                        () -> Map.of("X-Supplied", "s"))) {
            client.ask("initialize");
            assertThat(other.seen)
                    .hasSize(2)
                    .allMatch(r -> r.header("X-Fixed") == null && r.header("X-Supplied") == null);
            assertThat(server.seen.get(0).header("X-Supplied")).isEqualTo("s");
        }
    }

    @Test
    void a_supplier_that_fails_fails_that_request_alone_and_nothing_is_sent() throws Exception {
        AtomicReference<Supplier<Map<String, String>>> now = new AtomicReference<>(() -> {
            throw new IllegalStateException("no token");
        });
        try (ScriptedServer server = server();
                Client client = Client.withHeaders(
                        server.uri(), Client.MODERN, () -> now.get().get())) {
            TransportException failure = client.fail("tools/call");
            assertThat(failure.kind()).isEqualTo(Kind.CONFIGURATION);
            assertThat(failure.mayHaveBeenDelivered()).isFalse();
            assertThat(failure)
                    .hasMessageContaining("supplier of headers")
                    .hasMessageContaining(server.url())
                    .hasCauseInstanceOf(IllegalStateException.class);
            now.set(() -> null);
            assertThat(client.fail("tools/call")).hasMessageContaining("null");
            now.set(() -> new AbstractMap<>() {
                @Override
                public Set<Map.Entry<String, String>> entrySet() {
                    throw new ConcurrentModificationException("changed meanwhile");
                }
            });
            failure = client.fail("tools/call");
            assertThat(failure.kind()).isEqualTo(Kind.CONFIGURATION);
            assertThat(failure.mayHaveBeenDelivered()).isFalse();
            assertThat(failure).hasCauseInstanceOf(ConcurrentModificationException.class);
            assertThat(server.seen).isEmpty();
            now.set(Map::of);
            client.ask("tools/call");
            assertThat(client.transport.isOpen()).isTrue();
        }
    }

    @Test
    void what_a_server_repeats_of_supplied_headers_is_masked_also_of_those_that_were_renewed() throws Exception {
        AtomicReference<String> token = new AtomicReference<>("supplied-token-1");
        AtomicInteger count = new AtomicInteger();
        Supplier<Map<String, String>> supplier = () ->
                Map.of("Authorization", "Bearer " + token.get(), "X-Request", "request-" + count.incrementAndGet());
        try (ScriptedServer server = new ScriptedServer(r -> r.respond(
                        401,
                        "invalid token " + r.header("Authorization") + " of " + r.header("X-Request")
                                + ", not supplied-token-1",
                        "WWW-Authenticate: Bearer error=\"" + r.header("Authorization") + "\""));
                Client client = Client.withHeaders(server.uri(), Client.MODERN, supplier)) {
            // One that changes with each request leaves the others known.
            for (int i = 0; i < 2 * SuppliedValues.MOST_PER_HEADER; i++) {
                assertThat(client.fail("tools/call"))
                        .hasMessageEndingWith(
                                " and WWW-Authenticate: Bearer error=\"***\": invalid token *** of ***, not ***");
            }
            token.set("supplied-token-2");
            assertThat(client.fail("tools/call"))
                    .hasMessageEndingWith(
                            " and WWW-Authenticate: Bearer error=\"***\": invalid token *** of ***, not ***");
            assertThat(client.transport.redact("the supplied-token-1 and Bearer supplied-token-2"))
                    .isEqualTo("the *** and ***");
        }
    }

    @Test
    void of_supplied_values_those_are_forgotten_that_were_not_used_for_longest() {
        SuppliedValues values = new SuppliedValues();
        for (int i = 0; i < 3 * SuppliedValues.MOST_PER_HEADER; i++) {
            values.add("Authorization", "always");
            values.add("Authorization", "value-" + i);
        }
        assertThat(values.all())
                .hasSize(SuppliedValues.MOST_PER_HEADER)
                .contains("always", "value-" + (3 * SuppliedValues.MOST_PER_HEADER - 1))
                .doesNotContain("value-0");
    }

    @Test
    void what_no_header_can_be_fails_the_request_without_telling_the_value() throws Exception {
        AtomicReference<Map<String, String>> headers = new AtomicReference<>();
        try (ScriptedServer server = server();
                Client client = Client.withHeaders(server.uri(), Client.MODERN, headers::get)) {
            for (String[] each : new String[][] {
                {"", "secret-1"},
                {"A B", "secret-1"},
                {"A:", "secret-1"},
                {"A\r\nB", "secret-1"},
                {"Ä", "secret-1"},
                {"X-A", "secret-1\r\nX-B: c"},
                {"X-A", "secret-1\0"},
                {"X-A", "secret-世"},
            }) {
                headers.set(Map.of(each[0], each[1]));
                TransportException failure = client.fail("tools/call");
                assertThat(failure.kind()).as(each[0]).isEqualTo(Kind.CONFIGURATION);
                assertThat(failure.mayHaveBeenDelivered()).isFalse();
                assertThat(failure.getMessage()).doesNotContain("secret-").doesNotContain("\n");
            }
            headers.set(Collections.singletonMap("X-A", null));
            assertThat(client.fail("tools/call")).hasMessageContaining("X-A").hasMessageContaining("null");
            assertThat(server.seen).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Host",
                "content-length",
                "Transfer-Encoding",
                "Connection",
                "MCP-Protocol-Version",
                "Mcp-Session-Id",
                "mcp-method",
                "Mcp-Name",
                "Mcp-Param-Region",
                "Last-Event-ID",
                "Accept-Encoding",
                "Proxy-Authorization"
            })
    void headers_of_the_protocol_cannot_be_replaced(String name) throws Exception {
        try (ScriptedServer server = server();
                Client client = Client.withHeaders(server.uri(), Client.MODERN, () -> Map.of(name, "secret-1"))) {
            TransportException failure = client.fail("tools/call");
            assertThat(failure.kind()).isEqualTo(Kind.CONFIGURATION);
            assertThat(failure.getMessage())
                    .containsIgnoringCase(name)
                    .contains("itself sets")
                    .doesNotContain("secret-");
            McpUriException fixed = catchThrowableOfType(
                    McpUriException.class,
                    () -> Client.modern(server.uri() + "#header." + name + "=secret-1")
                            .close());
            assertThat(fixed).isNotNull();
            assertThat(fixed.getMessage()).contains("header." + name).doesNotContain("secret-");
            assertThat(server.seen).isEmpty();
        }
    }

    @Test
    void what_the_driver_says_anyway_may_be_given_to_no_effect() throws Exception {
        try (ScriptedServer server = server();
                Client client = Client.withHeaders(
                        server.uri() + "#header.Accept=application/json",
                        Client.MODERN,
                        () -> Map.of("content-type", "text/plain"))) {
            client.ask("tools/call");
            List<String> head = server.seen.get(0).head;
            assertThat(head)
                    .contains("Accept: application/json, text/event-stream", "Content-Type: application/json")
                    .noneMatch(line -> line.contains("text/plain"));
        }
    }

    @Test
    void a_modern_server_s_session_id_is_never_sent_back() throws Exception {
        try (ScriptedServer server = server()) {
            try (Client client = new Client(server.uri(), Client.MODERN, OpenOptions.of("test"))) {
                // It may have been taken for a legacy one first.
                client.ask("initialize");
                client.ask("tools/call");
            }
            assertThat(server.seen("POST")).hasSize(2).allMatch(r -> r.header("Mcp-Session-Id") == null);
            assertThat(server.seen("DELETE")).isEmpty();
        }
    }
}
