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
    private @Nullable InputStream body;
    /** Whether the end of the body was read; the connection may then be in use by another request. */
    private boolean ended;

    Answer(ClassicHttpResponse response, WireContext context, Endpoint endpoint) {
        this.response = response;
        this.context = context;
        this.endpoint = endpoint;
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
        if (connection != null) {
            context.ticket.limitRead(connection);
        }
        return readFrom(body(), buffer, offset, length);
    }

    private int readFrom(InputStream in, byte[] buffer, int offset, int length) throws IOException {
        int read = ended ? -1 : in.read(buffer, offset, length);
        ended |= read < 0;
        return read;
    }

    /** The beginning of the body as text, to look into or to quote. */
    String text() throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        byte[] piece = new byte[2048];
        while (text.size() < MOST_OF_REST) {
            int read = read(piece, 0, piece.length);
            if (read < 0) {
                break;
            }
            text.write(piece, 0, read);
        }
        return text.toString(StandardCharsets.UTF_8);
    }

    /** Reads the little that may be left, so that the connection can be used again; closes it if there is more. */
    void finish() {
        try {
            byte[] piece = new byte[2048];
            for (int sum = 0; sum < MOST_OF_REST; ) {
                int read = read(piece, 0, piece.length);
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
     * After the last message of a stream: reads its end if that is there, and else has another thread await it for a
     * while, so that the caller does not wait and the connection can be used again.
     */
    void finishSoon() {
        HttpClientConnection connection = context.connection;
        byte[] piece = Bodies.borrowPiece();
        try {
            while (connection != null && !ended) {
                connection.setSocketTimeout(SOON);
                readFrom(body(), piece, 0, piece.length);
            }
        } catch (SocketTimeoutException e) {
            if (RequestThreads.tryExecute(this::finishLate)) {
                return;
            }
        } catch (IOException e) {
            // Then it cannot be used again.
        } finally {
            Bodies.returnPiece(piece);
        }
        discard();
    }

    private void finishLate() {
        try {
            byte[] piece = new byte[512];
            long until = System.nanoTime() + LATE_END_NANOS;
            HttpClientConnection connection = context.connection;
            for (long left = LATE_END_NANOS; connection != null && left > 0; left = until - System.nanoTime()) {
                connection.setSocketTimeout(Timeout.ofMilliseconds(left / 1_000_000 + 1));
                if (readFrom(body(), piece, 0, piece.length) < 0) {
                    return;
                }
            }
        } catch (IOException e) {
            // Then it cannot be used again.
        }
        discard();
    }

    /** Gives the connection up, unless the body was read to its end. */
    void discard() {
        if (ended) {
            return;
        }
        ended = true;
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
