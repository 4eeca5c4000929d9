package io.mcpdrivers.driver.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** The head of a response, and its body as it comes. Used by one thread at a time. */
final class Answer {

    /** How long the end of a stream is awaited whose last message has come, before that is left to another thread. */
    private static final int SOON_MILLIS = 1;

    /** The same for all the reads that it takes. */
    private static final long SOON_NANOS = 10_000_000L;

    private static final long LATE_END_NANOS = 2_000_000_000L;
    private static final String JSON = "application/json";
    private static final String EVENTS = "text/event-stream";

    private static final int MOST_OF_REST = 64 * 1024;

    private final Received received;
    private final Ticket ticket;
    private final Endpoint endpoint;

    private final boolean compressed;
    /** Of a compressed body: whether its end was read. */
    private boolean rawIsOver;
    /** What reading it has failed with: between two members, unzipping takes that for the end. */
    private @Nullable IOException rawFailure;

    private @Nullable InputStream unzipped;
    /** Whether the end of the body was read, or it was given up; the connection may then be in use by another request. */
    private boolean ended;

    Answer(Received received, Ticket ticket, Endpoint endpoint) {
        this.received = received;
        this.ticket = ticket;
        this.endpoint = endpoint;
        this.ended = !received.hasBody();
        String encoding = received.header("content-encoding");
        this.compressed = encoding != null && encoding.toLowerCase(Locale.ROOT).contains("gzip");
    }

    int status() {
        return received.status();
    }

    /** Where the answer came from, redirects followed. */
    Endpoint endpoint() {
        return endpoint;
    }

    /** The first value of a header, whose name is given in lower case. */
    @Nullable
    String header(String name) {
        return received.header(name);
    }

    /** All values of a header, joined. */
    String headers(String name) {
        return received.headers(name);
    }

    /** Type and subtype of the body in lower case; empty if the server does not say. */
    String contentType() {
        String type = header("content-type");
        if (type == null || type.equals(JSON) || type.equals(EVENTS)) {
            return type == null ? "" : type;
        }
        int semicolon = type.indexOf(';');
        return (semicolon < 0 ? type : type.substring(0, semicolon)).trim().toLowerCase(Locale.ROOT);
    }

    boolean isEventStream() {
        return status() == 200 && contentType().equals(EVENTS);
    }

    /** The length of the body if that is known and its bytes come as they are; else -1. */
    long exactLength() {
        return !received.hasBody() ? 0 : compressed ? -1 : received.length();
    }

    /** The body as it comes, compressed or not. */
    private final class Raw extends InputStream {
        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            try {
                int read = received.read(buffer, offset, length);
                rawIsOver |= read < 0;
                return read;
            } catch (IOException e) {
                rawFailure = e;
                throw e;
            }
        }

        /** Whether more may come: then the stream above looks for another member. */
        @Override
        public int available() {
            return rawIsOver ? 0 : 1;
        }
    }

    /** Reads what has come of the body, at least a byte; -1 at its end. Ends when the time of the exchange is over. */
    int read(byte[] buffer, int offset, int length) throws IOException {
        if (!ended) {
            received.limitRead(ticket);
        }
        return readSome(buffer, offset, length);
    }

    /** The same, and ends at the given time at the latest. */
    private int readUntil(long nanos, byte[] buffer) throws IOException {
        if (!ended) {
            long left = Math.min(nanos - System.nanoTime(), ticket.remaining());
            received.limitRead((int) Math.max(1, left / 1_000_000 + 1));
            if (left <= 0) {
                throw new SocketTimeoutException("The body is not over yet");
            }
        }
        return readSome(buffer, 0, buffer.length);
    }

    private int readSome(byte[] buffer, int offset, int length) throws IOException {
        if (ended) {
            return -1;
        }
        int read;
        if (compressed) {
            InputStream from = unzipped;
            if (from == null) {
                from = new GZIPInputStream(new Raw());
                unzipped = from;
            }
            read = from.read(buffer, offset, length);
            if (read < 0 && rawFailure != null) {
                throw rawFailure;
            }
        } else {
            read = received.read(buffer, offset, length);
        }
        if (read < 0) {
            boolean complete = !compressed || compressedIsComplete();
            end();
            if (complete) {
                received.release();
            } else {
                received.giveUp();
            }
        }
        return read;
    }

    /** Whether behind the end of what was compressed comes the end of the body: else the connection cannot be used. */
    private boolean compressedIsComplete() {
        try {
            received.limitRead(SOON_MILLIS);
            return received.read(new byte[1], 0, 1) < 0;
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }

    /** The beginning of the body as text, to look into or to quote: what has come of it within two seconds. */
    String text() throws Ticket.Abandoned {
        if (ended) {
            return "";
        }
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        byte[] piece = new byte[2048];
        long until = System.nanoTime() + LATE_END_NANOS;
        Ticket limit = ExchangeWatch.limit(LATE_END_NANOS, received);
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
            ticket.checkWanted();
        } finally {
            ExchangeWatch.forget(limit);
        }
        return text.toString(StandardCharsets.UTF_8);
    }

    /** Reads the little that may be left, so that the connection can be used again; closes it if there is more. */
    void finish() {
        if (ended) {
            return;
        }
        long until = System.nanoTime() + LATE_END_NANOS;
        Ticket limit = ExchangeWatch.limit(LATE_END_NANOS, received);
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
        } finally {
            ExchangeWatch.forget(limit);
        }
        discard();
    }

    /**
     * When nothing of the rest matters: reads the end if that is there, and else has another thread await it for a while,
     * so that the caller does not wait and the connection can be used again.
     */
    void finishSoon() {
        if (ended) {
            return;
        }
        byte[] piece = Bodies.borrowPiece();
        try {
            long until = System.nanoTime() + SOON_NANOS;
            for (int sum = 0; !ended && sum < MOST_OF_REST; ) {
                received.limitRead(SOON_MILLIS);
                sum += Math.max(0, readSome(piece, 0, piece.length));
                if (!ended && System.nanoTime() - until >= 0) {
                    throw new SocketTimeoutException("The body is not over soon");
                }
            }
        } catch (SocketTimeoutException e) {
            if (RequestThreads.tryFinish(this::finish)) {
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
            end();
            received.giveUp();
        }
    }

    /** Nothing is read any more. */
    private void end() {
        ended = true;
        try {
            InputStream open = unzipped;
            if (open != null) {
                // Frees memory that is not the heap's.
                open.close();
            }
        } catch (IOException e) {
            // Nothing below is closed.
        }
    }
}
