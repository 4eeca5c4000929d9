package io.mcpdrivers.driver.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mcpdrivers.spi.TransportException;
import io.mcpdrivers.spi.TransportException.Kind;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

@ResourceLock(Resources.SYSTEM_PROPERTIES)
class ProxyTest {

    @BeforeAll
    static void makeCertificate() throws Exception {
        TestKeys.make();
    }

    private static ScriptedServer secure() throws Exception {
        return new ScriptedServer(TestKeys.secureSocket(false), r -> r.json(r.result("{}")));
    }

    private static ScriptedServer plain() throws Exception {
        return new ScriptedServer(r -> r.json(r.result("{}")));
    }

    private static String secureUri(ScriptedServer server, String parameters) {
        return "mcp:https://localhost:" + server.port() + "/mcp#trustStore=" + TestKeys.pem() + parameters;
    }

    @Test
    void a_proxy_is_told_its_credentials_with_each_request_that_passes_through_it() throws Exception {
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
            client.ask("tools/call");
            assertThat(proxy.seen).hasSize(2);
            ScriptedServer.Seen seen = proxy.seen.get(1);
            assertThat(seen.header("Host")).isEqualTo("nowhere.invalid");
            assertThat(seen.path).isEqualTo("http://nowhere.invalid/mcp");
            assertThat(seen.header("Proxy-Authorization")).isEqualTo("Basic dXNlcjpwYXNz");
        }
    }

    @Test
    void tls_goes_through_a_tunnel_that_is_used_again() throws Exception {
        try (TestProxy proxy = TestProxy.connect(null);
                ScriptedServer server = secure();
                Client client = Client.modern(secureUri(server, "&proxy=http://127.0.0.1:" + proxy.port()))) {
            for (int i = 0; i < 3; i++) {
                client.ask("tools/call");
            }
            assertThat(proxy.tunnels).containsExactly("localhost:" + server.port());
            assertThat(server.seen).hasSize(3).allMatch(r -> r.path.equals("/mcp"));
        }
    }

    @Test
    void a_tunnel_is_opened_with_the_proxy_s_credentials_which_the_server_never_sees() throws Exception {
        try (TestProxy proxy = TestProxy.connect("user:p@ss:word");
                ScriptedServer server = secure();
                Client client = Client.modern(
                        secureUri(server, "&proxy=http://user:p%2540ss:word@127.0.0.1:" + proxy.port()))) {
            client.ask("tools/call");
            assertThat(proxy.tunnels).hasSize(1);
            assertThat(server.seen.get(0).header("Proxy-Authorization")).isNull();
        }
    }

    @Test
    void a_proxy_is_told_of_a_user_without_a_password_with_the_colon_in_every_version_of_http() throws Exception {
        try (TestProxy proxy = TestProxy.connect("user:");
                ScriptedServer server = secure()) {
            for (String version : new String[] {"1.1", "2"}) {
                String parameters = "&proxy=http://user@127.0.0.1:" + proxy.port() + "&httpVersion=" + version;
                try (Client client = Client.modern(secureUri(server, parameters))) {
                    client.ask("tools/call");
                }
            }
            assertThat(proxy.tunnels).hasSize(2);
        }
        try (ScriptedServer proxy = plain();
                Client client =
                        Client.modern("mcp:http://nowhere.invalid/mcp#proxy=http://user@127.0.0.1:" + proxy.port())) {
            client.ask("tools/call");
            assertThat(proxy.seen.get(0).header("Proxy-Authorization")).isEqualTo("Basic dXNlcjo=");
        }
    }

    @Test
    void a_name_with_an_underscore_is_one() throws Exception {
        try (ScriptedServer proxy = new ScriptedServer(r -> {
                    if (r.path.endsWith("/mcp")) {
                        r.respond(307, "", "Location: next");
                    } else {
                        r.json(r.result("{}"));
                    }
                });
                Client client = Client.modern("mcp:http://my_server:3000/mcp#proxy=http://127.0.0.1:" + proxy.port())) {
            client.ask("tools/call");
            assertThat(proxy.seen.get(1).path).isEqualTo("http://my_server:3000/next");
            assertThat(proxy.seen.get(1).header("Host")).isEqualTo("my_server:3000");
        }
        TransportException failure = catchThrowableOfType(
                TransportException.class,
                () -> Client.modern("mcp:http://no_such_host.invalid:3000/mcp").close());
        assertThat(failure).hasMessageContaining("its name is not known").hasMessageContaining("no_such_host.invalid");
    }

    @Test
    void a_proxy_that_refuses_the_tunnel_has_not_delivered_the_request() throws Exception {
        try (TestProxy proxy = TestProxy.connect("user:password")) {
            String uri = "mcp:https://localhost:1/mcp#proxy=http://%s127.0.0.1:" + proxy.port();
            try (Client client = Client.modern(uri.formatted("user:secret-1@"))) {
                TransportException failure = client.fail("tools/call");
                assertThat(failure.kind()).isEqualTo(Kind.AUTHORIZATION);
                assertThat(failure.mayHaveBeenDelivered()).isFalse();
                assertThat(failure).hasMessageContaining("the proxy").hasMessageContaining("407");
                assertThat(failure.getMessage()).doesNotContain("secret-1");
            }
            try (Client client = Client.modern(uri.formatted("user:password@"))) {
                TransportException failure = client.fail("tools/call");
                assertThat(failure.kind()).isEqualTo(Kind.CONNECTION);
                assertThat(failure.mayHaveBeenDelivered()).isFalse();
                assertThat(failure).hasMessageContaining("502").hasMessageContaining("no way here");
            }
        }
    }

    @Test
    void a_proxy_that_cannot_be_reached_has_not_delivered_the_request() throws Exception {
        // Bound, so that nobody else takes the port, and not listened on.
        try (Socket unused = new Socket()) {
            unused.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            assertCannotBeReached(unused.getLocalPort());
        }
    }

    private static void assertCannotBeReached(int port) throws Exception {
        for (String uri : new String[] {
            "mcp:https://nowhere.invalid/mcp#proxy=http://user:secret-1@127.0.0.1:" + port,
            "mcp:http://nowhere.invalid/mcp#proxy=http://127.0.0.1:" + port,
        }) {
            try (Client client = Client.modern(uri)) {
                TransportException failure = client.fail("tools/call");
                assertThat(failure.kind()).isEqualTo(Kind.CONNECTION);
                assertThat(failure.mayHaveBeenDelivered()).isFalse();
                assertThat(failure).hasMessageContaining("cannot be reached").hasMessageContaining("" + port);
                assertThat(failure.getMessage()).doesNotContain("secret-1");
            }
        }
        TransportException failure = catchThrowableOfType(
                TransportException.class,
                () -> Client.modern("mcp:http://nowhere.invalid/mcp#proxy=socks://127.0.0.1:" + port)
                        .close());
        assertThat(failure.kind()).isEqualTo(Kind.CONNECTION);
        assertThat(failure.mayHaveBeenDelivered()).isFalse();
    }

    @Test
    void a_socks_proxy_resolves_the_names_of_servers() throws Exception {
        try (TestProxy proxy = TestProxy.socks();
                ScriptedServer server = plain();
                Client client = Client.modern("mcp:http://nowhere.invalid:" + server.port()
                        + "/mcp#proxy=socks://127.0.0.1:" + proxy.port())) {
            for (int i = 0; i < 3; i++) {
                client.ask("tools/call");
            }
            assertThat(proxy.tunnels).containsExactly("nowhere.invalid:" + server.port());
            assertThat(server.seen.get(0).path).isEqualTo("/mcp");
        }
        try (TestProxy proxy = TestProxy.socks();
                ScriptedServer server = secure();
                Client client = Client.modern(secureUri(server, "&proxy=socks://127.0.0.1:" + proxy.port()))) {
            client.ask("tools/call");
            client.ask("tools/call");
            assertThat(proxy.tunnels).hasSize(1);
        }
    }

    /** Runs something while system properties are set; those of which the value is empty are not. */
    private static void with(Map<String, String> properties, Executable task) throws Exception {
        Map<String, String> before = new LinkedHashMap<>();
        properties.forEach((name, value) -> before.put(name, System.getProperty(name)));
        try {
            properties.forEach(System::setProperty);
            task.run();
        } finally {
            before.forEach((name, value) -> {
                if (value == null) {
                    System.clearProperty(name);
                } else {
                    System.setProperty(name, value);
                }
            });
        }
    }

    private interface Executable {
        void run() throws Exception;
    }

    @Test
    void the_system_properties_say_which_proxy_if_the_uri_does_not() throws Exception {
        try (TestProxy proxy = TestProxy.connect(null);
                ScriptedServer forwarding = plain();
                ScriptedServer secure = secure();
                ScriptedServer server = plain()) {
            Map<String, String> properties = Map.of(
                    "http.proxyHost", "127.0.0.1",
                    "http.proxyPort", "" + forwarding.port(),
                    "https.proxyHost", "127.0.0.1",
                    "https.proxyPort", "" + proxy.port(),
                    "http.nonProxyHosts", "*.direct.invalid");
            with(properties, () -> {
                try (Client client = Client.modern("mcp:http://nowhere.invalid/mcp")) {
                    client.ask("tools/call");
                    assertThat(forwarding.seen.get(0).path).isEqualTo("http://nowhere.invalid/mcp");
                }
                try (Client client = Client.modern(secureUri(secure, "").replace("localhost", "nowhere.invalid"))) {
                    client.ask("tools/call");
                    assertThat(proxy.tunnels).containsExactly("nowhere.invalid:" + secure.port());
                }
                // What is not for proxies, and what the URI decides.
                try (Client client = Client.modern(server.uri());
                        Client none = Client.modern(secureUri(secure, "&proxy=none"))) {
                    client.ask("tools/call");
                    none.ask("tools/call");
                }
                assertThat(forwarding.seen).hasSize(1);
                assertThat(proxy.tunnels).hasSize(1);
                TransportException failure = catchThrowableOfType(
                        TransportException.class,
                        () -> Client.modern("mcp:http://a.direct.invalid/mcp").close());
                assertThat(failure).hasMessageContaining("its name is not known");
            });
        }
    }

    @Test
    void the_system_properties_may_name_a_socks_proxy() throws Exception {
        try (TestProxy proxy = TestProxy.socks();
                ScriptedServer server = plain()) {
            with(Map.of("socksProxyHost", "127.0.0.1", "socksProxyPort", "" + proxy.port()), () -> {
                try (Client client = Client.modern("mcp:http://nowhere.invalid:" + server.port() + "/mcp")) {
                    client.ask("tools/call");
                }
                try (Client client = Client.modern(server.uri() + "#proxy=none")) {
                    client.ask("tools/call");
                }
            });
            assertThat(proxy.tunnels).containsExactly("nowhere.invalid:" + server.port());
        }
    }
}
