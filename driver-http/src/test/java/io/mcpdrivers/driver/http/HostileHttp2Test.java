package io.mcpdrivers.driver.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.spi.TransportException;
import io.mcpdrivers.spi.TransportException.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Proxies and servers that the library alone would believe. */
class HostileHttp2Test {

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
                    throw new java.io.IOException("over");
                });
                Client client = Client.modern(
                        "mcp:https://bank.invalid/mcp#httpVersion=2&proxy=http://127.0.0.1:" + proxy.port())) {
            assertThat(client.fail("tools/call").mayHaveBeenDelivered()).isFalse();
            assertThat(client.messages).isEmpty();
        }
    }
}
