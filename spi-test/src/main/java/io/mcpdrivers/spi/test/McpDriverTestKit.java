package io.mcpdrivers.spi.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.mcpdrivers.spi.DriverProperty;
import io.mcpdrivers.spi.McpDriver;
import io.mcpdrivers.spi.McpUri;
import io.mcpdrivers.spi.OpenOptions;
import io.mcpdrivers.spi.ParameterValues;
import io.mcpdrivers.spi.TransportException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The behaviour that every transport driver must show. A driver author extends this class, says which driver it is and
 * where a peer listens, and runs it as any JUnit test:
 *
 * <pre>{@code
 * class UnixSocketDriverKitTest extends McpDriverTestKit {
 *     protected McpDriver driver() { return new UnixSocketDriver(); }
 *     protected String peerUri() { return "mcp:unix:" + socketOfARunningPeer; }
 *     protected String nowhereUri() { return "mcp:unix:/no/such.sock"; }
 * }
 * }</pre>
 *
 * <p>The peer echoes; {@link EchoPeer} says what else it does, and is one for drivers over byte streams. What a kind of
 * transport cannot do is turned off by overriding the {@code peer...} and {@code transport...} methods.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
public abstract class McpDriverTestKit {

    private static final int THREADS = 16;
    private static final int MESSAGES_PER_THREAD = 200;
    private static final int CYCLES = 50;
    private static final int SMALL_LIMIT = 64 * 1024;
    private static final String SECRET = "kit-secret-5d41402a";

    private final List<Conversation> conversations = Collections.synchronizedList(new ArrayList<>());

    /** Made by JUnit, by way of a subclass. */
    protected McpDriverTestKit() {}

    /**
     * The driver under test.
     *
     * @return an instance, new or always the same
     */
    protected abstract McpDriver driver();

    /**
     * Where a peer listens that behaves as {@link EchoPeer} says. Each transport opened for it is a conversation of its
     * own, any number of them one after the other and at least two at once.
     *
     * @return a URI of the driver's scheme, without placeholders
     * @throws Exception if the peer cannot be started
     */
    protected abstract String peerUri() throws Exception;

    /**
     * A target that does not exist.
     *
     * @return a URI of the driver's scheme, without placeholders
     */
    protected abstract String nowhereUri();

    /**
     * What opening {@link #nowhereUri()} fails with.
     *
     * @return by default {@code CONFIGURATION} and {@code CONNECTION}
     */
    protected Set<TransportException.Kind> kindsOfNowhere() {
        return Set.of(TransportException.Kind.CONFIGURATION, TransportException.Kind.CONNECTION);
    }

    /**
     * Whether the peer can end a conversation in a way that the transport hears of without sending anything.
     *
     * @return by default true
     */
    protected boolean peerCanClose() {
        return true;
    }

    /**
     * Whether a peer that stops reading makes the transport's writes block.
     *
     * @return by default true
     */
    protected boolean peerCanBlockWrites() {
        return true;
    }

    /**
     * Whether messages arrive at the peer in the order in which one thread sends them, and come back in it.
     *
     * @return by default true
     */
    protected boolean transportKeepsOrder() {
        return true;
    }

    /**
     * What the transports are opened with.
     *
     * @param maxMessageSize the limit
     * @return by default options with a {@code connectTimeout} of 20 s
     */
    protected OpenOptions options(int maxMessageSize) {
        return new OpenOptions("kit", Duration.ofSeconds(20), maxMessageSize);
    }

    private Conversation open() throws Exception {
        return open(OpenOptions.DEFAULT_MAX_MESSAGE_SIZE);
    }

    private Conversation open(int maxMessageSize) throws Exception {
        Conversation opened =
                new Conversation(driver().open(McpUri.parse(peerUri()).resolve(), options(maxMessageSize)));
        conversations.add(opened);
        return opened;
    }

