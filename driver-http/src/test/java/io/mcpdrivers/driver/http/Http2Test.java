package io.mcpdrivers.driver.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.spi.TransportException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.hc.core5.http.EntityDetails;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.Message;
import org.apache.hc.core5.http.URIScheme;
import org.apache.hc.core5.http.impl.bootstrap.HttpAsyncServer;
import org.apache.hc.core5.http.message.BasicHttpResponse;
import org.apache.hc.core5.http.nio.AsyncEntityProducer;
import org.apache.hc.core5.http.nio.AsyncRequestConsumer;
import org.apache.hc.core5.http.nio.AsyncServerRequestHandler;
import org.apache.hc.core5.http.nio.DataStreamChannel;
import org.apache.hc.core5.http.nio.entity.StringAsyncEntityConsumer;
import org.apache.hc.core5.http.nio.support.BasicRequestConsumer;
import org.apache.hc.core5.http.nio.support.BasicResponseProducer;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.http2.HttpVersionPolicy;
import org.apache.hc.core5.http2.impl.nio.bootstrap.H2ServerBootstrap;
import org.apache.hc.core5.http2.ssl.H2ServerTlsStrategy;
import org.apache.hc.core5.io.CloseMode;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the library carries. */
class Http2Test {

    @BeforeAll
    static void makeCertificate() throws Exception {
        TestKeys.make();
    }

