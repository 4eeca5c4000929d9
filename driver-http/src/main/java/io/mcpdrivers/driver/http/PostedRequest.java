package io.mcpdrivers.driver.http;

import io.mcpdrivers.spi.Envelope;
import io.mcpdrivers.spi.TransportException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One request, from its POST to its response, on one thread. */
final class PostedRequest implements Runnable {

    private static final int MOST_FAILED_RESUMPTIONS = 5;
    /** A server that cannot be connected to is most likely gone, and its callers are to know that soon. */
    private static final int MOST_REFUSED_RESUMPTIONS = 1;

    /** Of a body that is quoted. */
    private static final int MOST_LOOKED_INTO = 64 * 1024;

    private static final long LONGEST_FALLBACK_NANOS = 10_000_000_000L;

    private static final Logger log = LoggerFactory.getLogger(PostedRequest.class);

    private final HttpTransport transport;
    private final Envelope envelope;
    private final byte[] message;
    private final Ticket ticket;
    private @Nullable String sessionId;

    PostedRequest(HttpTransport transport, Envelope envelope, byte[] message, Ticket ticket) {
        this.transport = transport;
        this.envelope = envelope;
        this.message = message;
        this.ticket = ticket;
    }

    private boolean isInitialize() {
        return RequestHeaders.INITIALIZE.equals(envelope.method());
    }

    @Override
    public void run() {
        try {
            OldTransport old = transport.old();
            if (old != null) {
                old.post(envelope, message, ticket);
            } else {
                post();
            }
        } catch (Ticket.Abandoned e) {
            // Who gave it up knows; but not whether it was sent.
            if (ticket.endedUnsent()) {
                fail(transport.failures.notDelivered(
                        TransportException.Kind.TIMEOUT,
                        transport.endpoint(),
                        "could not be sent the request in time"));
            }
        } catch (TransportException e) {
            fail(e);
        } catch (IOException e) {
            if (!ticket.isOver()) {
                fail(transport.failures.io(e, transport.endpoint(), true));
            }
        } catch (RuntimeException | Error e) {
            log.error("A request to server '{}' failed", transport.settings.serverName, e);
            fail(transport.failures.of(
                    TransportException.Kind.PROTOCOL, transport.endpoint(), "could not be talked to: " + e, true, e));
        } finally {
            transport.unregister(ticket);
        }
    }

    private void fail(TransportException cause) {
        transport.delivery.failed(envelope.id(), cause);
    }

    private void post() throws IOException {
        sessionId = RequestHeaders.isModern(envelope.protocolVersion()) ? null : transport.session.id();
        Answer answer = answerFromSomeEndpoint();
        int status = answer.status();
        if (status / 100 != 2) {
            refused(answer);
            return;
        }
        ticket.answerBegins();
        if (isInitialize()) {
            String id = answer.header(RequestHeaders.SESSION_LOWER);
            if (id != null && !HeaderValues.isSessionId(id)) {
                answer.discard();
                throw protocol(answer, "gave a session id that is no visible ASCII", "");
            }
            transport.session.begin(id);
            sessionId = id;
        }
        switch (answer.contentType()) {
            case "text/event-stream" -> readStream(answer);
            case "application/json" -> readMessage(answer);
            default -> unknown(answer);
        }
    }

    private Answer answerFromSomeEndpoint() throws IOException {
        // Most often there is but one endpoint, and it answers.
        Set<Endpoint> tried = Set.of();
        while (true) {
            Endpoint at = transport.endpoint();
            try {
                Answer answer = transport.wire.send(
                        new Wire.Outgoing(
                                "POST", at, RequestHeaders.post(envelope, sessionId, transport.settings.gzip), message),
                        ticket);
                if (isInTrouble(answer.status())) {
                    // Not this request, which may have run, but the next one goes to another endpoint, if there is one.
                    boolean unused = transport.leaveEndpoint(at, new HashSet<>(), isInitialize());
                } else if (answer.status() < 500 && answer.status() != 429) {
                    EndpointHealth.succeeded(at);
                }
                return answer;
            } catch (Ticket.Abandoned e) {
                if (envelope.deadlineNanos() - System.nanoTime() <= 0) {
                    EndpointHealth.failed(at);
                }
                throw e;
            } catch (TransportException e) {
                if (tried.isEmpty()) {
                    tried = new HashSet<>();
                }
                boolean another = e.kind() == TransportException.Kind.CONNECTION
                        && !e.mayHaveBeenDelivered()
                        && transport.settings.endpoints.size() > 1
                        && transport.leaveEndpoint(at, tried, isInitialize());
                if (!another) {
                    throw e;
                }
                ticket.checkWanted();
            }
        }
    }

    private static boolean isInTrouble(int status) {
        return status == 500 || status == 502 || status == 503 || status == 504;
    }

    private void readMessage(Answer answer) throws IOException {
        Bodies.Message body;
        try {
            body = Bodies.read(answer, transport.settings.maxMessageSize, transport.delivery);
        } catch (Bodies.Endless e) {
            throw tooLarge(answer, e);
        } finally {
            // Without effect once it was read to its end.
            answer.discard();
        }
        if (body == null) {
            return;
        }
        MessageGlance glance = MessageGlance.at(body.buffer, 0, body.length);
        if (glance.isResponseTo(envelope.id())) {
            transport.delivery.message(body.buffer, body.length);
            return;
        }
        String text = text(body);
        if (!glance.isObject() && (body.length == 0 || body.buffer[0] != '[')) {
            throw protocol(
                    answer, "answered with status " + answer.status() + " and what is no JSON-RPC message", text);
        }
        if (glance.isErrorWithoutId()) {
            transport.delivery.response(envelope.id(), body.buffer, body.length);
            return;
        }
        transport.delivery.message(body.buffer, body.length);
        // If it was the response nevertheless, this is not heard any more.
        fail(protocol(answer, "answered with a message that is no response to request " + envelope.id(), text));
    }

