package io.mcpdrivers.driver.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mcpdrivers.spi.McpUri;
import io.mcpdrivers.spi.McpUriException;
import io.mcpdrivers.spi.OpenOptions;
import io.mcpdrivers.spi.TransportException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReplicasTest {

    private static ScriptedServer server() throws Exception {
        return new ScriptedServer(r -> {
            if (r.method.equals("GET")) {
                r.respond(405, "");
            } else if (r.body.contains("notifications/")) {
                r.respond(202, "");
            } else {
                r.json(r.result("{}"), "Mcp-Session-Id: s");
            }
        });
    }

    private static String uri(ScriptedServer a, ScriptedServer b, String parameters) {
        return "mcp:http://127.0.0.1:" + a.port() + ",127.0.0.1:" + b.port() + "/mcp" + parameters;
    }

    @Test
    void round_robin_shares_connections_out() throws Exception {
        try (ScriptedServer a = server();
                ScriptedServer b = server()) {
            for (int i = 0; i < 4; i++) {
                try (Client client = Client.modern(uri(a, b, "#loadBalance=roundRobin"))) {
                    client.ask("tools/call");
                    client.ask("tools/call");
                }
            }
            assertThat(a.seen("POST")).hasSize(4);
            assertThat(b.seen("POST")).hasSize(4);
        }
    }

    @Test
    void another_replica_takes_over_when_one_is_gone_but_not_a_session() throws Exception {
        ScriptedServer a = server();
        try (ScriptedServer b = server();
                Client modern = Client.modern(uri(a, b, ""));
                Client legacy = Client.legacy(uri(a, b, ""))) {
            modern.ask("tools/call");
            legacy.ask("initialize");
            legacy.tell("notifications/initialized");
            assertThat(b.seen).isEmpty();
            a.close();
            modern.ask("tools/call");
            assertThat(b.seen).hasSize(1);
            TransportException failure = legacy.fail("tools/call");
            assertThat(failure.kind()).isEqualTo(TransportException.Kind.CONNECTION);
            assertThat(b.seen).hasSize(1);
            legacy.ask("initialize");
            assertThat(b.seen).hasSize(2);
            try (Client next = Client.modern(uri(a, b, ""))) {
                next.ask("tools/call");
            }
        }
    }

    /** Has a replica have failed so often that the rest after its next failure is 32 s and outlasts a test. */
    private static void failOften(ScriptedServer server) throws Exception {
        Endpoint endpoint = Endpoint.of(server.url());
        for (int i = 0; i < 6; i++) {
            long then = System.nanoTime() - TimeUnit.SECONDS.toNanos(300 - i * 40);
            EndpointHealth.failed(endpoint, then);
            EndpointHealth.failed(endpoint, then);
            assertThat(EndpointHealth.restNanos(endpoint, then)).isEqualTo(TimeUnit.SECONDS.toNanos(1 << i));
        }
    }

    @Test
    void a_replica_that_answers_badly_rests_longer_and_longer() throws Exception {
        try (ScriptedServer bad = new ScriptedServer(r -> r.respond(503, ""));
                ScriptedServer good = server()) {
            failOften(bad);
            try (Client client = Client.modern(uri(bad, good, ""))) {
                client.fail("tools/call");
            }
            for (int i = 0; i < 2; i++) {
                try (Client client = Client.modern(uri(bad, good, ""))) {
                    client.ask("tools/call");
                }
            }
            assertThat(bad.seen).hasSize(1);
            assertThat(good.seen).hasSize(2);
            Endpoint endpoint = Endpoint.of(bad.url());
            try (Client client = Client.modern(bad.uri())) {
                assertThat(client.transport.isOpen()).isTrue();
            }
            // The connection alone does not make it a good one.
            long later = System.nanoTime() + TimeUnit.SECONDS.toNanos(40);
            EndpointHealth.failed(endpoint, later);
            EndpointHealth.failed(endpoint, later);
            assertThat(EndpointHealth.restNanos(endpoint, later)).isEqualTo(TimeUnit.SECONDS.toNanos(32));
        }
    }

    @Test
    void after_an_answer_of_trouble_what_is_open_goes_to_another_replica_unless_a_session_binds_it() throws Exception {
        try (ScriptedServer broken = new ScriptedServer(r -> {
                    if (r.body.contains("initialize")) {
                        r.json(r.result("{}"), "Mcp-Session-Id: s");
                    } else {
                        r.respond(503, "");
                    }
                });
                ScriptedServer healthy = new ScriptedServer(r -> r.json(r.result("{}")))) {
            String uri = "mcp:http://127.0.0.1:" + broken.port() + ",127.0.0.1:" + healthy.port() + "/mcp";
            failOften(broken);
            try (Client modern = Client.modern(uri)) {
                assertThat(modern.fail("tools/call").mayHaveBeenDelivered()).isTrue();
                modern.ask("tools/call");
                modern.ask("tools/call");
                assertThat(broken.seen).hasSize(1);
            }
            EndpointHealth.succeeded(Endpoint.of(broken.url()));
            try (Client legacy = Client.legacy(uri)) {
                legacy.ask("initialize");
                legacy.fail("tools/call");
                legacy.fail("tools/call");
                assertThat(healthy.seen).hasSize(2);
            }
        }
    }

    /** While TLS is agreed on, and while the stream of the old transport is awaited. */
    @ParameterizedTest
    @ValueSource(strings = {"https", "sse:http"})
    void an_interrupted_opening_tries_no_other_replica_and_says_nothing_against_any(String scheme) throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
                ServerSocket other = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Host[] hosts = {
                new Host(scheme.replace("sse:", ""), "127.0.0.1", silent.getLocalPort()),
                new Host(scheme.replace("sse:", ""), "127.0.0.1", other.getLocalPort())
            };
            for (Host host : hosts) {
                EndpointHealth.succeeded(new Endpoint(host, "/mcp", ""));
            }
            AtomicReference<TransportException> failure = new AtomicReference<>();
            AtomicReference<Boolean> flag = new AtomicReference<>();
            Thread opener = new Thread(() -> {
                try {
                    Client.modern("mcp:" + scheme + "://" + hosts[0].address() + "," + hosts[1].address() + "/mcp")
                            .close();
                } catch (TransportException e) {
                    failure.set(e);
                    flag.set(Thread.currentThread().isInterrupted());
                }
            });
            opener.start();
            silent.setSoTimeout(90_000);
            try (Socket taken = silent.accept()) {
                assertThat(taken.getInputStream().read()).isNotNegative();
                opener.interrupt();
                opener.join();
            }
            assertThat(failure.get()).isNotNull().hasNoSuppressedExceptions();
            assertThat(flag).hasValue(true);
            for (Host host : hosts) {
                assertThat(EndpointHealth.restNanos(new Endpoint(host, "/mcp", ""), System.nanoTime()))
                        .as(host.toString())
                        .isZero();
            }
            other.setSoTimeout(1);
            assertThatThrownBy(other::accept).isInstanceOf(SocketTimeoutException.class);
        }
    }

    @Test
    void a_parameter_that_cannot_be_used_is_refused_with_the_reason() {
        for (String parameters : List.of(
                "#followRedirects=maybe",
                "#loadBalance=best",
                "#httpVersion=3",
                "#trustStore=/no/such/file",
                "#proxy=x",
                "#proxy=https://127.0.0.1:1",
                "#proxy=http://127.0.0.1:1/path",
                "#proxy=socks://user:password@127.0.0.1:1",
                "#proxy=http://my_proxy:1",
                "#httpVersion=2&proxy=socks://127.0.0.1:1",
                "#header.A%20B=x",
                "#clientCertificate=/no/such/file")) {
            McpUriException failure = catchThrowableOfType(
                    McpUriException.class,
                    () -> new HttpDriver()
                            .open(McpUri.parse("mcp:http://127.0.0.1:1/mcp" + parameters), OpenOptions.of("test"))
                            .close());
            assertThat(failure).as(parameters).isNotNull();
            assertThat(failure.getMessage()).as(parameters).doesNotContain("user:password@127");
        }
    }
}