    /** Answers with a body that begins and, unless it is told to, never ends. */
    private static final class Server
            implements AsyncServerRequestHandler<Message<HttpRequest, String>>, AutoCloseable {
        volatile int status;
        private final String type;
        private final String body;
        volatile boolean ends;
        private final HttpAsyncServer server;
        final int port;
        /** The client does not want the rest of a body. */
        final CountDownLatch givenUp = new CountDownLatch(1);

        volatile HttpRequest seen;

        Server(HttpVersionPolicy versions, int status, String type, String body, boolean ends) throws Exception {
            this.status = status;
            this.type = type;
            this.body = body;
            this.ends = ends;
            this.server = H2ServerBootstrap.bootstrap()
                    .setVersionPolicy(versions)
                    .setCanonicalHostName("localhost")
                    .setTlsStrategy(new H2ServerTlsStrategy(TestKeys.context()))
                    .register("*", this)
                    .create();
            server.start();
            port = ((InetSocketAddress)
                            server.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), URIScheme.HTTPS)
                                    .get()
                                    .getAddress())
                    .getPort();
        }

        String uri() {
            return "mcp:https://localhost:" + port + "/mcp#httpVersion=2&trustStore=" + TestKeys.pem();
        }

        @Override
        public AsyncRequestConsumer<Message<HttpRequest, String>> prepare(
                HttpRequest request, EntityDetails entity, HttpContext context) {
            return new BasicRequestConsumer<>(new StringAsyncEntityConsumer());
        }

        @Override
        public void handle(Message<HttpRequest, String> request, ResponseTrigger trigger, HttpContext context)
                throws org.apache.hc.core5.http.HttpException, IOException {
            seen = request.getHead();
            String id = request.getBody().replaceAll(".*\"id\":(\\d+).*", "$1");
            trigger.submitResponse(
                    new BasicResponseProducer(new BasicHttpResponse(status), new Body(body.replace("ID", id))),
                    context);
        }

        private final class Body implements AsyncEntityProducer {
            private final ByteBuffer bytes;

            Body(String text) {
                bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            }

            @Override
            public int available() {
                return bytes.remaining();
            }

            @Override
            public void produce(DataStreamChannel channel) throws IOException {
                channel.write(bytes);
                if (ends && !bytes.hasRemaining()) {
                    channel.endStream();
                }
            }

            @Override
            public boolean isRepeatable() {
                return false;
            }

            @Override
            public boolean isChunked() {
                return true;
            }

            @Override
            public long getContentLength() {
                return -1;
            }

            @Override
            public String getContentType() {
                return type;
            }

            @Override
            public String getContentEncoding() {
                return null;
            }

            @Override
            public Set<String> getTrailerNames() {
                return Set.of();
            }

            @Override
            public void failed(Exception cause) {
                givenUp.countDown();
            }

            @Override
            public void releaseResources() {
                givenUp.countDown();
            }
        }

        @Override
        public void close() {
            server.close(CloseMode.IMMEDIATE);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"NEGOTIATE", "FORCE_HTTP_1"})
    void the_text_of_an_error_is_awaited_for_a_while_only(HttpVersionPolicy versions) throws Exception {
        try (Server server = new Server(versions, 500, "text/plain", "out of order", false);
                Client client = Client.modern(server.uri())) {
            client.send("tools/call", null, Map.of(), Duration.ofMinutes(2), true);
            assertThat(client.failure()).hasMessageContaining("status 500: out of order");
            assertThat(server.givenUp.await(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"NEGOTIATE", "FORCE_HTTP_1"})
    void a_body_that_does_not_end_is_awaited_for_the_time_of_the_call_only(HttpVersionPolicy versions)
            throws Exception {
        // What a first call loads must not cost a later one its time.
        try (Server server = new Server(
                        versions, 200, "application/json", "{\"jsonrpc\":\"2.0\",\"id\":ID,\"result\":{}}", true);
                Client client = Client.modern(server.uri())) {
            client.ask("tools/call");
        }
        for (String type : new String[] {"application/json", "text/event-stream"}) {
            try (Server server = new Server(versions, 200, type, "{\"jsonrpc\":", false);
                    Client client = Client.modern(server.uri())) {
                client.send("tools/call", null, Map.of(), Duration.ofSeconds(3), true);
                assertThat(client.messages).isEmpty();
                assertThat(server.givenUp.await(20, TimeUnit.SECONDS)).isTrue();
            }
        }
    }

    @Test
    void cancelling_ends_a_stream_whose_caller_does_not_wait() throws Exception {
        String progress = "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\"}";
        try (Server server = new Server(
                        HttpVersionPolicy.NEGOTIATE, 200, "text/event-stream", "data: " + progress + "\n\n", false);
                Client client = Client.modern(server.uri())) {
            var exchange = client.sendWithoutWaiting("tools/call");
            assertThat(client.message()).isEqualTo(progress);
            exchange.cancel();
            assertThat(server.givenUp.await(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    /** Of an error, too, whose end the library does not let be cancelled. */
    @ParameterizedTest
    @ValueSource(ints = {200, 500})
    void what_one_call_gives_up_does_not_end_the_others(int status) throws Exception {
        String progress = "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\"}";
        try (Server server = new Server(
                        HttpVersionPolicy.NEGOTIATE, 200, "text/event-stream", "data: " + progress + "\n\n", false);
                Client client = Client.modern(server.uri())) {
            // Those that follow could share its connection.
            server.ends = true;
            client.send("tools/call");
            client.messages.clear();
            client.failures.clear();
            server.ends = false;
            var other = client.sendWithoutWaiting("tools/call");
            client.message();
            server.status = status;
            if (status == 200) {
                var one = client.sendWithoutWaiting("tools/call");
                client.message();
                one.cancel();
            } else {
                assertThat(client.fail("tools/call")).hasMessageContaining("status 500");
            }
            assertThat(server.givenUp.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(client.failures.poll(1, TimeUnit.SECONDS)).isNull();
            other.cancel();
        }
    }

    @Test
    void a_stream_whose_answer_has_come_is_not_waited_for() throws Exception {
        String result = "{\"jsonrpc\":\"2.0\",\"id\":ID,\"result\":{}}";
        try (Server server = new Server(
                        HttpVersionPolicy.NEGOTIATE, 200, "text/event-stream", "data: " + result + "\n\n", false);
                Client client = Client.modern(server.uri())) {
            for (int i = 1; i <= 3; i++) {
                assertThat(client.ask("tools/call")).contains("\"id\":" + i);
            }
            assertThat(server.givenUp.await(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 60_000, 1_000_000, 8_000_000})
    void bodies_of_every_size_arrive_whole(int size) throws Exception {
        String result = "{\"jsonrpc\":\"2.0\",\"id\":ID,\"result\":\"" + "x".repeat(size) + "\"}";
        try (Server server = new Server(HttpVersionPolicy.NEGOTIATE, 200, "application/json", result, true);
                Client client = Client.modern(server.uri())) {
            for (int i = 1; i <= 2; i++) {
                assertThat(client.ask("tools/call").equals(result.replace("ID", "" + i)))
                        .isTrue();
            }
        }
    }

    @Test
    void http_2_passes_through_the_tunnel_of_a_proxy() throws Exception {
        String result = "{\"jsonrpc\":\"2.0\",\"id\":ID,\"result\":{}}";
        try (Server server = new Server(HttpVersionPolicy.NEGOTIATE, 200, "application/json", result, true);
                TestProxy proxy = TestProxy.connect("user:secret-1")) {
            String through = server.uri() + "&proxy=http://user:%s@127.0.0.1:" + proxy.port();
            try (Client client = Client.modern(through.formatted("secret-1"))) {
                for (int i = 0; i < 5; i++) {
                    client.ask("tools/call");
                }
            }
            // The library's thread may still be putting one connection back when the next call comes.
            assertThat(proxy.tunnels).hasSizeBetween(1, 2);
            assertThat(server.seen.getVersion()).hasToString("HTTP/2.0");
            assertThat(server.seen.containsHeader("Proxy-Authorization")).isFalse();
            try (Client client = Client.modern(through.formatted("secret-2"))) {
                TransportException failure = client.fail("tools/call");
                assertThat(failure.kind()).isEqualTo(TransportException.Kind.AUTHORIZATION);
                assertThat(failure).hasMessageContaining("407");
                assertThat(failure.getMessage()).doesNotContain("secret-2");
            }
        }
    }
}
