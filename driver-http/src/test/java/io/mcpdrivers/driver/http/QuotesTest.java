package io.mcpdrivers.driver.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mcpdrivers.spi.McpUri;
import io.mcpdrivers.spi.McpUriException;
import io.mcpdrivers.spi.OpenOptions;
import io.mcpdrivers.spi.TransportException;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is cut to be quoted holds no part of a secret, wherever the secret stood. */
class QuotesTest {

    private static final String SECRET = "correct-horse-battery-staple";
    /** {@code name:correct-horse-battery-staple} as it is sent. */
    private static final String CREDENTIALS = "bmFtZTpjb3JyZWN0LWhvcnNlLWJhdHRlcnktc3RhcGxl";

    private static final int SHORTEST_PART = 6;

    private static void assertNoPart(TransportException failure, String secret) {
        for (Throwable t = failure; t != null; t = t.getCause()) {
            String message = String.valueOf(t.getMessage());
            for (int i = 0; i + SHORTEST_PART <= secret.length(); i++) {
                assertThat(message).doesNotContain(secret.substring(i, i + SHORTEST_PART));
            }
        }
    }

    /** Where the quote ends, a secret begins that many characters before. */
    @ParameterizedTest
    @ValueSource(ints = {1, 8, 20, 30, 50})
    void of_the_credentials_of_a_proxy_that_it_repeats_nothing_is_told(int before) throws Exception {
        for (String target : new String[] {"http://nowhere.invalid/mcp", "https://nowhere.invalid/mcp"}) {
            for (boolean inHeader : new boolean[] {true, false}) {
                String said = "n".repeat(200 - before);
                try (ScriptedServer proxy = new ScriptedServer(r -> {
                            String repeated = said + r.header("Proxy-Authorization") + " " + SECRET;
                            if (inHeader) {
                                r.respond(407, "", "Proxy-Authenticate: " + repeated);
                            } else {
                                r.respond(407, repeated);
                            }
                        });
                        Client client = Client.modern(
                                "mcp:" + target + "#proxy=http://name:" + SECRET + "@127.0.0.1:" + proxy.port())) {
                    TransportException failure = client.fail("tools/call");
                    assertThat(failure).hasMessageContaining(said);
                    assertNoPart(failure, CREDENTIALS);
                    assertNoPart(failure, SECRET);
                }
            }
        }
    }

    /** Where the quote ends, a secret begins that many characters before. */
    @ParameterizedTest
    @ValueSource(ints = {1, 8, 20, 30, 50})
    void of_the_credentials_in_the_url_of_a_server_that_it_repeats_nothing_is_told(int before) throws Exception {
        String said = "n".repeat(200 - before);
        try (ScriptedServer server = new ScriptedServer(r -> {
                    String repeated = said + r.header("Authorization") + " " + SECRET;
                    r.respond(401, repeated, "WWW-Authenticate: " + repeated);
                });
                Client client = Client.modern(server.uri().replace("://", "://name:" + SECRET + "@"))) {
            TransportException failure = client.fail("tools/call");
            assertThat(server.seen.get(0).header("Authorization")).isEqualTo("Basic " + CREDENTIALS);
            assertThat(failure).hasMessageContaining(said);
            assertNoPart(failure, CREDENTIALS);
            assertNoPart(failure, SECRET);
        }
    }

    @Test
    void of_the_credentials_in_what_is_no_http_nothing_is_told() throws Exception {
        for (int length = 30; length < 250; length++) {
            String begin = "n".repeat(length);
            try (ScriptedServer proxy = new ScriptedServer(r -> {
                        r.raw(begin + r.header("Proxy-Authorization") + "\r\n");
                        throw new IOException("over");
                    });
                    Client client = Client.modern("mcp:https://nowhere.invalid/mcp#proxy=http://name:" + SECRET
                            + "@127.0.0.1:" + proxy.port())) {
                TransportException failure = client.fail("tools/call");
                assertThat(failure)
                        .hasMessageContaining("from the proxy, 'nnnnnnnnnnnnnnnnnnnnnnnnnnnn")
                        .hasMessageContaining("' instead of a status");
                assertNoPart(failure, CREDENTIALS);
            }
        }
    }

