package io.mcpdrivers.driver.http;

import io.mcpdrivers.spi.TransportException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sends HTTP requests for one transport: on a connection that lives, to where redirects lead, and again if the server
 * asks for patience.
 */
final class Wire {

    private static final int MOST_REDIRECTS = 5;
    /** After so many connections that the server had closed, a new one is made, where the driver has that in hand. */
    private static final int FEW_STALE = 3;

    private static final int MOST_STALE = 10_000;
    private static final long SHORTEST_PAUSE_NANOS = 100_000_000L;
    private static final long LONGEST_PAUSE_SECONDS = 86_400;

    private final HttpSettings settings;
    private final SharedClient client;
    private final HttpFailures failures;

    Wire(HttpSettings settings, SharedClient client, HttpFailures failures) {
        this.settings = settings;
        this.client = client;
        this.failures = failures;
    }

    /**
     * What to send.
     *
     * @param method the HTTP method
     * @param endpoint where to
     * @param headers beside those of the URI
     * @param body null for none
     */
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    record Outgoing(String method, Endpoint endpoint, List<Header> headers, byte @Nullable [] body) {}

    /**
     * Sends a request and gives the head of the answer, whatever its status.
     *
     * @throws Ticket.Abandoned if nobody waits any more
     * @throws TransportException if no answer came
     */
    Answer send(Outgoing request, Ticket ticket) throws Ticket.Abandoned, TransportException {
        Endpoint at = request.endpoint;
        // Credentials, and the session, are for the origin that the URI names, and not for where that sends us and
        // back.
        boolean trusted = settings.isOwn(at);
        long pause = SHORTEST_PAUSE_NANOS;
        for (int redirects = 0; ; ) {
            Answer answer = sendTo(at, trusted, request, ticket);
            int status = answer.status();
            if (status == 301 || status == 302 || status == 307 || status == 308) {
                Endpoint from = at;
                at = redirected(answer, from, redirects++);
                trusted &= at.isSameOrigin(from);
            } else if (status == 429 || status == 503) {
                long wanted = retryAfterNanos(answer.header("retry-after"));
                long wait = Math.max(pause, wanted);
                if (wanted < 0 || wait >= ticket.remainingUntilAnswer() || !ticket.hasDeadline()) {
                    return answer;
                }
                answer.finish();
                ticket.sent = false;
                ticket.pause(wait);
                pause *= 2;
            } else {
                return answer;
            }
        }
    }

    private Endpoint redirected(Answer answer, Endpoint from, int redirects) throws TransportException {
        String location = answer.header("location");
        answer.finish();
        Endpoint to = failures.resolved(from, location);
        boolean allowed = switch (settings.redirects) {
            case NEVER -> false;
            case SAME_ORIGIN -> to.isSameOrigin(from);
            case ALWAYS -> true;
        };
        if (!allowed || redirects >= MOST_REDIRECTS) {
            throw failures.notDelivered(
                    TransportException.Kind.PROTOCOL,
                    from,
                    "redirects with status " + answer.status() + " to " + to.display()
                            + (allowed
                                    ? ", after " + redirects + " redirects before"
                                    : ", which followRedirects=" + settings.uri.parameter("followRedirects")
                                            + " does not allow (by default only the same origin may be led to); use"
                                            + " that URL if it is trusted"));
        }
        return to;
    }

    private Answer sendTo(Endpoint at, boolean trusted, Outgoing request, Ticket ticket)
            throws Ticket.Abandoned, TransportException {
        OwnHeaders.Sent own = trusted ? own(at) : OwnHeaders.Sent.NONE;
        for (int stale = 0; ; stale++) {
            Attempt attempt = client.attempt(ticket, stale >= FEW_STALE);
            ticket.begin(attempt);
            try {
                Answer answer = attempt.send(at, request, own, trusted);
                ticket.sent = true;
                return answer;
            } catch (TransportException e) {
                throw e;
            } catch (IOException e) {
                boolean maySent = attempt.maySent(e);
                if (maySent) {
                    ticket.sent = true;
                }
                ticket.checkWanted();
                // Nothing else is sent again here: the server may have acted on it.
                if (!maySent && attempt.isReused() && stale < MOST_STALE) {
                    continue;
                }
                throw failures.io(e, at, maySent);
            } catch (IllegalStateException e) {
                // So a channel says that it was closed, by whoever cancels, before it was connected.
                ticket.checkWanted();
                throw failures.of(
                        TransportException.Kind.CONNECTION,
                        at,
                        "was not connected to: " + e.getMessage(),
                        attempt.maySent(new IOException(e)),
                        e);
            }
        }
    }

    private OwnHeaders.Sent own(Endpoint at) throws TransportException {
        try {
            return settings.headers.next();
        } catch (OwnHeaders.Unusable e) {
            throw failures.of(
                    TransportException.Kind.CONFIGURATION,
                    at,
                    "was not sent a request: " + e.getMessage(),
                    false,
                    e.getCause());
        }
    }

    /** How long the server wants to be left alone; -1 if it does not say. */
    static long retryAfterNanos(@Nullable String value) {
        if (value == null) {
            return -1;
        }
        String text = value.trim();
        if (text.matches("[0-9]{1,9}")) {
            return Math.min(Long.parseLong(text), LONGEST_PAUSE_SECONDS) * 1_000_000_000L;
        }
        try {
            Instant when = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
            long seconds = Duration.between(Instant.now(), when).toSeconds() + 1;
            return Math.max(0, Math.min(seconds, LONGEST_PAUSE_SECONDS)) * 1_000_000_000L;
        } catch (DateTimeParseException e) {
            return -1;
        }
    }
}
