package io.mcpdrivers.driver.http;

import io.mcpdrivers.spi.Envelope;
import io.mcpdrivers.spi.TransportException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * HTTP with SSE of revision 2024-11-05: one stream on which the server says where to post messages to, and on which all
 * its messages come. Its end is the end of the transport.
 *
 * @see <a href="https://modelcontextprotocol.io/specification/2024-11-05/basic/transports">Specification: HTTP with SSE</a>
 */
final class OldTransport implements SseParser.Sink {

    private static final int MOST_EARLY = 100;
    private static final String HINT =
            "; if the server speaks Streamable HTTP, leave out 'sse:' of 'mcp:sse:', which is for HTTP with SSE alone";

    private final HttpTransport transport;
    private final Ticket stream;
    private final Answer answer;
    private final SseParser parser;
    /** What comes before it may be delivered; with the next two under its own lock. */
    private final List<Runnable> early = new ArrayList<>();

    private long earlySize;
    private boolean started;
    private @Nullable String reference;
    private Endpoint postTo;

    private OldTransport(HttpTransport transport, Ticket stream, Answer answer) {
        this.transport = transport;
        this.stream = stream;
        this.answer = answer;
        this.postTo = answer.endpoint();
        this.parser = new SseParser(transport.settings.maxMessageSize, null, this);
    }

    /**
     * Opens the stream and awaits the place to post to.
     *
     * @param ticket limits this; from then on it is the stream's
     */
    static OldTransport open(HttpTransport transport, Endpoint at, Ticket ticket)
            throws Ticket.Abandoned, TransportException {
        Answer answer = transport.wire.send(
                new Wire.Outgoing("GET", at, RequestHeaders.stream(null, null, null), null), ticket);
        try {
            if (answer.status() != 200) {
                TransportException refusal = transport.failures.status(answer, answer.text(), false);
                throw refusal.kind() == TransportException.Kind.REJECTED && transport.settings.oldTransport
                        ? hinting(refusal)
                        : refusal;
            }
            if (!answer.contentType().equals("text/event-stream")) {
                throw transport.failures.notDelivered(
                        TransportException.Kind.PROTOCOL,
                        at,
                        "answered a GET with type '" + transport.failures.excerpt(answer.contentType())
                                + "' instead of text/event-stream: " + transport.failures.excerpt(answer.text())
                                + (transport.settings.oldTransport ? HINT : ""));
            }
            OldTransport opened = new OldTransport(transport, ticket, answer);
            opened.awaitEndpoint();
            ticket.becomeEndless();
            return opened;
        } catch (TransportException e) {
            answer.discard();
            throw e;
        } catch (IOException e) {
            answer.discard();
            ticket.checkWanted();
            throw transport.failures.io(e, at, false);
        }
    }

    private static TransportException hinting(TransportException refusal) {
        return new TransportException(
                refusal.kind(), refusal.getMessage() + HINT, refusal.mayHaveBeenDelivered(), refusal.getCause());
    }

    private void awaitEndpoint() throws IOException {
        byte[] piece = new byte[2048];
        while (reference == null) {
            int read = answer.read(piece, 0, piece.length);
            if (read < 0) {
                throw transport.failures.notDelivered(
                        TransportException.Kind.PROTOCOL,
                        answer.endpoint(),
                        "ended the stream before it said where to post messages to (event 'endpoint')");
            }
            parser.feed(piece, 0, read);
            if (tooMuchEarly()) {
                throw transport.failures.notDelivered(
                        TransportException.Kind.PROTOCOL,
                        answer.endpoint(),
                        "sent more than " + MOST_EARLY + " messages or " + transport.settings.maxMessageSize
                                + " bytes of them before it said where to post messages to (event 'endpoint')");
            }
        }
        Endpoint found = transport.failures.resolved(answer.endpoint(), reference);
        if (!found.isSameOrigin(answer.endpoint())) {
            throw transport.failures.notDelivered(
                    TransportException.Kind.PROTOCOL,
                    answer.endpoint(),
                    "wants messages to be posted to " + found.display() + ", which is of another origin");
        }
        postTo = found;
    }

    /** Begins delivering. */
    void start() {
        RequestThreads.stream(this::deliver);
    }

    private void deliver() {
        synchronized (early) {
            started = true;
            early.forEach(Runnable::run);
            early.clear();
        }
        byte[] piece = new byte[8192];
        IOException brokenBy = null;
        try {
            for (int read = answer.read(piece, 0, piece.length);
                    read >= 0;
                    read = answer.read(piece, 0, piece.length)) {
                parser.feed(piece, 0, read);
            }
        } catch (IOException e) {
            brokenBy = e;
        } finally {
            answer.discard();
            transport.unregister(stream);
        }
        transport.lose(transport.failures.of(
                TransportException.Kind.CONNECTION,
                answer.endpoint(),
                "has ended the stream on which it answers" + (brokenBy == null ? "" : " (" + brokenBy + ")"),
                false,
                brokenBy));
    }

    @Override
    public void event(String type, byte[] data, int length) {
        if (type.equals("endpoint") && reference == null) {
            reference = new String(data, 0, length, StandardCharsets.UTF_8);
        } else if (type.equals("message") && length > 0) {
            hand(length, () -> transport.delivery.message(data, length));
        }
    }

    @Override
    public void oversized(byte[] head, byte[] tail, long size) {
        hand(head.length + tail.length, () -> transport.delivery.oversized(head, tail, size));
    }

    private boolean tooMuchEarly() {
        synchronized (early) {
            return early.size() > MOST_EARLY || earlySize > transport.settings.maxMessageSize;
        }
    }

    private void hand(int size, Runnable delivery) {
        synchronized (early) {
            if (!started) {
                earlySize += size;
                early.add(delivery);
                return;
            }
        }
        delivery.run();
    }

    /** Posts a message; what it brings comes on the stream. */
    void post(Envelope envelope, byte[] message, Ticket ticket) throws IOException {
        Answer posted = transport.wire.send(
                new Wire.Outgoing("POST", postTo, RequestHeaders.post(envelope, null, false), message), ticket);
        if (posted.status() / 100 != 2) {
            String body = posted.text();
            posted.discard();
            // The stream is the session: a server that does not know it has lost it.
            new Refusal(transport, envelope, posted, body).tell(!RequestHeaders.INITIALIZE.equals(envelope.method()));
            return;
        }
        posted.finish();
    }
}
