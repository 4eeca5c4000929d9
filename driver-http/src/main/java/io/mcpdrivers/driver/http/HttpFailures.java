package io.mcpdrivers.driver.http;

import io.mcpdrivers.spi.TransportException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Words failures: with the URL, masked, the status, and at most 200 characters of what the server said. */
final class HttpFailures {

    private static final int MOST_QUOTED = 200;
    private static final Pattern HIDDEN =
            Pattern.compile("(?is)<(script|style)\\b.*?(</\\1\\s*>|\\z)|<!--.*?(-->|\\z)");
    /** An alert by which a server ends TLS, such as {@code bad_certificate}. */
    private static final Pattern REFUSED_CERTIFICATE =
            Pattern.compile("Received fatal alert: \\w*(certificate|unknown_ca)");

    private static final Pattern TAG = Pattern.compile("<[^>]*+(>|\\z)");

    private final HttpSettings settings;
    private final @Nullable HttpProxy proxy;

    HttpFailures(HttpSettings settings) {
        this.settings = settings;
        this.proxy = HttpProxy.of(settings.clientKey);
    }

    /** Servers and proxies may repeat what they were sent. */
    String redacted(String text) {
        String redacted = settings.uri.redact(text, settings.headers.lately());
        return proxy == null ? redacted : proxy.masked(redacted);
    }

    TransportException notDelivered(TransportException.Kind kind, Endpoint at, String what) {
        return of(kind, at, what, false, null);
    }

    TransportException of(
            TransportException.Kind kind, Endpoint at, String what, boolean delivered, @Nullable Throwable cause) {
        return new TransportException(
                kind,
                redacted("Server '" + settings.serverName + "' (" + at.display() + ") " + what),
                delivered,
                cause);
    }

    /** Where a server leads to from an endpoint. */
    Endpoint resolved(Endpoint from, @Nullable String reference) throws TransportException {
        try {
            return from.resolve(reference);
        } catch (TransportException e) {
            throw notDelivered(
                    TransportException.Kind.PROTOCOL, from, "names a place that cannot be used: " + e.getMessage());
        }
    }

    /** No answer came. */
    TransportException io(IOException e, Endpoint at, boolean delivered) {
        if (e instanceof HttpProxy.Refused refused) {
            return of(
                    refused.status == 407 ? TransportException.Kind.AUTHORIZATION : TransportException.Kind.CONNECTION,
                    at,
                    "cannot be reached: " + refused.getMessage()
                            + (refused.challenge.isEmpty()
                                    ? ""
                                    : " and Proxy-Authenticate: " + excerpt(refused.challenge))
                            + (refused.body.isBlank() ? "" : ": " + excerpt(refused.body)),
                    delivered,
                    masked(e));
        }
        if (e instanceof NoHttp noHttp) {
            return of(
                    TransportException.Kind.PROTOCOL,
                    at,
                    "answers with what is no HTTP: " + noHttp.told(quoted -> line(redacted(quoted))),
                    delivered,
                    masked(e));
        }
        return of(TransportException.Kind.CONNECTION, at, describe(e, at), delivered, masked(e));
    }

    private String describe(IOException e, Endpoint at) {
        for (Throwable t = e; t != null; t = t.getCause()) {
            if (t instanceof UnknownHostException || t instanceof UnresolvedAddressException) {
                return "cannot be reached: its name is not known (" + text(t) + ")";
            }
            if (t instanceof Connector.ConnectTimeoutException) {
                return "cannot be reached in time: " + text(t);
            }
            if (t instanceof ConnectException || t instanceof NoRouteToHostException) {
                return "cannot be reached: " + text(t);
            }
            if (t instanceof SSLException) {
                return "cannot be spoken to over TLS: " + text(t) + remedy(t);
            }
            if (t instanceof ResponseHead.NoAnswer) {
                return "has closed the connection instead of answering";
            }
        }
        // Over TLS both sides agree on a version; without it the driver can only assume that the server speaks it.
        boolean assumed = settings.clientKey.http2() && !at.isSecure();
        return "cannot be spoken to: " + text(e)
                + (assumed ? "; perhaps it does not speak HTTP/2, then leave httpVersion out" : "");
    }

    /** What may help where TLS has failed, of which the JDK tells in words and causes alone; empty if nothing is known. */
    private String remedy(Throwable failure) {
        String message = String.valueOf(failure.getMessage());
        if (message.contains("recognized SSL message")) {
            return "; perhaps it speaks http:// alone";
        }
        if (REFUSED_CERTIFICATE.matcher(message).find()) {
            return settings.clientKey.clientCertificate() == null
                    ? "; it wants a certificate of this client; name it with clientCertificate"
                    : "; it refuses the clientCertificate of this client";
        }
        for (Throwable t = failure; t != null; t = t.getCause()) {
            if (t instanceof CertPathValidatorException || t instanceof CertPathBuilderException) {
                return "; if its certificate is to be trusted, name it with trustStore";
            }
        }
        return "";
    }

