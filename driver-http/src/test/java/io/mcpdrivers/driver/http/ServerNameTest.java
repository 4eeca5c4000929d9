package io.mcpdrivers.driver.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.spi.TransportException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What TLS says to a server about its name, and wants to see of it. */
class ServerNameTest {

    @BeforeAll
    static void makeCertificate() throws Exception {
        TestKeys.make();
    }

    @Test
    void a_server_is_told_the_name_that_is_asked_for_and_no_address() throws Exception {
        List<List<SNIServerName>> asked = new CopyOnWriteArrayList<>();
        try (ScriptedServer server = new ScriptedServer(TestKeys.secureSocket(false), r -> {
            SSLSocket socket = (SSLSocket) r.socket;
            asked.add(((ExtendedSSLSession) socket.getSession()).getRequestedServerNames());
            r.json(r.result("{}"));
        })) {
            for (String host : new String[] {"localhost", "127.0.0.1"}) {
                try (Client client = Client.modern(
                        "mcp:https://" + host + ":" + server.port() + "/mcp#trustStore=" + TestKeys.pem())) {
                    client.ask("tools/call");
                }
            }
            assertThat(asked).hasSize(2);
            assertThat(asked.get(0)).containsExactly(Connector.serverName("localhost"));
            assertThat(asked.get(1)).isEmpty();
        }
        assertThat(Connector.serverName("a.example.")).isEqualTo(Connector.serverName("a.example"));
        assertThat(Connector.serverName("::1")).isNull();
        assertThat(Connector.serverName("a_b.example")).isNull();
    }

    @Test
    void a_certificate_has_to_hold_the_name_that_is_asked_for_also_behind_a_proxy() throws Exception {
        try (TestProxy proxy = TestProxy.connect(null);
                ScriptedServer server = new ScriptedServer(TestKeys.secureSocket(false), r -> r.json(r.result("{}")))) {
            String uri = "mcp:https://%s:" + server.port() + "/mcp#trustStore=" + TestKeys.pem()
                    + "&proxy=http://127.0.0.1:" + proxy.port();
            try (Client named = Client.modern(uri.formatted("nowhere.invalid"));
                    Client other = Client.modern(uri.formatted("elsewhere.invalid"))) {
                named.ask("tools/call");
                TransportException failure = other.fail("tools/call");
                assertThat(failure).hasMessageContaining("TLS").hasMessageContaining("elsewhere.invalid");
                assertThat(failure.mayHaveBeenDelivered()).isFalse();
            }
            assertThat(server.seen).hasSize(1);
        }
    }
}
