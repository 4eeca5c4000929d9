package io.mcpdrivers.driver.http;

import io.mcpdrivers.spi.Envelope;
import io.mcpdrivers.spi.TransportException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** An answer whose status says that a request failed; a JSON-RPC error in its body may say it better. */
final class Refusal {

    /** {@code HeaderMismatch} and the two errors about revisions and capabilities. */
    private static final Pattern MODERN = code("-3202[012]");

    private static final Pattern UNKNOWN_METHOD = code("-32601");
    /** With these, SDKs say that they do not know a session. */
    private static final Pattern UNKNOWN_SESSION = code("-3200[01]");

    private final HttpTransport transport;
    private final Envelope envelope;
    private final Answer answer;
    private final String body;

    Refusal(HttpTransport transport, Envelope envelope, Answer answer, String body) {
        this.transport = transport;
        this.envelope = envelope;
        this.answer = answer;
        this.body = body;
    }

    private static Pattern code(String code) {
        return Pattern.compile("\"code\"\\s*:\\s*" + code + "\\b");
    }

    private boolean says(Pattern code) {
        return code.matcher(body).find();
    }

    /** Whether it is an error that only servers since 2026-07-28 have. */
    boolean isModern() {
        return says(MODERN);
    }

    /**
     * Delivers the error that the body holds, if that is what the refusal is about.
     *
     * @param sessionIsKnown whether the request belongs to a session that the server has given before
     * @throws TransportException if there is none
     */
    void tell(boolean sessionIsKnown) throws TransportException {
        int status = answer.status();
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        TransportException failure = transport.failures.status(answer, body, sessionIsKnown);
        if (envelope.kind() != Envelope.Kind.REQUEST) {
            throw failure;
        }
        MessageGlance glance = MessageGlance.at(bytes, 0, bytes.length);
        // What answers this request speaks of it, not of the session, unless it has the code that SDKs use for that.
        boolean aboutRequest = status == 400 && glance.isErrorTo(envelope.id()) && !says(UNKNOWN_SESSION);
        boolean refuses = failure.kind() == TransportException.Kind.REJECTED
                || failure.kind() == TransportException.Kind.SESSION_LOST && (says(UNKNOWN_METHOD) || aboutRequest);
        // A server that is in trouble may still say so in the protocol, but what it is, is not to be concluded from
        // that.
        boolean fails =
                status >= 500 && answer.header("retry-after") == null && !"server/discover".equals(envelope.method());
        if ((refuses || fails) && glance.isResponseTo(envelope.id())) {
            transport.delivery.message(bytes, bytes.length);
        } else if ((refuses || isModern() && fails) && glance.isErrorWithoutId()) {
            transport.delivery.response(envelope.id(), bytes, bytes.length);
        } else {
            throw failure;
        }
    }
}