    /** Closes what the test has opened, and checks that the listener was called as it may be. */
    @AfterEach
    protected void conversations_ended_as_they_should() throws Exception {
        for (Conversation conversation : conversations) {
            conversation.close();
            conversation.recorder.awaitClosed();
            assertThat(conversation.recorder.violations()).isEmpty();
            assertThat(conversation.recorder.closes()).as("calls of onClosed").isEqualTo(1);
        }
        conversations.clear();
    }

    // What the driver says of itself

    /** It is on the class path or module path with its service entry. */
    @Test
    protected void the_driver_is_found_by_the_service_loader() {
        assertThat(ServiceLoader.load(McpDriver.class, driver().getClass().getClassLoader()).stream()
                        .map(ServiceLoader.Provider::type))
                .as("providers of McpDriver")
                .contains(driver().getClass());
    }

    /** It names its schemes, in lower case, and takes no others. */
    @Test
    protected void the_driver_accepts_its_own_schemes_and_no_other() throws Exception {
        assertThat(driver().schemes()).isNotEmpty().allMatch(scheme -> scheme.matches("[a-z][a-z0-9+.-]*"));
        assertThat(driver().accepts(McpUri.parse(peerUri()))).isTrue();
        assertThat(driver().accepts(McpUri.parse(nowhereUri()))).isTrue();
        assertThat(driver().accepts(McpUri.parse("mcp:no-such-scheme:target"))).isFalse();
        assertThat(driver().accepts(McpUri.parse("mcp:no-such-scheme://target")))
                .isFalse();
    }

    /** Documentation is made from them, and URIs are checked against them. */
    @Test
    protected void the_properties_are_documented_and_their_defaults_can_be_read() {
        List<DriverProperty> properties = driver().properties();
        assertThat(properties)
                .extracting(DriverProperty::name)
                .doesNotHaveDuplicates()
                .allMatch(name -> !name.isBlank());
        for (DriverProperty property : properties) {
            assertThat(property.description()).as(property.name()).isNotBlank();
            String defaultValue = property.defaultValue();
            if (defaultValue != null) {
                assertThatCode(() -> ParameterValues.check(property.type(), defaultValue))
                        .as("default of " + property.name())
                        .doesNotThrowAnyException();
            }
        }
    }

    // Opening

    /** In time, with the reason, and without the secrets of the URI. */
    @Test
    protected void a_target_that_does_not_exist_is_refused_without_telling_secrets() throws Exception {
        McpUri.Builder uri = McpUri.parse(nowhereUri()).toBuilder();
        for (DriverProperty property : driver().properties()) {
            if (property.type() == DriverProperty.Type.STRING
                    && (property.traits().secret() || property.name().matches("(env|header)\\..*"))) {
                uri.add(property.name().replace("*", "KIT_TOKEN"), SECRET);
            }
        }
        McpUri nowhere = uri.build();
        long begin = System.nanoTime();
        TransportException refusal = catchThrowableOfType(TransportException.class, () -> {
            try (Conversation opened = new Conversation(driver().open(nowhere, options(SMALL_LIMIT)))) {
                TransportException end = opened.recorder.awaitClosed();
                if (end != null) {
                    throw end;
                }
            }
        });
        assertThat(refusal).as("opening %s", nowhere).isNotNull();
        assertThat(System.nanoTime() - begin)
                .as("nanoseconds")
                .isLessThan(Duration.ofSeconds(21).toNanos());
        assertThat(refusal.kind()).isIn(kindsOfNowhere());
        assertThat(refusal.mayHaveBeenDelivered()).isFalse();
        assertThat(refusal.getMessage()).isNotBlank();
        for (Throwable t = refusal; t != null; t = t.getCause()) {
            assertThat(t.toString()).doesNotContain(SECRET);
        }
    }

    // Messages