    private TransportException tooLarge(Answer answer, Bodies.Endless e) {
        return protocol(answer, "answers with " + e.getMessage() + "; raise maxMessageSize or ask for less", "");
    }

    private static String text(Bodies.Message body) {
        return new String(body.buffer, 0, Math.min(body.length, MOST_LOOKED_INTO), StandardCharsets.UTF_8);
    }

    private TransportException protocol(Answer answer, String what, String body) {
        return transport.failures.of(
                TransportException.Kind.PROTOCOL,
                answer.endpoint(),
                what + (body.isBlank() ? "" : ": " + transport.failures.excerpt(body)),
                true,
                null);
    }

    /** A success without a type that the specification knows. */
    private void unknown(Answer answer) throws IOException {
        String type = answer.contentType();
        String body = answer.text();
        answer.discard();
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        if (type.isEmpty() && MessageGlance.at(bytes, 0, bytes.length).isResponseTo(envelope.id())) {
            transport.delivery.message(bytes, bytes.length);
            return;
        }
        throw protocol(
                answer,
                "answered a request with status " + answer.status() + " and "
                        + (body.isEmpty()
                                ? "without a body"
                                : type.isEmpty()
                                        ? "a body without a type"
                                        : "a body of type " + transport.failures.excerpt(type))
                        + " instead of application/json or text/event-stream",
                body);
    }

    private void readStream(Answer first) throws IOException {
        EventStream stream = new EventStream(transport, envelope.id());
        Answer answer = first;
        while (true) {
            stream.read(answer, ticket);
            if (stream.isAnswered()) {
                answer.finishSoon();
                return;
            }
            ticket.checkWanted();
            if (stream.brokenBy() instanceof Bodies.Endless e) {
                throw tooLarge(answer, e);
            }
            String id = stream.lastEventId();
            // Without its id, a stream would be another one; and no header can hold every id.
            if (RequestHeaders.isModern(envelope.protocolVersion()) || id == null || !HeaderValues.isValue(id)) {
                throw broken(answer, stream, null);
            }
            answer = resume(answer, stream);
        }
    }

    private TransportException broken(Answer answer, EventStream stream, @Nullable TransportException cause) {
        IOException brokenBy = stream.brokenBy();
        // The server has acted on the request, so that it is not the session or the request that is refused.
        TransportException.Kind kind = cause != null
                        && (cause.kind() == TransportException.Kind.AUTHORIZATION
                                || cause.kind() == TransportException.Kind.CONFIGURATION)
                ? cause.kind()
                : TransportException.Kind.CONNECTION;
        return transport.failures.of(
                kind,
                answer.endpoint(),
                "ended the stream before the response came"
                        + (brokenBy == null ? "" : " (" + brokenBy + ")")
                        + (cause == null ? "" : ", and it could not be resumed: " + cause.getMessage()),
                true,
                cause);
    }

    /** Not before the server wants it; a server that is out of reach for a while is tried some times. */
    private Answer resume(Answer broken, EventStream stream) throws IOException {
        for (int failed = 0; ; failed++) {
            ticket.pause(stream.pauseNanos() << Math.min(failed, 4));
            TransportException refusal;
            try {
                Answer answer = transport.wire.send(
                        new Wire.Outgoing(
                                "GET",
                                transport.endpoint(),
                                RequestHeaders.stream(envelope.protocolVersion(), sessionId, stream.lastEventId()),
                                null),
                        ticket);
                if (answer.isEventStream()) {
                    return answer;
                }
                String body = answer.text();
                answer.discard();
                refusal = transport.failures.status(answer, body, sessionId != null);
            } catch (TransportException e) {
                refusal = e;
            }
            int most = refusal.mayHaveBeenDelivered() ? MOST_FAILED_RESUMPTIONS : MOST_REFUSED_RESUMPTIONS;
            if (!HttpFailures.mayPass(refusal) || failed >= most) {
                throw broken(broken, stream, refusal);
            }
        }
    }

    /** The status says that it failed; a JSON-RPC error in the body says it better. */
    private void refused(Answer answer) throws IOException {
        int status = answer.status();
        String body = answer.text();
        answer.finishSoon();
        Refusal refusal = new Refusal(transport, envelope, answer, body);
        boolean old = isInitialize() && (status == 400 || status == 404 || status == 405) && !refusal.isModern();
        if (old && fallBack(answer)) {
            return;
        }
        refusal.tell(sessionId != null && !isInitialize());
    }

    /** Whether the server speaks the old transport, and has now been sent the request that way. */
    private boolean fallBack(Answer answer) throws IOException {
        // A server that speaks it says at once where to post to; others may offer a stream on which nothing comes.
        Ticket stream = Ticket.within(Math.min(LONGEST_FALLBACK_NANOS, ticket.remaining()));
        OldTransport old;
        try {
            old = transport.openOld(stream);
        } catch (TransportException e) {
            log.debug("{} does not speak HTTP with SSE: {}", answer.endpoint().display(), e.getMessage());
            return false;
        }
        old.start();
        old.post(envelope, message, ticket);
        return true;
    }
}
