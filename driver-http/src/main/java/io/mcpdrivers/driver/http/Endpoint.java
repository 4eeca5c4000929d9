package io.mcpdrivers.driver.http;

import io.mcpdrivers.spi.McpUri;
import io.mcpdrivers.spi.McpUriException;
import io.mcpdrivers.spi.TransportException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One URL that requests go to, with what is made of it for each request. */
final class Endpoint {

    /** An authority with a name that is usual, but none by RFC 2396: of a service of Docker Compose, with an underscore. */
    private static final Pattern NAMED = Pattern.compile("(?:.*@)?([A-Za-z0-9_.-]+)(?::([0-9]*))?");

    private final Host host;
    private final String path;
    private final String display;
    private final byte[] requestLine;
    /** Where its connections are; kept here by the pool, so that it need not look. */
    volatile ConnectionPool.@Nullable Origin origin;

    /**
     * Creates an endpoint.
     *
     * @param host scheme, name and port
     * @param path path and query as they are sent
     * @param display the whole as it may be shown
     */
    Endpoint(Host host, String path, String display) {
        this.host = host;
        this.path = path;
        this.display = display;
        this.requestLine = RequestHead.ascii(path + " HTTP/1.1\r\nHost: " + host.authority() + "\r\n");
    }

    /**
     * Reads a URL; user info in it is left out.
     *
     * @throws TransportException if it is no HTTP URL
     */
    static Endpoint of(String url) throws TransportException {
        return of(url, mask(url));
    }

    /**
     * Reads a URL; user info in it is left out.
     *
     * @param display the URL as it may be shown
     * @throws TransportException if it is no HTTP URL
     */
    static Endpoint of(String url, String display) throws TransportException {
        URI uri;
        try {
            uri = new URI(new URI(url).toASCIIString());
        } catch (URISyntaxException e) {
            throw unusable(display, "it is no URL: " + e.getReason() + " at position " + e.getIndex());
        }
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        if (!scheme.equals("http") && !scheme.equals("https")) {
            throw unusable(display, "its scheme must be http or https");
        }
        String name = uri.getHost();
        int port = uri.getPort();
        if (name == null && uri.getRawAuthority() != null) {
            // What URI takes for no host it leaves as it is.
            Matcher named = NAMED.matcher(uri.getRawAuthority());
            if (!named.matches()) {
                throw unusable(
                        display,
                        "its host must be an address or a name of the letters a to z, digits, '-', '_' and '.', and a"
                                + " port behind it a number");
            }
            name = named.group(1);
            if (scheme.equals("https") && name.indexOf('_') >= 0) {
                throw unusable(
                        url,
                        "the name of its host has an underscore, and TLS takes none; use another name, or http where"
                                + " that is safe");
            }
            String digits = named.group(2);
            if (digits != null && !digits.isEmpty()) {
                port = digits.length() > 5 ? Integer.MAX_VALUE : Integer.parseInt(digits);
            }
        }
        if (name == null) {
            throw unusable(display, "it names no host");
        }
        if (port < 0) {
            port = scheme.equals("https") ? 443 : 80;
        }
        if (port < 1 || port > 65535) {
            throw unusable(display, "its port must be from 1 to 65535");
        }
        String rawPath = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        String query = uri.getRawQuery();
        if (name.startsWith("[")) {
            name = name.substring(1, name.length() - 1);
        }
        return new Endpoint(
                new Host(scheme, name.toLowerCase(Locale.ROOT), port),
                query == null ? rawPath : rawPath + "?" + query,
                display);
    }

    private static TransportException unusable(String display, String reason) {
        return new TransportException(
                TransportException.Kind.CONFIGURATION, "'" + display + "' cannot be connected to: " + reason);
    }

    /** A URL without what is secret in it. */
    static String mask(String url) {
        int fragment = url.indexOf('#');
        String address = fragment < 0 ? url : url.substring(0, fragment);
        try {
            return McpUri.parse("mcp:" + address).display();
        } catch (McpUriException e) {
            int query = address.indexOf('?');
            return (query < 0 ? address : address.substring(0, query)).replaceAll("//[^/@]*@", "//***@");
        }
    }

    Host host() {
        return host;
    }

    String path() {
        return path;
    }

    String display() {
        return display;
    }

    /** What follows the method, with the header {@code Host}; begins with the path. */
    byte[] requestLine() {
        return requestLine;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Endpoint that && host.equals(that.host) && path.equals(that.path);
    }

    @Override
    public int hashCode() {
        return 31 * host.hashCode() + path.hashCode();
    }

    boolean isSecure() {
        return host.isSecure();
    }

    boolean isSameOrigin(Endpoint other) {
        return host.equals(other.host);
    }

    String url() {
        return host + path;
    }

    /**
     * The URL that a reference leads to from here.
     *
     * @throws TransportException if that is no HTTP URL
     */
    Endpoint resolve(@Nullable String reference) throws TransportException {
        if (reference == null || reference.isBlank()) {
            throw new TransportException(
                    TransportException.Kind.PROTOCOL, display + " leads elsewhere without saying where");
        }
        String written = reference.trim();
        try {
            URI relative = new URI(written);
            // URI knows RFC 2396; by RFC 3986 a query alone replaces that of this URL, and nothing else.
            return of(
                    written.startsWith("?")
                            ? host + path.replaceFirst("\\?.*", "") + written
                            : new URI(url()).resolve(relative).toString());
        } catch (URISyntaxException e) {
            throw new TransportException(
                    TransportException.Kind.PROTOCOL, display + " leads to '" + mask(reference) + "', which is no URL");
        }
    }
}