    private static String text(Throwable e) {
        String message = e.getMessage();
        return message == null ? e.getClass().getSimpleName() : e.getClass().getSimpleName() + ": " + message;
    }

    private @Nullable Throwable masked(IOException e) {
        return unlessTelling(e, this::redacted);
    }

    /** A cause, unless it says what must not be said. */
    static @Nullable Throwable unlessTelling(@Nullable Throwable e, UnaryOperator<String> redaction) {
        for (Throwable t = e; t != null; t = t.getCause()) {
            String message = t.getMessage();
            if (message != null && !redaction.apply(message).equals(message)) {
                return null;
            }
        }
        return e;
    }

    /** A request was answered with a status that says it failed. */
    TransportException status(Answer answer, String body, boolean sessionIsKnown) {
        int status = answer.status();
        String what = "answered with status " + status;
        String retryAfter = answer.header("retry-after");
        if (retryAfter != null) {
            what += " and Retry-After: " + excerpt(retryAfter);
        }
        String challenge = answer.headers(status == 407 ? "proxy-authenticate" : "www-authenticate");
        if (!challenge.isEmpty()) {
            what += " and " + (status == 407 ? "Proxy-Authenticate: " : "WWW-Authenticate: ") + excerpt(challenge);
        }
        if (!body.isBlank()) {
            what += ": " + excerpt(body);
        }
        return of(kindOf(status, sessionIsKnown, body), answer.endpoint(), what, mayHaveRun(status, retryAfter), null);
    }

    private static TransportException.Kind kindOf(int status, boolean sessionIsKnown, String body) {
        if (status == 401 || status == 403 || status == 407) {
            return TransportException.Kind.AUTHORIZATION;
        }
        if (sessionIsKnown && (status == 404 || isSessionComplaint(status, body))) {
            return TransportException.Kind.SESSION_LOST;
        }
        if (status == 429) {
            return TransportException.Kind.REFUSED;
        }
        // The first three are about the connection that the request came on: another one may do (RFC 9110, RFC 8470).
        if (status == 408 || status == 421 || status == 425 || status >= 500) {
            return TransportException.Kind.CONNECTION;
        }
        return status >= 400 ? TransportException.Kind.REJECTED : TransportException.Kind.PROTOCOL;
    }

    /** Whether a failure is one of the server's state, or of the way to it, which another moment may end. */
    static boolean mayPass(TransportException failure) {
        return failure.kind() == TransportException.Kind.CONNECTION
                || failure.kind() == TransportException.Kind.REFUSED;
    }

    /** Servers that have lost a session say so with status 400, too, although the specification wants 404. */
    private static boolean isSessionComplaint(int status, String body) {
        String said = body.toLowerCase(Locale.ROOT);
        return status == 400 && (said.contains("session") || said.contains("not initialized"));
    }

    /** Whether a server that gives this status may have acted on the request. */
    private static boolean mayHaveRun(int status, @Nullable String retryAfter) {
        return status >= 500 && !(status == 503 && retryAfter != null) || status < 400;
    }

    /** What a page of HTML says; the text itself if it is none, or says nothing. */
    private static String withoutMarkup(String text) {
        String begin =
                text.substring(0, Math.min(text.length(), 100)).stripLeading().toLowerCase(Locale.ROOT);
        if (!begin.startsWith("<!doctype html") && !begin.startsWith("<html")) {
            return text;
        }
        String said = HIDDEN.matcher(text).replaceAll(" ");
        said = TAG.matcher(said).replaceAll(" ").replaceAll("\\s+", " ").strip();
        return said.isEmpty() ? text : said;
    }

    /** At most 200 characters on one line, of HTML what a reader would see. Of a secret, a part would stay if cut first. */
    String excerpt(String text) {
        return line(withoutMarkup(redacted(text)));
    }

    /** At most 200 characters on one line. */
    static String line(String text) {
        StringBuilder quoted = new StringBuilder();
        String stripped = text.strip();
        for (int i = 0; i < stripped.length() && i < MOST_QUOTED; i++) {
            char c = stripped.charAt(i);
            quoted.append(Character.isISOControl(c) ? ' ' : c);
        }
        return stripped.length() > MOST_QUOTED ? quoted.append("...").toString() : quoted.toString();
    }
}
