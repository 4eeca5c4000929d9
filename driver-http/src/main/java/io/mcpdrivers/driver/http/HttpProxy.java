package io.mcpdrivers.driver.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP proxy: what is for plain servers it is sent itself, to those behind TLS it opens a tunnel.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9110#name-connect">RFC 9110: CONNECT</a>
 */
final class HttpProxy {

    private static final long LONGEST_BODY_NANOS = 2_000_000_000L;
    private static final int MOST_OF_BODY = 64 * 1024;

    /** A proxy has not opened the way to a server. The message does not quote the proxy. */
    static final class Refused extends IOException {
        private static final long serialVersionUID = 1L;

        final int status;
        /** As it came, as the next one; empty if there is none. */
        final transient String challenge;

        final transient String body;

        Refused(int status, String challenge, String body) {
            super("the proxy answered with status " + status);
            this.status = status;
            this.challenge = challenge;
            this.body = body;
        }
    }

    private final Host host;
    /** User and password, joined and encoded; null if there are none. */
    private final @Nullable String credentials;

    private final @Nullable Header authorization;

    private HttpProxy(Host host, @Nullable String credentials) {
        this.host = host;
        this.credentials = credentials;
        this.authorization =
                credentials == null ? null : Header.sensitive("Proxy-Authorization", "Basic " + credentials);
    }

    /** The proxy of a client; null if it has none, or one that speaks SOCKS. */
    static @Nullable HttpProxy of(ClientKey key) {
        URI proxy = key.httpProxy();
        if (proxy == null) {
            return null;
        }
        String user = proxy.getUserInfo();
        return new HttpProxy(
                new Host("http", ClientKey.host(proxy), proxy.getPort()),
                user == null || user.isEmpty() ? null : OwnHeaders.credentials(user));
    }

    Host host() {
        return host;
    }

    /** What the proxy wants to know; null for nothing. Never for a server. */
    @Nullable
    Header authorization() {
        return authorization;
    }

    /** The same as part of the head of a request. */
    void writeAuthorization(RequestHead lines) {
        if (authorization != null) {
            lines.header(authorization);
        }
    }

    /** Has a connection to the proxy lead to a server from now on. */
    void openTunnel(WireConnection connection, Host to) throws IOException {
        RequestHead lines = new RequestHead(connection.buffer)
                .add(RequestHead.ascii("CONNECT " + to.address() + " HTTP/1.1\r\nHost: " + to.address() + "\r\n"));
        writeAuthorization(lines);
        lines.header(RequestHeaders.USER_AGENT).end();
        ResponseHead answer;
        try {
            connection.write(lines.bytes(), 0, lines.length());
            answer = ResponseHead.readFinal(connection);
        } catch (NoHttp e) {
            throw e.from("the proxy");
        } catch (SocketTimeoutException e) {
            throw failed(new Connector.ConnectTimeoutException("the proxy has not opened a tunnel in time"), e);
        } catch (IOException e) {
            throw failed(new ConnectException("the proxy has opened no tunnel: " + e.getMessage()), e);
        }
        if (answer.status >= 300) {
            throw refusal(answer, connection);
        }
        if (!connection.isClean()) {
            // Over TLS it is the client who speaks first.
            throw new NoHttp("from the proxy, more than the head of an answer to CONNECT");
        }
    }

    private static IOException failed(IOException failure, IOException cause) {
        failure.initCause(cause);
        return failure;
    }

    private static Refused refusal(ResponseHead answer, WireConnection connection) {
        String challenge = answer.headers("proxy-authenticate");
        return new Refused(answer.status, challenge, text(BodyFraming.of(answer, connection), connection));
    }

    /** A text without the credentials, as they are sent. */
    String masked(String text) {
        return credentials == null ? text : text.replace(credentials, "***");
    }

    /** What has come of a body within two seconds. */
    private static String text(BodyFraming body, WireConnection connection) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        byte[] piece = new byte[2048];
        Ticket limit = ExchangeWatch.limit(LONGEST_BODY_NANOS, connection::close);
        try {
            while (text.size() < MOST_OF_BODY) {
                int read = body.read(piece, 0, piece.length);
                if (read < 0) {
                    break;
                }
                text.write(piece, 0, read);
            }
        } catch (IOException e) {
            // What has come says enough.
        } finally {
            ExchangeWatch.forget(limit);
        }
        return text.toString(StandardCharsets.UTF_8);
    }
}
