package io.mcpdrivers.spi;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class StreamTransportTest {

    private static final Duration LONG = Duration.ofSeconds(30);

    private SocketPair pair;
    private StreamTransport transport;
    private final RecordingListener listener = new RecordingListener();

    @BeforeEach
    void connect() throws IOException {
        pair = new SocketPair();
        transport = pair.transport();
    }

    @AfterEach
    void nothing_is_left() throws InterruptedException {
        transport.close();
        pair.close();
        assertThat(listener.violations).isEmpty();
        Waiting.until("the reading thread ends", () -> !Waiting.threadNamed("mcp-read-pair"));
    }

    @AfterAll
    static void the_watch_ends_too() throws InterruptedException {
        Waiting.until("the watch ends", () -> !Waiting.threadNamed("mcp-stream-watch"));
    }

    @Test
    void each_thread_s_messages_keep_their_order_and_none_is_lost() throws Exception {
        int threads = 16;
        int messages = 5000;
        transport.start(listener);
        Future<String> server = Waiting.inBackground(() -> checkOrder(pair.server, threads, messages));
        List<Callable<Void>> senders = new ArrayList<>();
        for (int thread = 0; thread < threads; thread++) {
            int number = thread;
            senders.add(() -> {
                for (int i = 0; i < messages; i++) {
                    String filler = "z".repeat((i * 31 + number) % 97 * (i % 500 == 0 ? 1000 : 1));
                    transport.send(
                            SocketPair.request(1 + number * messages + i, LONG),
                            (number + " " + i + " " + filler).getBytes(UTF_8));
                }
                return null;
            });
        }
        Waiting.atOnce(senders);
        assertThat(server.get(30, TimeUnit.SECONDS)).isEqualTo("in order");
        transport.close();
        listener.assertClosedOnce();
        assertThat(listener.cause).isNull();
    }

    private static String checkOrder(Socket socket, int threads, int messages) throws IOException {
        BufferedReader lines = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
        int[] next = new int[threads];
        for (int i = 0; i < threads * messages; i++) {
            String[] parts = lines.readLine().split(" ", 3);
            int thread = Integer.parseInt(parts[0]);
            if (next[thread]++ != Integer.parseInt(parts[1])) {
                return "thread " + thread + " was at " + (next[thread] - 1) + " when " + parts[1] + " came";
            }
        }
        return "in order";
    }

    @Test
    void a_peer_that_stops_reading_is_given_up_and_frees_every_sender() throws Exception {
        transport.start(listener);
        byte[] message = new byte[512 * 1024];
        AtomicInteger ids = new AtomicInteger();
        long begin = System.nanoTime();
        List<Callable<TransportException>> senders = new ArrayList<>();
        for (int thread = 0; thread < 8; thread++) {
            senders.add(() -> catchThrowableOfType(TransportException.class, () -> {
                for (int i = 0; i < 100; i++) {
                    transport.send(SocketPair.request(ids.incrementAndGet(), Duration.ofMillis(50)), message);
                }
            }));
        }
        List<TransportException> failures = Waiting.atOnce(senders);
        assertThat(failures).allSatisfy(failure -> {
            assertThat(failure).isNotNull();
            assertThat(failure.mayHaveBeenDelivered()).isFalse();
        });
        assertThat(listener.awaitClosed()).hasMessageContaining("stopped reading");
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isBetween(Duration.ofSeconds(1), LONG);
        assertThat(transport.isOpen()).isFalse();
        assertThat(pair.aborts).hasValue(1);
    }

    @Test
    void a_peer_that_reads_again_within_the_time_is_not_given_up() throws Exception {
        transport.start(listener);
        byte[] message = new byte[32 * 1024 * 1024];
        Future<Exchange> sending =
                Waiting.inBackground(() -> transport.send(SocketPair.request(1, Duration.ofSeconds(20)), message));
        Waiting.until("the write is under way", () -> available(pair.server) > 0);
        CountDownLatch never = new CountDownLatch(1);
        assertThat(never.await(1500, TimeUnit.MILLISECONDS)).isFalse();
        assertThat(sending.isDone()).isFalse();
        assertThat(pair.server.getInputStream().readNBytes(message.length + 1)).hasSize(message.length + 1);
        sending.get(10, TimeUnit.SECONDS);
        assertThat(transport.isOpen()).isTrue();
    }

    private static int available(Socket socket) {
        try {
            return socket.getInputStream().available();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void a_listener_that_answers_a_peer_that_does_not_read_stops_neither_the_watch_nor_close() throws Exception {
        byte[] answer = new byte[4 * 1024 * 1024];
        RecordingListener answering = new RecordingListener() {
            @Override
            public void onMessage(byte[] buffer, int offset, int length) {
                try {
                    for (int i = 0; i < 10; i++) {
                        transport.send(SocketPair.request(1, Duration.ofMillis(10)), answer);
                    }
                } catch (TransportException e) {
                    messages.add("not sent");
                }
            }
        };
        transport.start(answering);
        pair.server.getOutputStream().write("ping\n".getBytes(UTF_8));
        assertThat(answering.awaitClosed()).isNotNull();
        assertThat(answering.messages).containsExactly("not sent");
        answering.assertClosedOnce();

        // The same with a long deadline: close must not wait for it.
        try (SocketPair second = new SocketPair()) {
            StreamTransport slow = second.transport();
            CountDownLatch called = new CountDownLatch(1);
            RecordingListener patient = new RecordingListener() {
                @Override
                public void onMessage(byte[] buffer, int offset, int length) {
                    called.countDown();
                    try {
                        for (int i = 0; i < 10; i++) {
                            slow.send(SocketPair.request(1, LONG), answer);
                        }
                    } catch (TransportException e) {
                        messages.add("not sent");
                    }
                }
            };
            slow.start(patient);
            second.server.getOutputStream().write("ping\n".getBytes(UTF_8));
            called.await();
            Future<Void> closing = Waiting.inBackground(() -> {
                slow.close();
                return null;
            });
            closing.get(10, TimeUnit.SECONDS);
            patient.assertClosedOnce();
        }
    }

    @Test
    void what_a_peer_that_closes_cannot_have_read_fails_as_not_delivered() throws Exception {
        for (int round = 0; round < 20; round++) {
            try (SocketPair each = new SocketPair()) {
                StreamTransport broken = each.transport();
                RecordingListener heard = new RecordingListener();
                broken.start(heard);
                Set<Long> refused = java.util.concurrent.ConcurrentHashMap.newKeySet();
                int threads = 6;
                int perThread = 200;
                Future<Set<Long>> server = Waiting.inBackground(() -> {
                    Set<Long> read = new HashSet<>();
                    BufferedReader lines =
                            new BufferedReader(new InputStreamReader(each.server.getInputStream(), UTF_8));
                    for (int i = 0; i < 60; i++) {
                        read.add(Long.parseLong(lines.readLine().trim()));
                    }
                    each.server.close();
                    return read;
                });
                List<Callable<Void>> senders = new ArrayList<>();
                for (int thread = 0; thread < threads; thread++) {
                    long base = 1 + (long) thread * perThread;
                    senders.add(() -> {
                        for (long id = base; id < base + perThread; id++) {
                            String line = id + " ".repeat((int) (id % 50) * 1000);
                            try {
                                broken.send(SocketPair.request(id, LONG), line.getBytes(UTF_8));
                            } catch (TransportException e) {
                                assertThat(e.mayHaveBeenDelivered()).isFalse();
                                refused.add(id);
                            }
                        }
                        return null;
                    });
                }
                Waiting.atOnce(senders);
                assertThat(heard.awaitClosed()).isNotNull();
                Set<Long> read = server.get(10, TimeUnit.SECONDS);
                assertThat(refused).doesNotContainAnyElementsOf(read);
                assertThat(heard.failed.keySet()).doesNotContainAnyElementsOf(read);
                assertThat(heard.failed.keySet()).doesNotContainAnyElementsOf(refused);
                assertThat(heard.failed.values()).noneMatch(TransportException::mayHaveBeenDelivered);
                assertThat(refused).isNotEmpty();
                broken.close();
                heard.assertClosedOnce();
            }
        }
    }

    @Test
    void what_waits_behind_a_stuck_write_fails_as_not_delivered_before_the_end() throws Exception {
        transport.start(listener);
        CountDownLatch begun = new CountDownLatch(1);
        Future<TransportException> first = Waiting.inBackground(() -> {
            begun.countDown();
            return catchThrowableOfType(
                    TransportException.class,
                    () -> transport.send(SocketPair.request(1, Duration.ofSeconds(5)), new byte[32 * 1024 * 1024]));
        });
        begun.await();
        Waiting.until("the first write is under way", () -> available(pair.server) > 0);
        for (long id = 2; id < 12; id++) {
            transport.send(SocketPair.request(id, LONG), "queued".getBytes(UTF_8));
        }
        transport.send(SocketPair.envelope(Envelope.Kind.NOTIFICATION, 0, LONG), "queued".getBytes(UTF_8));
        listener.assertClosedOnce();
        assertThat(listener.failed.keySet()).containsExactlyInAnyOrder(2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L, 11L);
        assertThat(listener.failed.values()).noneMatch(TransportException::mayHaveBeenDelivered);
        assertThat(first.get(10, TimeUnit.SECONDS).mayHaveBeenDelivered()).isFalse();
    }

    @Test
    void what_the_peer_wrote_before_it_closed_is_delivered() throws Exception {
        transport.start(listener);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 10_000; i++) {
            text.append("message ").append(i).append('\n');
        }
        pair.server.getOutputStream().write(text.toString().getBytes(UTF_8));
        pair.server.close();
        assertThat(listener.awaitClosed()).isNotNull();
        assertThat(listener.messages).hasSize(10_000);
        listener.assertClosedOnce();
    }

    @Test
    void the_end_is_told_once_whoever_brings_it_about() throws Exception {
        for (int round = 0; round < 150; round++) {
            try (SocketPair each = new SocketPair()) {
                StreamTransport racing = each.transport();
                RecordingListener heard = new RecordingListener();
                racing.start(heard);
                List<Callable<Void>> tasks = new ArrayList<>();
                tasks.add(() -> {
                    racing.close();
                    assertThat(each.channelCloses).hasValue(1);
                    return null;
                });
                tasks.add(tasks.get(0));
                tasks.add(() -> {
                    racing.end(new TransportException(TransportException.Kind.CONNECTION, "ended from outside"));
                    return null;
                });
                tasks.add(() -> {
                    each.server.close();
                    return null;
                });
                tasks.add(() -> {
                    try {
                        for (int i = 1; i < 50; i++) {
                            racing.send(SocketPair.request(i, LONG), "x".getBytes(UTF_8));
                        }
                    } catch (TransportException e) {
                        assertThat(e.mayHaveBeenDelivered()).isFalse();
                    }
                    return null;
                });
                Waiting.atOnce(tasks);
                heard.assertClosedOnce();
                assertThat(each.channelCloses).hasValue(1);
                assertThat(racing.isOpen()).isFalse();
            }
        }
    }

    @Test
    void every_close_returns_only_when_the_channel_is_closed() throws Exception {
        pair.mayClose = new CountDownLatch(1);
        transport.start(listener);
        AtomicInteger returned = new AtomicInteger();
        List<Future<Boolean>> closing = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            closing.add(Waiting.inBackground(() -> {
                Thread.currentThread().interrupt();
                transport.close();
                returned.incrementAndGet();
                return Thread.interrupted();
            }));
        }
        listener.assertClosedOnce();
        // The one whose close waits in the channel returns at its interrupt; the others have to wait for that.
        Waiting.until("the first close returns", () -> returned.get() > 0);
        for (Future<Boolean> close : closing) {
            assertThat(close.get(10, TimeUnit.SECONDS))
                    .as("the interrupt is kept")
                    .isTrue();
        }
        assertThat(pair.channelCloses).hasValue(1);
    }

    @Test
    void an_end_before_the_start_is_told_at_the_start() throws Exception {
        TransportException reason = new TransportException(TransportException.Kind.CONNECTION, "it exited at once");
        transport.end(reason);
        assertThat(transport.isOpen()).isFalse();
        transport.start(listener);
        assertThat(listener.awaitClosed()).isSameAs(reason);
        listener.assertClosedOnce();
        TransportException refusal = catchThrowableOfType(
                TransportException.class, () -> transport.send(SocketPair.request(1, LONG), new byte[1]));
        assertThat(refusal).hasMessageContaining("it exited at once");
    }

    @Test
    void a_start_after_close_hears_of_the_end() throws Exception {
        transport.close();
        transport.start(listener);
        assertThat(listener.awaitClosed()).isNull();
        listener.assertClosedOnce();
    }

    @Test
    void a_second_start_is_refused() {
        transport.start(listener);
        assertThatIllegalStateException()
                .isThrownBy(() -> transport.start(new RecordingListener()))
                .withMessageContaining("'pair'");
    }

    @Test
    void sending_after_the_end_says_why_it_ended() throws Exception {
        transport.start(listener);
        transport.end(new TransportException(TransportException.Kind.AUTHORIZATION, "exit code 7"));
        TransportException refusal = catchThrowableOfType(
                TransportException.class, () -> transport.send(SocketPair.request(1, LONG), new byte[1]));
        assertThat(refusal.kind()).isEqualTo(TransportException.Kind.AUTHORIZATION);
        assertThat(refusal).hasMessageContaining("exit code 7");
        assertThat(refusal.mayHaveBeenDelivered()).isFalse();

        transport.close();
        try (SocketPair second = new SocketPair()) {
            StreamTransport closed = second.transport();
            closed.start(new RecordingListener());
            closed.close();
            refusal = catchThrowableOfType(
                    TransportException.class, () -> closed.send(SocketPair.request(1, LONG), new byte[1]));
            assertThat(refusal).hasMessageContaining("closed").hasMessageContaining("pair");
        }
    }

    @Test
    void a_listener_that_fails_does_not_keep_the_channel_open() throws Exception {
        RecordingListener failing = new RecordingListener() {
            @Override
            public void onClosed(TransportException reason) {
                super.onClosed(reason);
                throw new IllegalStateException("of the listener");
            }
        };
        transport.start(failing);
        transport.close();
        assertThat(pair.channelCloses).hasValue(1);
        failing.assertClosedOnce();
    }

    @Test
    void a_listener_that_fails_on_a_message_ends_the_transport() throws Exception {
        RecordingListener failing = new RecordingListener() {
            @Override
            public void onMessage(byte[] buffer, int offset, int length) {
                throw new IllegalStateException("of the listener");
            }
        };
        transport.start(failing);
        pair.server.getOutputStream().write("a\nb\n".getBytes(UTF_8));
        assertThat(failing.awaitClosed()).hasMessageContaining("of the listener");
        failing.assertClosedOnce();
    }

    @Test
    void a_hundred_transports_share_one_watch_and_leave_no_thread() throws Exception {
        List<StreamTransport> open = new ArrayList<>();
        List<SocketPair> pairs = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            pairs.add(new SocketPair());
            open.add(pairs.get(i).transport());
            open.get(i).start(new RecordingListener());
        }
        // What earlier tests had may still be ending.
        Waiting.until(
                "they share one watch",
                () -> Thread.getAllStackTraces().keySet().stream()
                                .filter(thread -> thread.getName().startsWith("mcp-")
                                        && !thread.getName().startsWith("mcp-read"))
                                .count()
                        <= 1);
        open.forEach(StreamTransport::close);
        pairs.forEach(SocketPair::close);
    }
}
