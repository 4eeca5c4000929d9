package io.mcpdrivers.driver.http;

import io.mcpdrivers.spi.DriverProperty;
import io.mcpdrivers.spi.McpDriver;
import io.mcpdrivers.spi.McpUri;
import io.mcpdrivers.spi.McpUriException;
import io.mcpdrivers.spi.OpenOptions;
import io.mcpdrivers.spi.Transport;
import io.mcpdrivers.spi.TransportException;
import java.util.List;
import java.util.Set;

/**
 * Opens {@code mcp:http://host/path}, {@code mcp:https://host/path} and {@code mcp:sse:http://host/path}: Streamable HTTP
 * of every protocol revision, and HTTP with SSE of 2024-11-05, to which the first two fall back as the specification
 * says. Several hosts, as in {@code mcp:http://a:3001,b:3001/mcp}, are replicas of one server.
 *
 * <p>The query belongs to the server; parameters stand in the fragment.
 *
 * <p>All transports that agree in proxy, trust, client certificate and HTTP version share one HTTP client with its
 * connections. A request whose caller waits is carried on the caller's thread; idle connections cost no thread.
 *
 * <p>Headers of the user's own come from {@code header.*} and from {@link OpenOptions#headers()}, which is asked for each
 * HTTP request anew, repeated ones included, on the thread that sends it: the caller's, if that waits. Those of the
 * supplier replace those of the URI. They go to the origins that the URI names, never to where a redirect leads beside
 * them. Refused are the headers that the driver itself sets: {@code Accept-Encoding}, {@code Connection}, {@code
 * Content-Encoding}, {@code Content-Length}, {@code Expect}, {@code Host}, {@code Keep-Alive}, {@code Last-Event-ID}, {@code
 * MCP-Protocol-Version}, {@code Mcp-Method}, {@code Mcp-Name}, {@code Mcp-Param-*}, {@code Mcp-Session-Id}, {@code
 * Proxy-Authorization}, {@code Proxy-Connection}, {@code TE}, {@code Trailer}, {@code Transfer-Encoding}, {@code Upgrade}.
 * {@code Accept} and {@code Content-Type} have no effect. A supplier that throws, or gives what no header can be, fails that
 * request, which is then not sent, with {@link TransportException.Kind#CONFIGURATION}. What cannot be used of a URI and its
 * parameters, files that they name included, is refused with {@link McpUriException}.
 *
 * @see <a href="https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http">Specification:
 *     Streamable HTTP</a>
 */
public final class HttpDriver implements McpDriver {

    private static final List<DriverProperty> PROPERTIES = List.of(
            DriverProperty.of(
                            "header.*",
                            DriverProperty.Type.STRING,
                            null,
                            "A header that is sent with each request, such as header.Authorization; never to another"
                                    + " origin, and none that the protocol sets.")
                    .secret(),
            DriverProperty.of(
                    "trustStore",
                    DriverProperty.Type.STRING,
                    null,
                    "A file with the certificates to trust, in place of those the JVM trusts: PEM, PKCS12 or JKS."),
            DriverProperty.of("trustStorePassword", DriverProperty.Type.STRING, null, "The password of the trustStore.")
                    .secret(),
            DriverProperty.of(
                    "clientCertificate",
                    DriverProperty.Type.STRING,
                    null,
                    "A file with the certificate and the key that this client shows to the server: PKCS12 or JKS."),
            DriverProperty.of(
                            "clientCertificatePassword",
                            DriverProperty.Type.STRING,
                            null,
                            "The password of the clientCertificate.")
                    .secret(),
            DriverProperty.of(
                    "proxy",
                    DriverProperty.Type.STRING,
                    null,
                    "The proxy as http://host:port, perhaps with user:password@, as socks://host:port, or none;"
                            + " by default what the JVM's system properties say."),
            DriverProperty.of(
                    "followRedirects",
                    DriverProperty.Type.STRING,
                    "sameOrigin",
                    "Where a server may redirect to: never, sameOrigin or always. Headers and session of this"
                            + " URI are never sent to another origin."),
            DriverProperty.of(
                    "loadBalance",
                    DriverProperty.Type.STRING,
                    "first",
                    "Which of several hosts a new connection goes to: first, random or roundRobin. One that"
                            + " cannot be reached rests for 1 s, 2 s and so on up to 32 s."),
            DriverProperty.of(
                    "httpVersion",
                    DriverProperty.Type.STRING,
                    "1.1",
                    "The HTTP version to speak: 1.1, or 2, for which the class path needs"
                            + " org.apache.httpcomponents.client5:httpclient5; over TLS, a server that has no 2 is"
                            + " spoken 1.1 to."),
            DriverProperty.of(
                    "gzip",
                    DriverProperty.Type.BOOLEAN,
                    "true",
                    "Whether the server may compress its answers; turn it off if it then holds events back."));

    /** Creates the driver; {@link java.util.ServiceLoader} does. */
    public HttpDriver() {}

    @Override
    public Set<String> schemes() {
        return Set.of("http", "https", "sse");
    }

    @Override
    public List<DriverProperty> properties() {
        return PROPERTIES;
    }

    @Override
    public Transport open(McpUri uri, OpenOptions options) throws TransportException {
        HttpSettings settings;
        SharedClient client;
        try {
            settings = HttpSettings.of(uri, options);
            client = SharedClient.acquire(settings.clientKey);
        } catch (TransportException e) {
            if (e.kind() == TransportException.Kind.CONFIGURATION) {
                throw unusable(uri, e);
            }
            throw e;
        }
        HttpTransport transport = new HttpTransport(settings, client);
        try {
            transport.open();
            return transport;
        } catch (TransportException | RuntimeException | Error e) {
            transport.close();
            throw e;
        }
    }

    /** What is wrong with the URI itself is wrong before there is any transport. */
    private static McpUriException unusable(McpUri uri, TransportException e) {
        // It may name a file that a placeholder stands for, in its own words and in those of the JDK.
        McpUriException unusable = new McpUriException(uri.redact(String.valueOf(e.getMessage())), -1);
        unusable.initCause(HttpFailures.unlessTelling(e.getCause(), uri::redact));
        return unusable;
    }
}
