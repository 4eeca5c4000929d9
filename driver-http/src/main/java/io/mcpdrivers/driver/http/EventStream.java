package io.mcpdrivers.driver.http;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one stream, which may come over several HTTP responses if it is resumed. Reading waits for the
 * listener, and so does the server in the end: nothing is buffered but the event that is being read.
 */
final class EventStream implements SseParser.Sink {

    private static final long DEFAULT_PAUSE_MILLIS = 1_000;
    private static final long SHORTEST_PAUSE_MILLIS = 10;
    private static final long LONGEST_PAUSE_MILLIS = 86_400_000;

    private final HttpTransport transport;
    /** The request whose response ends the stream; 0 if none does. */
    private final long awaited;

    private @Nullable String lastEventId;
    private long retryMillis = -1;
    private boolean answered;
    private long events;
    private @Nullable IOException brokenBy;

    EventStream(HttpTransport transport, long awaited) {
        this.transport = transport;
        this.awaited = awaited;
    }

    /** Reads until the response has come or the HTTP response ends, well or not. */
    void read(Answer answer, Ticket ticket) throws Ticket.Abandoned {
        SseParser parser = new SseParser(transport.settings.maxMessageSize, lastEventId, this);
        byte[] piece = Bodies.borrowPiece();
        brokenBy = null;
        try {
            while (!answered) {
                int read = answer.read(piece, 0, piece.length);
                if (read < 0) {
                    break;
                }
                parser.feed(piece, 0, read);
                if (parser.pendingSize() > Bodies.mostSkipped(transport.settings.maxMessageSize)) {
                    throw new Bodies.Endless(parser.pendingSize(), transport.settings.maxMessageSize);
                }
            }
        } catch (IOException e) {
            ticket.checkWanted();
            brokenBy = e;
        } finally {
            Bodies.returnPiece(piece);
            lastEventId = parser.lastEventId();
            if (parser.retryMillis() >= 0) {
                retryMillis = parser.retryMillis();
            }
            if (!answered) {
                answer.discard();
            }
        }
    }

    @Override
    public void event(String type, byte[] data, int length) {
        events++;
        if (length == 0 || !type.equals("message")) {
            return;
        }
        MessageGlance glance = MessageGlance.at(data, 0, length);
        if (awaited > 0 && glance.isErrorWithoutId()) {
            answered = true;
            transport.delivery.response(awaited, data, length);
            return;
        }
        long[] responses = glance.responses();
        for (long id : responses) {
            answered |= id == awaited;
        }
        transport.delivery.message(data, length);
        for (long id : responses) {
            if (id > 0 && id != awaited) {
                transport.answeredElsewhere(id);
            }
        }
    }

    @Override
    public void oversized(byte[] head, byte[] tail, long size) {
        events++;
        MessageGlance glance = MessageGlance.at(head, 0, head.length);
        // Who is told of it fails the request, or all of them if it does not show whose it was.
        answered |= awaited > 0
                && glance.kind() != MessageGlance.Kind.REQUEST_OR_NOTIFICATION
                && (glance.id() < 0 || glance.id() == awaited);
        transport.delivery.oversized(head, tail, size);
    }

    boolean isAnswered() {
        return answered;
    }

    /** What to resume after; null if the server gives no ids. */
    @Nullable
    String lastEventId() {
        return lastEventId;
    }

    /** How long to leave the server alone before the stream is resumed: as it wants, else a second. */
    long pauseNanos() {
        long millis = retryMillis < 0 ? DEFAULT_PAUSE_MILLIS : retryMillis;
        return Math.max(SHORTEST_PAUSE_MILLIS, Math.min(millis, LONGEST_PAUSE_MILLIS)) * 1_000_000;
    }

    /** How many events have come. */
    long events() {
        return events;
    }

    /** Why the last HTTP response broke off; null if it ended well. */
    @Nullable
    IOException brokenBy() {
        return brokenBy;
    }
}
