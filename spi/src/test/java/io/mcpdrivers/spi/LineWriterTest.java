package io.mcpdrivers.spi;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class LineWriterTest {

    private static final Duration LONG = Duration.ofSeconds(50);
    private static final int QUEUE_BYTES = 4 * 1024 * 1024;

    private final GatedOutput out = new GatedOutput();
    private final Failures failures = new Failures();
    private final LineWriter writer = new LineWriter(out, DaemonThreads.platform("mcp-write-test"), failures);

    @AfterEach
    void no_helper_is_left() throws InterruptedException {
        out.permits.release(1_000_000);
        Waiting.until("the helping thread ends", () -> !Waiting.threadNamed("mcp-write-test"));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1023, 1024, 65_534, 65_535, 65_536, 65_537, 300_000})
    void a_message_of_any_size_is_one_line(int size) throws Exception {
        out.permits.release(1000);
        write(1, "a".repeat(size));
        write(2, "b");
        assertThat(out.text()).isEqualTo("a".repeat(size) + "\nb\n");
    }

    @Test
    void messages_that_wait_share_writes_of_at_most_64_kib() throws Exception {
        Future<Void> first = blockedWrite();
        StringBuilder expected = new StringBuilder("first\n");
        for (int i = 0; i < 300; i++) {
            String message = i + "x".repeat(i * 7);
            write(i + 2, message);
            expected.append(message).append('\n');
        }
        write(400, "y".repeat(100_000));
        write(401, "last");
        expected.append("y".repeat(100_000)).append("\nlast\n");
        out.permits.release(1000);
        first.get(10, TimeUnit.SECONDS);
        Waiting.until("all is written", () -> out.size() == expected.length());
        assertThat(out.text()).isEqualTo(expected.toString());
        assertThat(out.sizes).filteredOn(size -> size != 100_000).allMatch(size -> size <= 65_536);
        assertThat(out.sizes).as("writes").hasSizeLessThan(20);
    }

    @Test
    void what_waits_for_a_sender_that_gathers_and_does_not_go_on_is_written_all_the_same() throws Exception {
        CountDownLatch gathering = new CountDownLatch(1);
        CountDownLatch goesOn = new CountDownLatch(1);
        LineWriter stuck = new LineWriter(out, DaemonThreads.platform("mcp-write-test"), failures, () -> {
            gathering.countDown();
            try {
                assertThat(goesOn.await(50, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        out.permits.release(1000);
        stuck.expectCompany(true);
        Future<Void> first = Waiting.inBackground(() -> {
            stuck.write(SocketPair.request(1, LONG), "first".getBytes(UTF_8));
            return null;
        });
        assertThat(gathering.await(50, TimeUnit.SECONDS)).isTrue();
        stuck.watch(System.nanoTime() - Duration.ofSeconds(1).toNanos());
        assertThat(out.size()).isZero();
        stuck.watch(System.nanoTime() + Duration.ofSeconds(1).toNanos());
        Waiting.until("it is written", () -> out.text().equals("first\n"));
        goesOn.countDown();
        first.get(30, TimeUnit.SECONDS);
        stuck.expectCompany(false);
        stuck.write(SocketPair.request(2, LONG), "second".getBytes(UTF_8));
        Waiting.until("writing goes on", () -> out.text().equals("first\nsecond\n"));
    }

    @Test
    void senders_that_gather_lose_double_and_reorder_nothing() throws Exception {
        out.permits.release(1_000_000);
        int senders = 8;
        int each = 3_000;
        List<Future<Void>> all = new ArrayList<>();
        for (int sender = 0; sender < senders; sender++) {
            String name = sender + ":";
            all.add(Waiting.inBackground(() -> {
                for (int i = 0; i < each; i++) {
                    writer.expectCompany(i % 3 != 0);
                    write(i, name + i);
                }
                return null;
            }));
        }
        for (Future<Void> sender : all) {
            sender.get(60, TimeUnit.SECONDS);
        }
        Waiting.until("all is written", () -> out.text().lines().count() == senders * each);
        int[] next = new int[senders];
        out.text().lines().forEach(line -> {
            int sender = line.charAt(0) - '0';
            assertThat(line).isEqualTo(sender + ":" + next[sender]++);
        });
    }

    @Test
    void a_message_larger_than_the_bound_waits_for_no_longer_than_the_others() throws Exception {
        Future<Void> first = blockedWrite();
        // Nothing waits yet, so this one may; the next has to wait for room, and must hear when there is some.
        write(2, "x".repeat(QUEUE_BYTES + 10));
        Future<Void> large = Waiting.inBackground(() -> write(3, "y".repeat(QUEUE_BYTES + 10)));
        Future<Void> small = Waiting.inBackground(() -> write(4, "z"));
        long begin = System.nanoTime();
        out.permits.release(1000);
        first.get(10, TimeUnit.SECONDS);
        large.get(10, TimeUnit.SECONDS);
        small.get(10, TimeUnit.SECONDS);
        Waiting.until("all is written", () -> out.size() == 6 + 2 * (QUEUE_BYTES + 11) + 2);
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(10));
    }

    @Test
    void a_sender_that_finds_no_room_is_refused_at_its_deadline() throws Exception {
        Future<Void> first = blockedWrite();
        write(2, "x".repeat(QUEUE_BYTES));
        IOException refusal = catchThrowableOfType(
                IOException.class,
                () -> writer.write(SocketPair.request(3, Duration.ofMillis(100)), "late".getBytes(UTF_8)));
        assertThat(refusal).isInstanceOf(LineWriter.NoRoomException.class).hasMessageContaining("" + QUEUE_BYTES);
        out.permits.release(1000);
        first.get(10, TimeUnit.SECONDS);
        Waiting.until("the rest is written", () -> out.size() == 6 + QUEUE_BYTES + 1);
        write(4, "goes on");
        Waiting.until("it goes on", () -> out.text().endsWith("\ngoes on\n"));
        assertThat(out.text()).doesNotContain("late");
    }

    @Test
    void an_interrupt_ends_the_waiting_for_room_and_is_kept() throws Exception {
        blockedWrite();
        write(2, "x".repeat(QUEUE_BYTES));
        Future<Boolean> waiting = Waiting.inBackground(() -> {
            Thread.currentThread().interrupt();
            assertThat(catchThrowableOfType(IOException.class, () -> write(3, "waits")))
                    .hasMessageContaining("interrupted");
            return Thread.interrupted();
        });
        assertThat(waiting.get(10, TimeUnit.SECONDS)).isTrue();
        out.permits.release(1000);
    }

    @Test
    void a_sender_is_not_kept_writing_for_others() throws Exception {
        // Each write takes a moment, and as long as the first sender is not back, others send.
        out.delayNanos = 20_000_000;
        Future<Void> first = blockedWrite();
        List<Future<Void>> others = new ArrayList<>();
        for (int thread = 0; thread < 3; thread++) {
            int base = 1_000_000 * (1 + thread);
            others.add(Waiting.inBackground(() -> {
                CountDownLatch never = new CountDownLatch(1);
                for (int i = 0; !first.isDone() && i < 100_000; i++) {
                    write(base + i, "other");
                    assertThat(never.await(100, TimeUnit.MICROSECONDS)).isFalse();
                }
                return null;
            }));
        }
        out.permits.release(1_000_000);
        first.get(30, TimeUnit.SECONDS);
        for (Future<Void> other : others) {
            other.get(10, TimeUnit.SECONDS);
        }
        Waiting.until("the helping thread ends", () -> !Waiting.threadNamed("mcp-write-test"));
        long lines = out.text().lines().filter(line -> line.equals("other")).count();
        write(5, "the last");
        assertThat(out.text().lines().filter(line -> line.equals("other")).count())
                .isEqualTo(lines);
        assertThat(out.text()).endsWith("other\nthe last\n");
    }

    @Test
    void a_stream_that_fails_otherwise_than_with_an_io_exception_is_broken_as_well() throws Exception {
        out.failure = new IllegalStateException("of the stream");
        out.permits.release(1000);
        assertThat(catchThrowableOfType(IOException.class, () -> write(1, "first")))
                .hasMessageContaining("of the stream");
        assertThat(catchThrowableOfType(IOException.class, () -> write(2, "second")))
                .hasMessageContaining("of the stream");
        assertThat(failures.events).containsExactly("broken");
    }

    @Test
    void a_failed_write_fails_the_last_of_its_lines_and_what_waits_and_tells_that_it_broke_first() throws Exception {
        Future<Void> first = blockedWrite();
        write(2, "shares a write");
        write(3, "shares it, too");
        write(4, "x".repeat(70_000));
        write(5, "waits");
        // The first write succeeds, the one of 2 and 3 fails.
        out.failureAt = 2;
        out.failure = new IOException("broken pipe");
        out.permits.release(1000);
        first.get(10, TimeUnit.SECONDS);
        Waiting.until("the failure is told", () -> failures.events.size() == 4);
        assertThat(failures.events).containsExactly("broken", "3", "4", "5");
        assertThat(catchThrowableOfType(IOException.class, () -> write(6, "too late")))
                .hasMessageContaining("broken pipe");
    }

    @Test
    void a_write_that_an_interrupt_broke_may_have_been_delivered() throws Exception {
        out.permits.release(1000);
        out.failure = new ClosedByInterruptException();
        write(1, "perhaps");
        assertThat(failures.events).containsExactly("broken");
    }

    @Test
    void closing_gives_back_what_waits_and_refuses_what_comes() throws Exception {
        Future<Void> first = blockedWrite();
        write(2, "waits");
        write(3, "waits, too");
        assertThat(writer.close(new IOException("the end")))
                .extracting(Envelope::id)
                .containsExactly(2L, 3L);
        assertThat(writer.close(new IOException("again"))).isEmpty();
        assertThat(catchThrowableOfType(IOException.class, () -> write(4, "late")))
                .hasMessage("the end");
        out.permits.release(1000);
        first.get(10, TimeUnit.SECONDS);
        assertThat(out.text()).isEqualTo("first\n");
        assertThat(failures.events).isEmpty();
    }

    @Test
    void closing_frees_those_who_wait_for_room() throws Exception {
        blockedWrite();
        write(2, "x".repeat(QUEUE_BYTES));
        Future<Void> waiting = Waiting.inBackground(() -> write(3, "waits for room"));
        Waiting.until(
                "it waits",
                () -> Thread.getAllStackTraces().entrySet().stream()
                        .anyMatch(thread -> thread.getKey().getName().equals("test-background")
                                && thread.getKey().getState() == Thread.State.TIMED_WAITING));
        writer.close(new IOException("the end"));
        ExecutionException end =
                catchThrowableOfType(ExecutionException.class, () -> waiting.get(10, TimeUnit.SECONDS));
        assertThat(end.getCause()).hasMessage("the end");
        out.permits.release(1000);
    }

    @Test
    void a_write_is_stuck_after_its_deadline_but_not_within_a_second() throws Exception {
        long begin = System.nanoTime();
        Future<Void> sending = Waiting.inBackground(() -> {
            writer.write(SocketPair.request(1, Duration.ofMillis(1)), "first".getBytes(UTF_8));
            return null;
        });
        Waiting.until("the write is under way", () -> out.waiting());
        assertThat(writer.isStuck(begin + TimeUnit.MILLISECONDS.toNanos(900))).isFalse();
        Waiting.until("it is stuck", () -> writer.isStuck(System.nanoTime()));
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofMillis(900));
        out.permits.release(1000);
        sending.get(10, TimeUnit.SECONDS);
        assertThat(writer.isStuck(System.nanoTime() + LONG.toNanos())).isFalse();
    }

    @Test
    void a_deadline_may_be_as_far_away_as_can_be_said() throws Exception {
        out.permits.release(1000);
        for (long deadline : new long[] {System.nanoTime() + Long.MAX_VALUE, Long.MAX_VALUE, 0, Long.MIN_VALUE}) {
            writer.write(
                    new Envelope(Envelope.Kind.REQUEST, 1, "test", null, null, java.util.Map.of(), deadline),
                    "any".getBytes(UTF_8));
        }
        assertThat(out.text()).isEqualTo("any\nany\nany\nany\n");
    }

    @Test
    void an_interrupted_sender_does_not_close_a_channel_that_others_use() throws Exception {
        try (ServerSocketChannel listening = ServerSocketChannel.open()) {
            listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            try (SocketChannel client = SocketChannel.open(listening.getLocalAddress());
                    SocketChannel server = listening.accept()) {
                OutputStream channelStream = new OutputStream() {
                    @Override
                    public void write(int b) throws IOException {
                        write(new byte[] {(byte) b}, 0, 1);
                    }

                    @Override
                    public void write(byte[] bytes, int offset, int length) throws IOException {
                        ByteBuffer left = ByteBuffer.wrap(bytes, offset, length);
                        while (left.hasRemaining()) {
                            client.write(left);
                        }
                    }
                };
                LineWriter overChannel =
                        new LineWriter(channelStream, DaemonThreads.platform("mcp-write-test"), failures);
                Thread.currentThread().interrupt();
                overChannel.write(SocketPair.request(1, LONG), "interrupted".getBytes(UTF_8));
                assertThat(Thread.interrupted()).as("the interrupt is kept").isTrue();
                ByteBuffer read = ByteBuffer.allocate(100);
                while (read.position() < 12) {
                    server.read(read);
                }
                assertThat(client.isOpen()).isTrue();
                assertThat(failures.events).isEmpty();
            }
        }
    }

    private Void write(long id, String message) throws IOException {
        writer.write(SocketPair.request(id, LONG), message.getBytes(UTF_8));
        return null;
    }

    /** Has another thread write {@code first}, which does not end before there are permits. */
    private Future<Void> blockedWrite() throws InterruptedException {
        Future<Void> first = Waiting.inBackground(() -> write(1, "first"));
        Waiting.until("the first write is under way", () -> out.waiting());
        return first;
    }

    private static final class Failures implements LineWriter.FailureSink {
        final List<String> events = java.util.Collections.synchronizedList(new ArrayList<>());

        @Override
        public void broken(IOException cause) {
            events.add("broken");
        }

        @Override
        public void notDelivered(Envelope envelope, IOException cause) {
            events.add("" + envelope.id());
        }
    }

    /** Each write needs a permit. */
    private static final class GatedOutput extends OutputStream {
        final Semaphore permits = new Semaphore(0);
        final List<Integer> sizes = java.util.Collections.synchronizedList(new ArrayList<>());
        volatile Exception failure;
        volatile int failureAt = 1;
        volatile long delayNanos;
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] from, int offset, int length) throws IOException {
            permits.acquireUninterruptibly();
            if (delayNanos > 0) {
                java.util.concurrent.locks.LockSupport.parkNanos(delayNanos);
            }
            sizes.add(length);
            if (failure != null && sizes.size() >= failureAt) {
                if (failure instanceof IOException io) {
                    throw io;
                }
                throw (RuntimeException) failure;
            }
            synchronized (bytes) {
                bytes.write(from, offset, length);
            }
        }

        boolean waiting() {
            return permits.hasQueuedThreads();
        }

        int size() {
            synchronized (bytes) {
                return bytes.size();
            }
        }

        String text() {
            synchronized (bytes) {
                return bytes.toString(UTF_8);
            }
        }
    }
}