    /** A header line, a length, a coding; an error, a message that is none, a type that is none. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\n%s\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: %s\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: %s\r\n\r\n",
                "HTTP/1.1 500 No\r\nContent-Length: 2000\r\n\r\n%s",
                "HTTP/1.1 401 No\r\nWWW-Authenticate: %s\r\nContent-Length: 0\r\n\r\n",
                "HTTP/1.1 503 No\r\nRetry-After: %s\r\nContent-Length: 0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n%s",
                "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n%s",
                "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: 1\r\n\r\nx",
            })
    void of_a_header_that_a_server_repeats_nothing_is_told(String answer) throws Exception {
        for (int before : new int[] {8, 20}) {
            // In the third, a secret lies across where a thousand bytes end.
            for (String begin : new String[] {
                "n".repeat(200 - before), "n".repeat(80 - before), (SECRET + " ").repeat(33) + "n".repeat(35)
            }) {
                try (ScriptedServer server = new ScriptedServer(r -> {
                            r.raw(answer.formatted(begin + r.header("X-Key")));
                            throw new IOException("over");
                        });
                        Client client = Client.modern(server.uri() + "#header.X-Key=" + SECRET)) {
                    TransportException failure = client.fail("tools/call");
                    assertThat(failure.getMessage()).contains("nnnnnnnnnn");
                    assertNoPart(failure, SECRET);
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "mcp:http://127.0.0.1:1/mcp#trustStore=${S} | 'trustStore'",
                "mcp:http://127.0.0.1:1/mcp#trustStore=/no/${S}/file | 'trustStore'",
                "mcp:http://127.0.0.1:1/mcp#clientCertificate=${S} | 'clientCertificate'",
                "mcp:http://127.0.0.1:1/mcp#httpVersion=${S} | is '${S}'",
                "mcp:http://127.0.0.1:1/mcp#httpVersion=${V} | is '${V}'",
                "mcp:http://127.0.0.1:1/mcp#followRedirects=${S} | is '${S}'",
                "mcp:http://127.0.0.1:1/mcp#loadBalance=${V} | is '${V}'",
                "mcp:http://127.0.0.1:1/mcp#proxy=${S} | 'proxy'",
                "mcp:http://127.0.0.1:1/mcp#gzip=${S} | 'gzip'",
                "mcp:http://127.0.0.1:${S}/mcp | a number",
                "mcp:http://127.0.0.1:${V}/mcp | a number",
                "mcp:http://${V}/mcp | 'http://${V}/mcp'",
                "mcp:http:ftp://${S}/mcp | 'ftp://${S}/mcp'",
                "mcp:http:${S} | '${S}' is no URL",
                "mcp:http:${V} | '${V}' is no URL",
            })
    void what_stands_for_a_placeholder_that_cannot_be_used_is_not_told(String uri, String told) {
        String tooShortToBeSought = "9~8";
        McpUri resolved = McpUri.parse(uri).resolve(name -> name.equals("env:V") ? tooShortToBeSought : SECRET);
        McpUriException failure = catchThrowableOfType(
                McpUriException.class,
                () -> new HttpDriver().open(resolved, OpenOptions.of("test")).close());
        assertThat(failure).hasMessageContaining(told);
        for (Throwable t = failure; t != null; t = t.getCause()) {
            assertThat(String.valueOf(t.getMessage())).doesNotContain(SECRET).doesNotContain(tooShortToBeSought);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ftp://elsewhere.invalid/", "http://a b/", "http://elsewhere.invalid:x/"})
    void of_a_secret_in_a_place_that_is_none_nothing_is_told(String place) throws Exception {
        try (ScriptedServer server = new ScriptedServer(r -> {
            String repeated = place + r.header("Authorization");
            if (r.method.equals("GET")) {
                r.beginEvents();
                r.chunk("event: endpoint\ndata: " + repeated + "\n\n");
            } else {
                r.respond(307, "", "Location: " + repeated);
            }
        })) {
            String parameters = "#header.Authorization=" + SECRET;
            try (Client client = Client.modern(server.uri() + parameters)) {
                for (int i = 0; i < 3; i++) {
                    TransportException failure = client.fail("tools/call");
                    assertThat(failure).hasMessageContaining(place).hasMessageContaining(server.url());
                    assertThat(failure.kind()).isEqualTo(TransportException.Kind.PROTOCOL);
                    assertNoPart(failure, SECRET);
                }
                assertThat(server.connections).hasValue(1);
            }
            TransportException failure = catchThrowableOfType(
                    TransportException.class,
                    () -> Client.legacy("mcp:sse:" + server.url() + parameters).close());
            assertThat(failure).hasMessageContaining(place);
            assertNoPart(failure, SECRET);
        }
    }
}
