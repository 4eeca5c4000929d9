package io.mcpdrivers.driver.http;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one stream, which may come over several HTTP responses if it is resumed. Reading waits for the
 * listener, and so does the server in the end: nothing is buffered but the event that is being read.
 */
final class EventStream implements SseParser.Sink {

    private final int maxSize;
    private final Delivery delivery;
    /** The request whose response ends the stream; 0 if none does. */
    private final long awaited;

    private @Nullable String lastEventId;
    private long retryMillis = -1;
    private boolean answered;
    private long events;
    private @Nullable IOException brokenBy;

    EventStream(int maxSize, Delivery delivery, long awaited) {
        this.maxSize = maxSize;
        this.delivery = delivery;
        this.awaited = awaited;
    }

    /** Reads until the response has come or the HTTP response ends, well or not. */
    void read(Answer answer, Ticket ticket) throws Ticket.Abandoned {
        SseParser parser = new SseParser(maxSize, lastEventId, this);
        byte[] piece = Bodies.borrowPiece();
        brokenBy = null;
        try {
            while (!answered) {
                int read = answer.read(piece, 0, piece.length);
                if (read < 0) {
                    break;
                }
                parser.feed(piece, 0, read);
                if (parser.pendingSize() > Bodies.mostSkipped(maxSize)) {
                    throw new Bodies.Endless(parser.pendingSize(), maxSize);
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
        if (awaited > 0) {
            MessageGlance glance = MessageGlance.at(data, 0, length);
            if (glance.isErrorWithoutId()) {
                answered = true;
                delivery.response(awaited, data, length);
                return;
            }
            answered |= glance.isResponseTo(awaited);
        }
        delivery.message(data, length);
    }

    @Override
    public void oversized(byte[] head, byte[] tail, long size) {
        events++;
        MessageGlance glance = MessageGlance.at(head, 0, head.length);
        // Who is told of it fails the request, or all of them if it does not show whose it was.
        answered |= awaited > 0
                && glance.kind() != MessageGlance.Kind.REQUEST_OR_NOTIFICATION
                && (glance.id() < 0 || glance.id() == awaited);
        delivery.oversized(head, tail, size);
    }

    boolean isAnswered() {
        return answered;
    }

    /** What to resume after; null if the server gives no ids. */
    @Nullable
    String lastEventId() {
        return lastEventId;
    }

    /** How long the server wants to be left alone before the stream is resumed; -1 if it has not said. */
    long retryMillis() {
        return retryMillis;
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