    /** From one byte over the sizes of common buffers to 1 MB, and every kind of character. */
    @Test
    protected void messages_come_back_byte_for_byte() throws Exception {
        Conversation peer = open();
        List<byte[]> sent = new ArrayList<>();
        sent.add(peer.message(""));
        sent.add(peer.message("\\n \\\" \\\\ \\u0000 \\r\\n \\t"));
        sent.add(peer.message("é ß € 漢字 \uD83D\uDE00 \u2028 \u0085 \uFEFF \u00A0"));
        for (int size : new int[] {1, 4_000, 8_190, 32_768, 65_500, 65_536, 300_000, 1 << 20}) {
            sent.add(peer.message("a\u20AC".repeat(size / 4 + 1)));
        }
        for (byte[] message : sent) {
            peer.send(message);
            byte[] back = peer.recorder.awaitMessage();
            assertThat(Arrays.equals(back, message))
                    .as("%d bytes came back as %d: %s", message.length, back.length, excerpt(back))
                    .isTrue();
        }
    }

    /** Also if they are sent without awaiting the answers. */
    @Test
    protected void messages_of_one_thread_keep_their_order() throws Exception {
        assumeTrue(transportKeepsOrder());
        Conversation peer = open();
        List<byte[]> sent = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            sent.add(peer.message("x".repeat(i * 37 % 3000)));
            peer.send(sent.get(i));
        }
        assertThat(texts(peer.recorder.awaitMessages(sent.size()))).isEqualTo(texts(sent));
    }

    /** Nothing is lost, mixed up or doubled. */
    @Test
    protected void sixteen_threads_send_at_once() throws Exception {
        Conversation peer = open();
        List<Callable<Set<String>>> senders = new ArrayList<>();
        for (int thread = 0; thread < THREADS; thread++) {
            senders.add(() -> {
                Set<String> sent = new TreeSet<>();
                for (int i = 0; i < MESSAGES_PER_THREAD; i++) {
                    byte[] message = peer.message("y".repeat(i * 13 % 700));
                    sent.add(text(message));
                    peer.send(message);
                }
                return sent;
            });
        }
        Set<String> sent = new TreeSet<>();
        for (Set<String> some : runAtOnce(senders)) {
            sent.addAll(some);
        }
        List<String> received = texts(peer.recorder.awaitMessages(THREADS * MESSAGES_PER_THREAD));
        assertThat(new TreeSet<>(received)).isEqualTo(sent);
        assertThat(received).doesNotHaveDuplicates();
    }

    /** The transport may use the thread of a caller that has nothing else to do, or not. */
    @Test
    protected void a_caller_that_waits_gets_its_answer() throws Exception {
        Conversation peer = open();
        for (int i = 0; i < 20; i++) {
            byte[] message = peer.message("waited for " + i);
            peer.send(message, Conversation.TIMEOUT, true);
            assertThat(text(peer.recorder.awaitMessage())).isEqualTo(text(message));
        }
    }

    /** Its connection is one that others use, too. */
    @Test
    protected void an_interrupted_sender_does_not_end_the_transport() throws Exception {
        Conversation peer = open();
        Thread.currentThread().interrupt();
        try {
            peer.send(peer.message("interrupted"));
        } catch (TransportException e) {
            assertThat(e.mayHaveBeenDelivered()).isFalse();
        }
        assertThat(Thread.interrupted()).as("the interrupt is kept").isTrue();
        assertThat(peer.transport.isOpen()).isTrue();
        byte[] next = peer.message("next");
        peer.send(next);
        String answer = text(peer.recorder.awaitMessage());
        assertThat(answer.contains("interrupted") ? text(peer.recorder.awaitMessage()) : answer)
                .isEqualTo(text(next));
    }

    /** Its size is told, and the transport goes on. */
    @Test
    protected void a_message_over_the_limit_is_skipped_and_the_next_one_arrives() throws Exception {
        Conversation peer = open(SMALL_LIMIT);
        for (int size : new int[] {SMALL_LIMIT + 1, 20 * SMALL_LIMIT}) {
            peer.send(peer.control("\"big\",\"size\":" + size));
            assertThat(peer.recorder.awaitOversized()).isEqualTo(size);
            byte[] next = peer.message("after");
            peer.send(next);
            assertThat(text(peer.recorder.awaitMessage())).isEqualTo(text(next));
        }
        peer.send(peer.control("\"big\",\"size\":" + SMALL_LIMIT));
        assertThat(peer.recorder.awaitMessage()).hasSize(SMALL_LIMIT);
        assertThat(peer.transport.isOpen()).isTrue();
    }

    /** An array that was handed back may be filled anew, but no other one is. */
    @Test
    protected void arrays_that_were_not_handed_back_keep_their_content() throws Exception {
        Conversation peer = open();
        List<byte[]> sent = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            sent.add(peer.message((char) ('a' + i) + "z".repeat(100_000)));
            peer.send(sent.get(i));
        }
        List<byte[]> received = peer.recorder.awaitMessages(sent.size());
        peer.transport.recycle(new byte[1 << 20]);
        byte[] last = peer.message("q".repeat(200_000));
        peer.send(last);
        assertThat(text(peer.recorder.awaitMessage())).isEqualTo(text(last));
        assertThat(new TreeSet<>(texts(received))).isEqualTo(new TreeSet<>(texts(sent)));
    }

    // The end

    /** Exactly once, and with a reason. */
    @Test
    protected void the_peer_s_end_is_told_once_with_a_cause() throws Exception {
        assumeTrue(peerCanClose());
        Conversation peer = open();
        peer.send(peer.message("hello"));
        peer.recorder.awaitMessage();
        assertThat(peer.transport.isOpen()).isTrue();
        peer.send(peer.control("\"close\""));
        TransportException cause = peer.recorder.awaitClosed();
        assertThat(cause).as("cause of onClosed").isNotNull();
        assertThat(cause).hasMessageMatching("(?s).*\\S.*");
        assertThat(peer.transport.isOpen()).isFalse();
        assertRefused(peer);
    }

    /** Exactly once, without a cause, and nothing can be sent afterwards. */
    @Test
    protected void the_own_end_is_told_once_without_a_cause() throws Exception {
        Conversation peer = open();
        peer.send(peer.message("hello"));
        peer.recorder.awaitMessage();
        peer.close();
        assertThat(peer.recorder.awaitClosed()).as("cause of onClosed").isNull();
        assertThat(peer.transport.isOpen()).isFalse();
        assertRefused(peer);
    }

    private static void assertRefused(Conversation peer) {
        TransportException refusal =
                catchThrowableOfType(TransportException.class, () -> peer.send(peer.message("too late")));
        assertThat(refusal).as("sending after the end").isNotNull();
        assertThat(refusal.mayHaveBeenDelivered()).isFalse();
        assertThat(refusal.getMessage()).isNotBlank();
    }

    /** Twice, by many threads, while others send. */
    @Test
    protected void closing_again_and_at_once_does_nothing_more() throws Exception {
        Conversation peer = open();
        List<Callable<Boolean>> tasks = new ArrayList<>();
        for (int thread = 0; thread < THREADS; thread++) {
            boolean closes = thread % 2 == 0;
            tasks.add(() -> {
                if (closes) {
                    peer.close();
                    return peer.transport.isOpen();
                }
                try {
                    for (int i = 0; i < MESSAGES_PER_THREAD; i++) {
                        peer.send(peer.message("while it is being closed"));
                    }
                } catch (TransportException e) {
                    return e.mayHaveBeenDelivered();
                }
                return false;
            });
        }
        assertThat(runAtOnce(tasks)).containsOnly(false);
        peer.close();
    }

    /** A transport that never was of use is closed as well. */
    @Test
    protected void a_transport_that_was_never_started_can_be_closed() throws Exception {
        var transport = driver().open(McpUri.parse(peerUri()).resolve(), options(SMALL_LIMIT));
        assertThat(transport.isOpen()).isTrue();
        transport.close();
        transport.close();
        assertThat(transport.isOpen()).isFalse();
    }

    /** The sender learns of it by its deadline, or the second that a write is given at least. */
    @Test
    protected void a_peer_that_stops_reading_holds_up_no_sender_for_long() throws Exception {
        assumeTrue(peerCanBlockWrites());
        Conversation peer = open();
        peer.send(peer.control("\"silent\""));
        byte[] message = peer.message("w".repeat(1 << 20));
        long begin = System.nanoTime();
        List<Callable<Boolean>> senders = new ArrayList<>();
        for (int thread = 0; thread < 4; thread++) {
            senders.add(() -> {
                try {
                    for (int i = 0; i < 8; i++) {
                        peer.send(message, Duration.ofSeconds(1));
                    }
                } catch (TransportException e) {
                    return e.mayHaveBeenDelivered();
                }
                return false;
            });
        }
        assertThat(runAtOnce(senders)).containsOnly(false);
        assertThat(peer.recorder.awaitClosed()).as("cause of onClosed").isNotNull();
        assertThat(System.nanoTime() - begin)
                .as("nanoseconds")
                .isLessThan(Duration.ofSeconds(15).toNanos());
    }

    /** Also a peer that hears nothing does not keep it from ending. */
    @Test
    protected void a_transport_whose_peer_is_silent_can_be_closed() throws Exception {
        Conversation peer = open();
        peer.send(peer.control("\"silent\""));
        peer.close();
        assertThat(peer.recorder.awaitClosed()).isNull();
    }

    // What is left

    /** Threads that transports share may live on for a few seconds. */
    @Test
    protected void a_closed_transport_leaves_no_thread() throws Exception {
        Set<String> before = Leftovers.threads();
        try (Conversation peer = open()) {
            peer.send(peer.message("hello"));
            peer.recorder.awaitMessage();
        }
        assertThat(Leftovers.becomes(() -> before.containsAll(Leftovers.threads()), 15))
                .as("threads before: %s, now: %s", before, Leftovers.threads())
                .isTrue();
    }

    /** Counted where the system lets us, on Linux. */
    @Test
    protected void fifty_transports_leave_no_descriptor_and_no_thread() throws Exception {
        cycle(3);
        int before = Leftovers.descriptors();
        assumeTrue(before >= 0);
        cycle(CYCLES);
        assertThat(Leftovers.becomes(() -> Leftovers.descriptors() <= before + 5, 15))
                .as("descriptors before: %d, after %d transports: %d", before, CYCLES, Leftovers.descriptors())
                .isTrue();
        assertThat(Leftovers.becomes(() -> Leftovers.threads().size() <= 3, 15))
                .as("threads after %d transports: %s", CYCLES, Leftovers.threads())
                .isTrue();
    }

    private void cycle(int times) throws Exception {
        for (int i = 0; i < times; i++) {
            Conversation peer = open();
            peer.send(peer.message("hello"));
            peer.recorder.awaitMessage();
            peer.close();
        }
    }

    // Helpers

    private static <T> List<T> runAtOnce(List<Callable<T>> tasks) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(tasks.size(), task -> {
            Thread thread = new Thread(task, "kit-sender");
            thread.setDaemon(true);
            return thread;
        });
        try {
            CountDownLatch go = new CountDownLatch(1);
            List<Future<T>> running = new ArrayList<>();
            for (Callable<T> task : tasks) {
                running.add(threads.submit(() -> {
                    go.await();
                    return task.call();
                }));
            }
            go.countDown();
            List<T> results = new ArrayList<>();
            for (Future<T> result : running) {
                results.add(result.get(60, TimeUnit.SECONDS));
            }
            return results;
        } finally {
            threads.shutdownNow();
        }
    }

    private static String text(byte[] message) {
        return new String(message, StandardCharsets.UTF_8);
    }

    private static List<String> texts(List<byte[]> messages) {
        return messages.stream().map(McpDriverTestKit::text).toList();
    }

    private static String excerpt(byte[] message) {
        return text(Arrays.copyOf(message, Math.min(message.length, 200)));
    }
}
