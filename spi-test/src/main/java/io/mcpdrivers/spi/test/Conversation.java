package io.mcpdrivers.spi.test;

import io.mcpdrivers.spi.Envelope;
import io.mcpdrivers.spi.Transport;
import io.mcpdrivers.spi.TransportException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** An open transport, what it delivers, and the messages that the kit sends on it. Closed at the end of the test. */
final class Conversation implements AutoCloseable {

    static final Duration TIMEOUT = Duration.ofSeconds(Recorder.WAIT_SECONDS);

    final Transport transport;
    final Recorder recorder = new Recorder();
    private final AtomicLong ids = new AtomicLong();

    Conversation(Transport transport) {
        this.transport = transport;
        transport.start(recorder);
    }

    /** A message that the peer sends back. */
    byte[] message(String text) {
        return bytes("{\"jsonrpc\":\"2.0\",\"id\":" + ids.incrementAndGet()
                + ",\"method\":\"echo\",\"params\":{\"text\":\"" + text + "\"}}");
    }

    /** A message that makes the peer do something else. */
    byte[] control(String members) {
        return bytes("{\"jsonrpc\":\"2.0\",\"id\":" + ids.incrementAndGet() + ",\"method\":\"control\","
                + "\"control\":" + members + "}");
    }

    void send(byte[] message) throws TransportException {
        send(message, TIMEOUT);
    }

    void send(byte[] message, Duration timeout) throws TransportException {
        send(message, timeout, false);
    }

    void send(byte[] message, Duration timeout, boolean callerWaits) throws TransportException {
        transport.send(
                new Envelope(
                        Envelope.Kind.REQUEST,
                        idOf(message),
                        "echo",
                        null,
                        null,
                        Map.of(),
                        System.nanoTime() + timeout.toNanos(),
                        callerWaits),
                message);
    }

    private static long idOf(byte[] message) {
        String text = new String(message, 0, Math.min(message.length, 60), StandardCharsets.UTF_8);
        int begin = text.indexOf("\"id\":") + 5;
        return Long.parseLong(text.substring(begin, text.indexOf(',', begin)));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        transport.close();
    }
}
