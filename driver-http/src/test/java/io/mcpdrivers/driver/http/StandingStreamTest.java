package io.mcpdrivers.driver.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The stream on which a legacy server sends what belongs to no call. */
class StandingStreamTest {

    private static ScriptedServer server(ScriptedServer.Script rest) throws Exception {
        return LegacyTest.server(rest);
    }

    private static Client answering(ScriptedServer server) throws Exception {
        Client client = Client.answering(server.uri());
        client.ask("initialize");
        client.tell("notifications/initialized");
        return client;
    }

    @Test
    void the_standing_stream_delivers_is_resumed_and_ends_with_the_transport() throws Exception {
        LinkedBlockingQueue<String> resumedAfter = new LinkedBlockingQueue<>();
        CountDownLatch ended = new CountDownLatch(1);
        AtomicInteger gets = new AtomicInteger();
        try (ScriptedServer server = server(r -> {
            if (!r.method.equals("GET")) {
                r.json(r.result("{}"));
                return;
            }
            int get = gets.incrementAndGet();
            resumedAfter.add(String.valueOf(r.header("Last-Event-ID")));
            r.beginEvents();
            r.chunk("retry: 20\nid: e" + get + "\ndata: {\"method\":\"changed" + get + "\"}\n\n");
            if (get < 3) {
                r.endChunks();
            } else {
                r.clientCloses(20_000);
                ended.countDown();
                throw new IllegalStateException("ended");
            }
        })) {
            try (Client client = answering(server)) {
                for (int i = 1; i <= 3; i++) {
                    assertThat(client.message()).isEqualTo("{\"method\":\"changed" + i + "\"}");
                }
                assertThat(resumedAfter).containsExactly("null", "e1", "e2");
                assertThat(server.seen("GET").get(0).header("Accept")).isEqualTo("text/event-stream");
            }
            assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void it_is_not_opened_for_a_client_that_answers_no_requests() throws Exception {
        try (ScriptedServer server = server(r -> r.json(r.result("{}")))) {
            try (Client client = Client.legacy(server.uri())) {
                client.ask("initialize");
                client.tell("notifications/initialized");
                client.ask("tools/list");
            }
            assertThat(server.seen("GET")).isEmpty();
            assertThat(server.seen("DELETE")).hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 400, 404, 405, 406, 500})
    void it_is_offered_or_refused_before_the_first_call(int status) throws Exception {
        // The client waits for a second only, in which a busy machine may not get to it.
        boolean inTime = false;
        for (int attempt = 0; attempt < 5 && !inTime; attempt++) {
            inTime = isAnsweredBeforeTheFirstCall(status);
        }
        assertThat(inTime).isTrue();
    }

    private static boolean isAnsweredBeforeTheFirstCall(int status) throws Exception {
        AtomicBoolean answered = new AtomicBoolean();
        try (ScriptedServer server = server(r -> {
                    if (!r.method.equals("GET")) {
                        r.json(r.result("{}"));
                        return;
                    }
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
                    answered.set(true);
                    if (status == 200) {
                        r.beginEvents();
                        r.clientCloses(20_000);
                    } else {
                        r.respond(status, "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32700}}");
                    }
                });
                Client client = answering(server)) {
            boolean before = answered.get();
            client.ask("tools/call");
            assertThat(client.failures).isEmpty();
            assertThat(client.transport.isOpen()).isTrue();
            return before;
        }
    }

    @Test
    void a_server_that_does_not_say_whether_it_offers_it_costs_about_a_second() throws Exception {
        try (ScriptedServer server = server(r -> {
                    if (r.method.equals("GET")) {
                        r.clientCloses(60_000);
                    } else {
                        r.json(r.result("{}"));
                    }
                });
                Client client = Client.answering(server.uri())) {
            client.ask("initialize");
            long begin = System.nanoTime();
            client.tell("notifications/initialized");
            assertThat(System.nanoTime() - begin)
                    .isBetween(TimeUnit.MILLISECONDS.toNanos(900), TimeUnit.SECONDS.toNanos(20));
            client.ask("tools/call");
        }
    }

    @Test
    void a_request_of_the_server_comes_on_it_and_is_answered_while_the_call_waits() throws Exception {
        AtomicReference<ScriptedServer.Seen> stream = new AtomicReference<>();
        CountDownLatch opened = new CountDownLatch(1);
        CountDownLatch answered = new CountDownLatch(1);
        try (ScriptedServer server = server(r -> {
                    if (r.method.equals("GET")) {
                        stream.set(r);
                        r.beginEvents();
                        opened.countDown();
                        r.clientCloses(20_000);
                    } else if (r.body.contains("\"method\"")) {
                        r.beginEvents();
                        opened.await();
                        stream.get().chunk("data: {\"id\":0,\"method\":\"elicitation/create\"}\n\n");
                        answered.await();
                        r.chunk("data: " + r.result("{}") + "\n\n");
                        r.endChunks();
                    } else {
                        r.respond(202, "");
                        answered.countDown();
                    }
                });
                Client client = answering(server)) {
            client.sendWithoutWaiting("tools/call");
            assertThat(client.message()).contains("elicitation/create");
            client.respond("0");
            assertThat(client.message()).contains("\"id\":2");
            ScriptedServer.Seen response = server.seen.get(server.seen.size() - 1);
            assertThat(response.body).isEqualTo("{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":{}}");
            assertThat(response.header("Mcp-Session-Id")).isEqualTo("s-1");
        }
    }

    @Test
    void the_answer_to_a_call_may_come_on_it_and_ends_the_call_s_own_stream() throws Exception {
        AtomicReference<ScriptedServer.Seen> stream = new AtomicReference<>();
        CountDownLatch opened = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        try (ScriptedServer server = server(r -> {
                    if (r.method.equals("GET")) {
                        stream.set(r);
                        r.beginEvents();
                        opened.countDown();
                        r.clientCloses(20_000);
                    } else {
                        r.beginEvents();
                        opened.await();
                        stream.get().chunk("data: " + r.result("{}") + "\n\n");
                        r.clientCloses(20_000);
                        ended.countDown();
                    }
                });
                Client client = answering(server)) {
            assertThat(client.ask("tools/call")).contains("\"id\":2");
            assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(client.failures).isEmpty();
        }
    }
}
