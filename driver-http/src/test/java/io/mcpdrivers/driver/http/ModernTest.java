package io.mcpdrivers.driver.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.spi.Exchange;
import io.mcpdrivers.spi.TransportException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ModernTest {

    @Test
    void a_request_carries_the_headers_of_its_envelope_and_no_session() throws Exception {
        try (ScriptedServer server = new ScriptedServer(r -> r.json(r.result("{}"), "Mcp-Session-Id: not-wanted"));
                Client client = Client.modern(server.uri() + "?token=abc#header.X-Team=blue%20team")) {
            client.send("tools/call", "wetter_für", Map.of("Region", "eu", "Note", " x"), Duration.ofSeconds(20), true);
            assertThat(client.message()).isEqualTo("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}");
            client.ask("tools/list");
            ScriptedServer.Seen seen = server.seen.get(0);
            assertThat(seen.method).isEqualTo("POST");
            assertThat(seen.path).isEqualTo("/mcp?token=abc");
            assertThat(seen.header("Host")).isEqualTo("127.0.0.1:" + server.port());
            assertThat(seen.header("Accept")).contains("application/json").contains("text/event-stream");
            assertThat(seen.header("Content-Type")).startsWith("application/json");
            assertThat(seen.header("MCP-Protocol-Version")).isEqualTo("2026-07-28");
            assertThat(seen.header("Mcp-Method")).isEqualTo("tools/call");
            assertThat(seen.header("Mcp-Name")).isEqualTo("=?base64?d2V0dGVyX2bDvHI=?=");
            assertThat(seen.header("Mcp-Param-Region")).isEqualTo("eu");
            assertThat(seen.header("Mcp-Param-Note")).isEqualTo("=?base64?IHg=?=");
            assertThat(seen.header("X-Team")).isEqualTo("blue team");
            assertThat(server.seen.get(1).header("Mcp-Session-Id")).isNull();
            assertThat(server.connections).hasValue(1);
        }
    }

    @Test
    void an_exchange_whose_caller_waits_is_carried_on_its_thread() throws Exception {
        try (ScriptedServer server = new ScriptedServer(r -> r.json(r.result("{}")));
                Client client = Client.modern(server.uri())) {
            client.ask("tools/list");
            assertThat(client.deliveredBy).isSameAs(Thread.currentThread());
            client.sendWithoutWaiting("tools/list");
            client.message();
            assertThat(client.deliveredBy).isNotSameAs(Thread.currentThread());
        }
    }

    @Test
    void notifications_come_before_the_response_in_their_order_and_the_connection_is_used_again() throws Exception {
        try (ScriptedServer server = new ScriptedServer(r -> {
                    r.beginEvents();
                    r.chunk("id: 1\ndata: \n\n: comment\n\n");
                    r.chunk("data: {\"method\":\"one\"}\n\ndata: {\"method\":\"tw");
                    r.chunk("o\"}\n\nevent: other\ndata: {}\n\n");
                    r.chunk("data: " + r.result("1") + "\n\n");
                    r.endChunks();
                });
                Client client = Client.modern(server.uri())) {
            for (int i = 1; i <= 3; i++) {
                client.send("tools/call");
                assertThat(client.message()).isEqualTo("{\"method\":\"one\"}");
                assertThat(client.message()).isEqualTo("{\"method\":\"two\"}");
                assertThat(client.message()).contains("\"id\":" + i);
            }
            assertThat(server.connections.get()).isLessThanOrEqualTo(2);
            assertThat(client.failures).isEmpty();
        }
    }

    @Test
    void a_caller_does_not_wait_for_a_stream_that_stays_open_after_the_response() throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        try (ScriptedServer server = new ScriptedServer(r -> {
                    r.beginEvents();
                    r.chunk("data: " + r.result("1") + "\n\n");
                    r.clientCloses(20_000);
                    ended.countDown();
                    throw new IllegalStateException("ended");
                });
                Client client = Client.modern(server.uri())) {
            long begin = System.nanoTime();
            client.ask("tools/call");
            assertThat(System.nanoTime() - begin).isLessThan(TimeUnit.SECONDS.toNanos(10));
            assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void a_stream_that_ends_before_the_response_is_a_lost_request() throws Exception {
        try (ScriptedServer server = new ScriptedServer(r -> {
                    r.beginEvents();
                    r.chunk("id: 5\ndata: {\"method\":\"one\"}\n\n");
                    r.endChunks();
                });
                Client client = Client.modern(server.uri())) {
            TransportException failure = client.fail("tools/call");
            assertThat(failure.kind()).isEqualTo(TransportException.Kind.CONNECTION);
            assertThat(failure.mayHaveBeenDelivered()).isTrue();
            assertThat(failure).hasMessageContaining(server.url()).hasMessageContaining("before the response");
            assertThat(server.seen("GET")).isEmpty();
        }
    }

    @Test
    void cancelling_closes_the_stream_and_tells_the_server_by_that() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        try (ScriptedServer server = new ScriptedServer(r -> {
                    r.beginEvents();
                    r.chunk(": working\n\n");
                    begun.countDown();
                    if (r.clientCloses(20_000)) {
                        ended.countDown();
                    }
                    throw new IllegalStateException("ended");
                });
                Client client = Client.modern(server.uri())) {
            Exchange exchange = client.sendWithoutWaiting("tools/call");
            assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(exchange.cancel()).isTrue();
            assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(client.failures).isEmpty();
        }
    }

    @Test
    void at_its_deadline_a_waiting_caller_gets_out_and_the_stream_is_closed() throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        try (ScriptedServer server = new ScriptedServer(r -> {
                    // A byte of the head now and then keeps a limit on single reads from being reached.
                    r.raw("HTTP/1.1 200 OK\r\nX-Slow: ");
                    while (!r.clientCloses(50)) {
                        r.raw("x");
                    }
                    ended.countDown();
                    throw new IllegalStateException("ended");
                });
                Client client = Client.modern(server.uri())) {
            long begin = System.nanoTime();
            client.send("tools/call", null, Map.of(), Duration.ofMillis(400), true);
            assertThat(Duration.ofNanos(System.nanoTime() - begin))
                    .isBetween(Duration.ofMillis(390), Duration.ofSeconds(20));
            assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(client.failures).isEmpty();
        }
    }

    @Test
    void an_interrupted_caller_gets_out_at_once() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        try (ScriptedServer server = new ScriptedServer(r -> {
                    begun.countDown();
                    r.clientCloses(20_000);
                });
                Client client = Client.modern(server.uri())) {
            Thread caller = Thread.currentThread();
            Thread interrupter = new Thread(() -> {
                try {
                    begun.await();
                } catch (InterruptedException e) {
                    return;
                }
                caller.interrupt();
            });
            interrupter.start();
            long begin = System.nanoTime();
            client.send("tools/call");
            assertThat(Thread.interrupted()).isTrue();
            assertThat(System.nanoTime() - begin).isLessThan(TimeUnit.SECONDS.toNanos(10));
            interrupter.join();
        }
    }

    @Test
    void sixty_four_threads_get_their_own_answers() throws Exception {
        try (ScriptedServer server = new ScriptedServer(r -> {
                    if (Long.parseLong(r.id()) % 2 == 0) {
                        r.json(r.result("{}"));
                    } else {
                        r.beginEvents();
                        r.chunk("data: " + r.result("{}") + "\n\n");
                        r.endChunks();
                    }
                });
                Client client = Client.modern(server.uri())) {
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                threads.add(new Thread(() -> {
                    for (int call = 0; call < 100; call++) {
                        try {
                            client.send("tools/call");
                        } catch (TransportException e) {
                            throw new IllegalStateException(e);
                        }
                    }
                }));
            }
            threads.forEach(Thread::start);
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(client.failures).isEmpty();
            assertThat(client.messages).hasSize(6400).doesNotHaveDuplicates();
        }
    }
}
