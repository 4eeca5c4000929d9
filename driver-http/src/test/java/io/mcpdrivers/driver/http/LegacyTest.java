package io.mcpdrivers.driver.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.spi.Exchange;
import io.mcpdrivers.spi.TransportException;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class LegacyTest {

    /** Answers the handshake and leaves the rest to the test. */
    static ScriptedServer server(ScriptedServer.Script rest) throws Exception {
        AtomicInteger sessions = new AtomicInteger();
        return new ScriptedServer(r -> {
            if (r.body.contains("\"initialize\"")) {
                r.json(r.result("{}"), "Mcp-Session-Id: s-" + sessions.incrementAndGet());
            } else if (r.body.contains("notifications/")) {
                r.respond(202, "");
            } else if (r.method.equals("DELETE")) {
                r.respond(204, "");
            } else {
                rest.answer(r);
            }
        });
    }

    private static Client connected(ScriptedServer server) throws Exception {
        Client client = Client.legacy(server.uri());
        client.ask("initialize");
        client.tell("notifications/initialized");
        return client;
    }

    private static void noGet(ScriptedServer.Seen r) throws Exception {
        if (r.method.equals("GET")) {
            r.respond(405, "");
        } else {
            r.json(r.result("{}"));
        }
    }

    @Test
    void session_and_revision_go_with_every_later_request_and_the_session_is_deleted_at_the_end() throws Exception {
        try (ScriptedServer server = server(LegacyTest::noGet)) {
            try (Client client = connected(server)) {
                client.ask("tools/list");
            }
            assertThat(server.seen.get(0).header("Mcp-Session-Id")).isNull();
            assertThat(server.seen.get(0).header("MCP-Protocol-Version")).isNull();
            List<ScriptedServer.Seen> later = server.seen.subList(1, server.seen.size());
            assertThat(later).extracting(r -> r.header("Mcp-Session-Id")).containsOnly("s-1");
            assertThat(later).extracting(r -> r.header("MCP-Protocol-Version")).containsOnly("2025-11-25");
            assertThat(later).extracting(r -> r.header("Mcp-Method")).containsOnlyNulls();
            assertThat(server.seen("DELETE")).hasSize(1);
        }
    }

    @Test
    void a_lost_session_is_told_and_the_next_initialize_begins_without_it() throws Exception {
        AtomicInteger lost = new AtomicInteger();
        try (ScriptedServer server = server(r -> {
                    if (r.method.equals("POST") && lost.getAndIncrement() == 0) {
                        r.respond(
                                404,
                                "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32001,\"message\":\"Session not found\"},"
                                        + "\"id\":null}");
                    } else {
                        noGet(r);
                    }
                });
                Client client = connected(server)) {
            TransportException failure = client.fail("tools/call");
            assertThat(failure.kind()).isEqualTo(TransportException.Kind.SESSION_LOST);
            assertThat(failure.mayHaveBeenDelivered()).isFalse();
            assertThat(client.transport.isOpen()).isTrue();
            client.ask("initialize");
            client.tell("notifications/initialized");
            client.ask("tools/call");
            List<ScriptedServer.Seen> initializes = server.seen.stream()
                    .filter(r -> r.body.contains("\"initialize\""))
                    .toList();
            assertThat(initializes).extracting(r -> r.header("Mcp-Session-Id")).containsOnlyNulls();
            assertThat(server.seen("POST").get(server.seen("POST").size() - 1).header("Mcp-Session-Id"))
                    .isEqualTo("s-2");
        }
    }

    @Test
    void a_session_that_is_renewed_is_used_once_the_server_knows_that_it_was_initialized() throws Exception {
        try (ScriptedServer server = server(LegacyTest::noGet);
                Client client = connected(server)) {
            client.ask("initialize");
            client.ask("tools/list");
            client.tell("notifications/initialized");
            client.ask("tools/call");

            assertThat(server.seen("POST"))
                    .filteredOn(r -> !r.body.contains("\"initialize\""))
                    .extracting(r -> r.header("Mcp-Session-Id"))
                    .containsExactly("s-1", "s-1", "s-2", "s-2");
        }
    }

    @Test
    void a_server_that_was_not_initialized_since_it_was_restarted_has_lost_the_session() throws Exception {
        try (ScriptedServer server = server(r -> r.respond(
                        400,
                        "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32000,\"message\":"
                                + "\"Bad Request: Server not initialized\"}}"));
                Client client = connected(server)) {
            assertThat(client.fail("tools/call").kind()).isEqualTo(TransportException.Kind.SESSION_LOST);
        }
    }

    @Test
    void a_method_that_the_server_does_not_know_is_no_lost_session() throws Exception {
        try (ScriptedServer server = server(r -> r.respond(
                        404,
                        "{\"jsonrpc\":\"2.0\",\"id\":" + r.id() + ",\"error\":{\"code\":-32601,\"message\":\"no\"}}"));
                Client client = connected(server)) {
            assertThat(client.ask("tools/call")).contains("-32601");
        }
    }

    @Test
    void a_stream_closed_on_purpose_is_polled_after_the_time_the_server_wants() throws Exception {
        AtomicInteger polls = new AtomicInteger();
        try (ScriptedServer server = server(r -> {
                    if (r.method.equals("POST")) {
                        r.beginEvents();
                        r.chunk("id: p" + r.id() + "\nretry: 150\ndata:\n\n");
                        r.endChunks();
                    } else if (r.header("Last-Event-ID") == null) {
                        r.respond(405, "");
                    } else if (polls.incrementAndGet() == 1) {
                        r.beginEvents();
                        r.endChunks();
                    } else {
                        r.beginEvents();
                        r.chunk("data: {\"jsonrpc\":\"2.0\",\"id\":"
                                + r.header("Last-Event-ID").substring(1) + ",\"result\":{}}\n\n");
                        r.endChunks();
                    }
                });
                Client client = connected(server)) {
            long begin = System.nanoTime();
            assertThat(client.ask("tools/call")).contains("\"id\":2");
            assertThat(System.nanoTime() - begin).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(295));
            assertThat(client.failures).isEmpty();
        }
    }

    @Test
    void a_broken_stream_is_resumed_after_its_last_event() throws Exception {
        try (ScriptedServer server = server(r -> {
                    if (r.method.equals("POST")) {
                        r.beginEvents();
                        r.chunk("retry: 10\nid: e1\ndata: {\"method\":\"first\"}\n\ndata: half of an ev");
                        r.reset();
                    } else if ("e1".equals(r.header("Last-Event-ID"))) {
                        r.beginEvents();
                        r.chunk("id: e2\ndata: {\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{}}\n\n");
                        r.endChunks();
                    } else {
                        r.respond(405, "");
                    }
                });
                Client client = connected(server)) {
            client.send("tools/call");
            assertThat(client.message()).isEqualTo("{\"method\":\"first\"}");
            assertThat(client.message()).contains("\"result\"");
        }
    }

    @Test
    void a_stream_that_cannot_be_resumed_is_a_lost_request_that_may_have_run() throws Exception {
        try (ScriptedServer server = server(r -> {
                    if (r.method.equals("POST")) {
                        r.beginEvents();
                        r.chunk("retry: 10\nid: e1\ndata:\n\n");
                        r.endChunks();
                    } else {
                        r.respond(405, "no streams here");
                    }
                });
                Client client = connected(server)) {
            TransportException failure = client.fail("tools/call");
            assertThat(failure.mayHaveBeenDelivered()).isTrue();
            assertThat(failure).hasMessageContaining("405").hasMessageContaining("no streams here");
        }
    }

    @Test
    void cancelling_does_not_tell_a_legacy_server() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        try (ScriptedServer server = server(r -> {
                    if (r.method.equals("GET")) {
                        r.respond(405, "");
                        return;
                    }
                    begun.countDown();
                    r.clientCloses(20_000);
                    throw new IllegalStateException("ended");
                });
                Client client = connected(server)) {
            Exchange exchange = client.sendWithoutWaiting("tools/call");
            assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(exchange.cancel()).isFalse();
        }
    }

    @Test
    void an_event_without_data_gives_the_id_to_resume_after_and_the_time_to_wait() throws Exception {
        AtomicLong ended = new AtomicLong();
        AtomicLong resumed = new AtomicLong();
        try (ScriptedServer server = server(r -> {
                    if (r.method.equals("POST")) {
                        r.beginEvents();
                        r.chunk("id: event-1\nretry: 500\ndata: \n\n");
                        ended.set(System.nanoTime());
                        r.endChunks();
                    } else {
                        resumed.set(System.nanoTime());
                        r.beginEvents();
                        r.chunk("id: event-2\nretry: 500\ndata: \n\nevent: message\nid: event-3\n"
                                + "data: {\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{}}\n\n");
                        // And never closes it.
                        r.clientCloses(20_000);
                    }
                });
                Client client = connected(server)) {
            assertThat(client.ask("tools/call")).contains("\"id\":2");
            assertThat(server.seen("GET")).hasSize(1);
            assertThat(server.seen("GET").get(0).header("Last-Event-ID")).isEqualTo("event-1");
            assertThat(resumed.get() - ended.get()).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(499));
            assertThat(client.messages).isEmpty();
        }
    }

    @Test
    void a_server_that_is_out_of_reach_for_a_while_is_asked_again_for_the_rest_of_a_stream() throws Exception {
        assertResumedAfter(ScriptedServer.Seen::reset, r -> r.respond(502, ""));
    }

    @Test
    void a_server_that_is_busy_is_asked_once_more_for_the_rest_of_a_stream() throws Exception {
        assertResumedAfter(r -> r.respond(429, ""));
    }

    /** The stream of a call ends, and what comes first of those who ask for its rest is this. */
    private void assertResumedAfter(ScriptedServer.Script... obstacles) throws Exception {
        AtomicInteger gets = new AtomicInteger();
        try (ScriptedServer server = server(r -> {
                    if (r.method.equals("POST")) {
                        r.beginEvents();
                        r.chunk("retry: 10\nid: e1\ndata:\n\n");
                        r.endChunks();
                    } else if (gets.incrementAndGet() <= obstacles.length) {
                        obstacles[gets.get() - 1].answer(r);
                    } else {
                        r.beginEvents();
                        r.chunk("data: {\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{}}\n\n");
                        r.endChunks();
                    }
                });
                Client client = connected(server)) {
            assertThat(client.ask("tools/call")).contains("\"id\":2");
            assertThat(gets).hasValue(obstacles.length + 1);
        }
    }

    @Test
    void a_server_that_is_gone_fails_its_calls_soon_although_their_streams_could_be_resumed() throws Exception {
        AtomicReference<ScriptedServer> itself = new AtomicReference<>();
        try (ScriptedServer server = server(r -> {
                    r.beginEvents();
                    r.chunk("retry: 500\nid: e1\ndata:\n\n");
                    Thread end = new Thread(() -> {
                        try {
                            itself.get().close();
                        } catch (IOException e) {
                            throw new IllegalStateException(e);
                        }
                    });
                    end.start();
                    r.clientCloses(20_000);
                });
                Client client = connected(server)) {
            itself.set(server);
            long began = System.nanoTime();

            TransportException failure = client.fail("tools/call");

            assertThat(failure.kind()).isEqualTo(TransportException.Kind.CONNECTION);
            assertThat(failure.mayHaveBeenDelivered()).isTrue();
            assertThat(failure).hasMessageContaining("could not be resumed").hasMessageContaining("refused");
            // Five more attempts would take 31 s.
            assertThat(System.nanoTime() - began).isLessThan(TimeUnit.SECONDS.toNanos(15));
        }
    }

    /** A listener whose later connections nobody takes up: they are made, and no handshake ever ends. */
    private static final class Deaf extends ServerSocket {
        private final ServerSocket secure;
        private final List<Socket> ignored = new CopyOnWriteArrayList<>();
        private volatile boolean deaf;

        Deaf(ServerSocket secure) throws IOException {
            super();
            this.secure = secure;
        }

        @Override
        public Socket accept() throws IOException {
            while (true) {
                Socket accepted = secure.accept();
                if (!deaf) {
                    return accepted;
                }
                ignored.add(accepted);
            }
        }

        @Override
        public int getLocalPort() {
            return secure.getLocalPort();
        }

        @Override
        public void close() throws IOException {
            secure.close();
            for (Socket each : ignored) {
                each.close();
            }
        }
    }

    @Test
    void a_call_that_ran_is_never_told_as_unsent_however_the_rest_of_its_stream_is_asked_for() throws Exception {
        TestKeys.make();
        Deaf listening = new Deaf(TestKeys.secureSocket(false));
        CountDownLatch busy = new CountDownLatch(1);
        try (ScriptedServer server = new ScriptedServer(listening, r -> {
                    if (r.body.contains("\"initialize\"")) {
                        r.json(r.result("{}"), "Mcp-Session-Id: s-1");
                    } else if (r.body.contains("notifications/")) {
                        r.respond(202, "");
                    } else if (r.method.equals("POST")) {
                        r.beginEvents();
                        r.chunk("retry: 10\nid: e1\ndata:\n\n");
                        r.endChunks();
                    } else if (r.header("Last-Event-ID") == null) {
                        r.respond(405, "");
                    } else {
                        listening.deaf = true;
                        r.respond(503, "", "Retry-After: 1", "Connection: close");
                        busy.countDown();
                        throw new IOException("over");
                    }
                });
                Client client =
                        Client.legacy("mcp:https://localhost:" + server.port() + "/mcp#trustStore=" + TestKeys.pem())) {
            client.ask("initialize");
            client.tell("notifications/initialized");

            client.send("tools/call", null, Map.of(), Duration.ofSeconds(6), true);

            assertThat(busy.await(90, TimeUnit.SECONDS)).isTrue();
            listening.deaf = false;
            // That the time is over the caller knows by itself.
            assertThat(client.failures).allMatch(failure -> failure.cause().mayHaveBeenDelivered());
        }
    }

    @Test
    void a_batch_with_the_response_ends_the_call() throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        try (ScriptedServer server = server(r -> {
                    if (r.method.equals("GET")) {
                        r.respond(405, "");
                        return;
                    }
                    r.beginEvents();
                    r.chunk("data: [{\"method\":\"n\",\"params\":{\"a\":[1,{}]}}, " + r.result("[1,2]") + "]\n\n");
                    r.clientCloses(20_000);
                    ended.countDown();
                    throw new IllegalStateException("ended");
                });
                Client client = connected(server)) {
            assertThat(client.ask("tools/call")).startsWith("[").contains("\"id\":2");
            assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(client.failures).isEmpty();
        }
    }

    @Test
    void what_a_server_adds_to_an_accepted_notification_does_not_matter() throws Exception {
        for (String answer : new String[] {
            "202 A\r\nContent-Length: 0\r\n\r\n",
            "204 N\r\n\r\n",
            "200 O\r\nContent-Type: application/json\r\nContent-Length: 33\r\n\r\n{\"jsonrpc\":\"2.0\",\"result\":{  }}",
            // Without an end, with one that does not come, and a stream that stays open.
            "202 A\r\n\r\n",
            "202 A\r\nContent-Length: 10\r\n\r\nab",
            "200 O\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n: x\r\n",
        }) {
            try (ScriptedServer server = new ScriptedServer(r -> {
                        if (r.body.contains("\"id\"")) {
                            r.json(r.result("{}"));
                        } else {
                            r.raw("HTTP/1.1 " + answer);
                        }
                    });
                    Client client = Client.legacy(server.uri())) {
                long begin = System.nanoTime();
                client.tell("notifications/cancelled");
                client.ask("tools/call");
                // What is waited for has 20 s.
                assertThat(System.nanoTime() - begin).as(answer).isLessThan(TimeUnit.SECONDS.toNanos(15));
                assertThat(client.failures).isEmpty();
            }
        }
    }
}
