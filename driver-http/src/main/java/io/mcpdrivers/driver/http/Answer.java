package io.mcpdrivers.driver.http;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.io.HttpClientConnection;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.io.ModalCloseable;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/** The head of a response, and its body as it comes. Used by one thread at a time. */
final class Answer {

    /** How long the end of a stream is awaited whose last message has come, before that is left to another thread. */
    private static final Timeout SOON = Timeout.ofMilliseconds(1);

    private static final long LATE_END_NANOS = 2_000_000_000L;
    private static final int MOST_OF_REST = 64 * 1024;

    private final ClassicHttpResponse response;
    private final WireContext context;
    private final Endpoint endpoint;
    /** Holds the connection; null if the HTTP client does. */
    private final @Nullable DirectExchange exchange;

    private @Nullable InputStream body;
    /** Whether the end of the body was read, or it was given up; the connection may then be in use by another request. */
    private boolean ended;

    Answer(ClassicHttpResponse response, WireContext context, Endpoint endpoint, @Nullable DirectExchange exchange) {
        this.response = response;
        this.context = context;
        this.endpoint = endpoint;
        this.exchange = exchange;
        this.ended = response.getEntity() == null;
    }

    int status() {
        return response.getCode();
    }

    /** Where the answer came from, redirects followed. */
    Endpoint endpoint() {
        return endpoint;
    }

    @Nullable
    String header(String name) {
        Header header = response.getFirstHeader(name);
        return header == null ? null : header.getValue();
    }

    /** All values of a header, joined. */
    String headers(String name) {
        StringBuilder all = new StringBuilder();
        for (Header header : response.getHeaders(name)) {
            all.append(all.isEmpty() ? "" : ", ").append(header.getValue());
        }
        return all.toString();
    }

    /** Type and subtype of the body in lower case; empty if the server does not say. */
    String contentType() {
        String type = header("Content-Type");
        if (type == null) {
            return "";
        }
        int semicolon = type.indexOf(';');
        return (semicolon < 0 ? type : type.substring(0, semicolon)).trim().toLowerCase(Locale.ROOT);
    }

    boolean isEventStream() {
        return status() == 200 && contentType().equals("text/event-stream");
    }

    /** The length of the body if that is known and its bytes come as they are; else -1. */
    long exactLength() throws IOException {
        HttpEntity entity = response.getEntity();
        return entity == null ? 0 : isCompressed() ? -1 : entity.getContentLength();
    }

    private boolean isCompressed() {
        String encoding = header("Content-Encoding");
        return encoding != null && encoding.toLowerCase(Locale.ROOT).contains("gzip");
    }

    private InputStream body() throws IOException {
        InputStream opened = body;
        if (opened == null) {
            HttpEntity entity = response.getEntity();
            InputStream content = entity == null ? null : entity.getContent();
            if (content == null) {
                opened = new ByteArrayInputStream(new byte[0]);
            } else {
                opened = isCompressed() ? new GZIPInputStream(content) : content;
            }
            body = opened;
        }
        return opened;
    }

    /** Reads what has come of the body, at least a byte; -1 at its end. Ends when the time of the exchange is over. */
    int read(byte[] buffer, int offset, int length) throws IOException {
        HttpClientConnection connection = context.connection;
        if (connection != null && !ended) {
            context.ticket.limitRead(connection);
        }
        return readSome(buffer, offset, length);
    }

    /** The same, and ends at the given time at the latest. */
    private int readUntil(long nanos, byte[] buffer) throws IOException {
        HttpClientConnection connection = context.connection;
        if (connection != null && !ended) {
            long left = Math.min(nanos - System.nanoTime(), context.ticket.remaining());
            if (left <= 0) {
                throw new SocketTimeoutException("The body is not over yet");
            }
            connection.setSocketTimeout(Timeout.ofMilliseconds(left / 1_000_000 + 1));
        }
        return readSome(buffer, 0, buffer.length);
    }

    private int readSome(byte[] buffer, int offset, int length) throws IOException {
        if (ended) {
            return -1;
        }
        int read = body().read(buffer, offset, length);
        if (read < 0) {
            boolean complete = !isCompressed() || compressedIsComplete();
            ended = true;
            if (exchange != null && complete) {
                exchange.release();
            } else if (!complete) {
                giveUp();
            }
        }
        return read;
    }

    /** Whether behind the end of what was compressed comes the end of the body: else the connection cannot be used. */
    private boolean compressedIsComplete() {
        HttpClientConnection connection = context.connection;
        try {
            if (connection != null) {
                connection.setSocketTimeout(SOON);
            }
            return response.getEntity().getContent().read() < 0;
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }

    /** The beginning of the body as text, to look into or to quote: what has come of it within two seconds. */
    String text() throws Ticket.Abandoned {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        byte[] piece = new byte[2048];
        long until = System.nanoTime() + LATE_END_NANOS;
        try {
            while (text.size() < MOST_OF_REST) {
                int read = readUntil(until, piece);
                if (read < 0) {
                    break;
                }
                text.write(piece, 0, read);
            }
        } catch (IOException e) {
            discard();
            context.ticket.checkWanted();
        }
        return text.toString(StandardCharsets.UTF_8);
    }

    /** Reads the little that may be left, so that the connection can be used again; closes it if there is more. */
    void finish() {
        long until = System.nanoTime() + LATE_END_NANOS;
        try {
            byte[] piece = new byte[2048];
            for (int sum = 0; sum < MOST_OF_REST; ) {
                int read = readUntil(until, piece);
                if (read < 0) {
                    return;
                }
                sum += read;
            }
        } catch (IOException e) {
            // Then it cannot be used again.
        }
        discard();
    }

    /**
     * When nothing of the rest matters: reads the end if that is there, and else has another thread await it for a while,
     * so that the caller does not wait and the connection can be used again.
     */
    void finishSoon() {
        HttpClientConnection connection = context.connection;
        byte[] piece = Bodies.borrowPiece();
        try {
            for (int sum = 0; connection != null && !ended && sum < MOST_OF_REST; ) {
                connection.setSocketTimeout(SOON);
                sum += Math.max(0, readSome(piece, 0, piece.length));
            }
        } catch (SocketTimeoutException e) {
            if (RequestThreads.tryExecute(this::finish)) {
                return;
            }
        } catch (IOException e) {
            // Then it cannot be used again.
        } finally {
            Bodies.returnPiece(piece);
        }
        discard();
    }

    /** Gives the connection up, unless the body was read to its end. */
    void discard() {
        if (!ended) {
            ended = true;
            giveUp();
        }
    }

    private void giveUp() {
        if (exchange != null) {
            exchange.discard();
            return;
        }
        HttpClientConnection connection = context.connection;
        if (connection != null) {
            // At once: a peer that does not read could hold up a polite end of TLS.
            connection.close(CloseMode.IMMEDIATE);
        }
        try {
            if (response instanceof ModalCloseable closeable) {
                closeable.close(CloseMode.IMMEDIATE);
            } else {
                response.close();
            }
        } catch (IOException e) {
            // It is closed all the same.
        }
    }
}
