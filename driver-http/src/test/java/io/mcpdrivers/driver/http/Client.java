package io.mcpdrivers.driver.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.spi.Envelope;
import io.mcpdrivers.spi.Exchange;
import io.mcpdrivers.spi.McpUri;
import io.mcpdrivers.spi.OpenOptions;
import io.mcpdrivers.spi.Transport;
import io.mcpdrivers.spi.TransportException;
import io.mcpdrivers.spi.TransportListener;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** A transport, what it delivers, and requests to send on it. */
final class Client implements TransportListener, AutoCloseable {

    static final String MODERN = "2026-07-28";
    static final String LEGACY = "2025-11-25";
    private static final long WAIT_SECONDS = 20;

    record Failure(long id, TransportException cause) {}

    final Transport transport;
    final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
    final BlockingQueue<Long> responses = new LinkedBlockingQueue<>();
    final BlockingQueue<Failure> failures = new LinkedBlockingQueue<>();
    final BlockingQueue<Long> oversized = new LinkedBlockingQueue<>();
    final CompletableFuture<String> closed = new CompletableFuture<>();
    final AtomicLong ids = new AtomicLong();
    volatile Thread deliveredBy;
    private final String revision;

    Client(String uri, String revision) throws TransportException {
        this(uri, revision, OpenOptions.DEFAULT_MAX_MESSAGE_SIZE);
    }

    Client(String uri, String revision, int maxMessageSize) throws TransportException {
        this(uri, revision, new OpenOptions("test", Duration.ofSeconds(20), maxMessageSize));
    }

    Client(String uri, String revision, OpenOptions options) throws TransportException {
        this.revision = revision;
        this.transport = new HttpDriver().open(McpUri.parse(uri).resolve(), options);
        transport.start(this);
    }

    static Client modern(String uri) throws TransportException {
        return new Client(uri, MODERN);
    }

    /** Asks for headers before each request. */
    static Client withHeaders(String uri, String revision, Supplier<Map<String, String>> headers)
            throws TransportException {
        return new Client(uri, revision, options(headers, false));
    }

    /** A legacy one that answers requests of the server. */
    static Client answering(String uri) throws TransportException {
        return new Client(uri, LEGACY, options(OpenOptions.NO_HEADERS, true));
    }

    private static OpenOptions options(Supplier<Map<String, String>> headers, boolean answersServer) {
        return new OpenOptions(
                "test", Duration.ofSeconds(20), OpenOptions.DEFAULT_MAX_MESSAGE_SIZE, headers, answersServer);
    }

    static Client legacy(String uri) throws TransportException {
        return new Client(uri, LEGACY);
    }

    Exchange send(String method, String name, Map<String, String> mirrored, Duration timeout, boolean waits)
            throws TransportException {
        long id = ids.incrementAndGet();
        String message = "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"" + method + "\"}";
        return transport.send(
                new Envelope(
                        Envelope.Kind.REQUEST,
                        id,
                        method,
                        revision,
                        name,
                        mirrored,
                        System.nanoTime() + timeout.toNanos(),
                        waits),
                message.getBytes(StandardCharsets.UTF_8));
    }

    /** Sends a request of a size, waiting for its answer. */
    Exchange sendBig(int size, Duration timeout) throws TransportException {
        long id = ids.incrementAndGet();
        String begin = "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"tools/call\",\"params\":\"";
        return transport.send(
                new Envelope(
                        Envelope.Kind.REQUEST,
                        id,
                        "tools/call",
                        revision,
                        null,
                        Map.of(),
                        System.nanoTime() + timeout.toNanos(),
                        true),
                (begin + "x".repeat(size) + "\"}").getBytes(StandardCharsets.UTF_8));
    }

    Exchange send(String method) throws TransportException {
        return send(method, null, Map.of(), Duration.ofSeconds(WAIT_SECONDS), true);
    }

    Exchange sendWithoutWaiting(String method) throws TransportException {
        return send(method, null, Map.of(), Duration.ofSeconds(WAIT_SECONDS), false);
    }

    /** Sends a request and gives the message that answers it. */
    String ask(String method) throws Exception {
        send(method);
        return message();
    }

    /** Sends a request and gives what it fails with. */
    TransportException fail(String method) throws Exception {
        try {
            send(method);
        } catch (TransportException e) {
            return e;
        }
        return failure();
    }

    void tell(String method) throws TransportException {
        tell(Envelope.Kind.NOTIFICATION, method, "{\"jsonrpc\":\"2.0\",\"method\":\"" + method + "\"}");
    }

    /** Answers a request of the server. */
    void respond(String id) throws TransportException {
        tell(Envelope.Kind.RESPONSE, null, "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"result\":{}}");
    }

    private void tell(Envelope.Kind kind, String method, String message) throws TransportException {
        transport.send(
                new Envelope(
                        kind,
                        0,
                        method,
                        revision,
                        null,
                        Map.of(),
                        System.nanoTime() + Duration.ofSeconds(WAIT_SECONDS).toNanos()),
                message.getBytes(StandardCharsets.UTF_8));
    }

    String message() throws InterruptedException {
        String message = messages.poll(WAIT_SECONDS, TimeUnit.SECONDS);
        assertThat(message).as("a message; failures: %s", failures).isNotNull();
        return message;
    }

    TransportException failure() throws InterruptedException {
        Failure failure = failures.poll(WAIT_SECONDS, TimeUnit.SECONDS);
        assertThat(failure).as("a failure; messages: %s", messages).isNotNull();
        return failure.cause;
    }

    @Override
    public void onMessage(byte[] buffer, int offset, int length) {
        deliveredBy = Thread.currentThread();
        messages.add(new String(buffer, offset, length, StandardCharsets.UTF_8));
    }

    @Override
    public void onResponse(long requestId, byte[] buffer, int offset, int length) {
        responses.add(requestId);
        onMessage(buffer, offset, length);
    }

    @Override
    public void onOversized(byte[] head, byte[] tail, long size) {
        oversized.add(size);
    }

    @Override
    public void onRequestFailed(long requestId, TransportException cause) {
        failures.add(new Failure(requestId, cause));
    }

    @Override
    public void onClosed(TransportException cause) {
        closed.complete(cause == null ? "" : cause.getMessage());
    }

    @Override
    public void close() {
        transport.close();
    }
}
