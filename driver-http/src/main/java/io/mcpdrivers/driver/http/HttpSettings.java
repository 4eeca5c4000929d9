package io.mcpdrivers.driver.http;

import io.mcpdrivers.spi.McpUri;
import io.mcpdrivers.spi.OpenOptions;
import io.mcpdrivers.spi.TransportException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a URI says, checked. */
final class HttpSettings {

    /** Whom a redirect may lead to. */
    enum Redirects {
        NEVER,
        SAME_ORIGIN,
        ALWAYS
    }

    /** Which of several endpoints a connection goes to. */
    enum Balance {
        FIRST,
        RANDOM,
        ROUND_ROBIN
    }

    final McpUri uri;
    final String serverName;
    final int maxMessageSize;
    final long connectNanos;
    final List<Endpoint> endpoints;
    /** Sent with each request to the server's own origin, and to no other. */
    final OwnHeaders headers;
    /** Whether requests of the server are answered, so that there must be a stream on which they come. */
    final boolean answersServer;

    final ClientKey clientKey;
    final Redirects redirects;
    final Balance balance;
    final boolean gzip;
    /** Whether the old transport is asked for. */
    final boolean oldTransport;

    private HttpSettings(McpUri uri, OpenOptions options) throws TransportException {
        this.uri = uri;
        this.serverName = options.serverName();
        this.maxMessageSize = options.maxMessageSize();
        this.connectNanos = options.connectTimeout().toNanos();
        this.oldTransport = uri.scheme().equals("sse");
        String target = uri.target();
        this.endpoints = endpoints(target, uri.display());
        this.headers = headers(options);
        this.answersServer = options.answersServer();
        this.redirects = choice("followRedirects", "sameOrigin", Redirects.values());
        this.balance = choice("loadBalance", "first", Balance.values());
        this.gzip = uri.bool("gzip", true);
        this.clientKey = clientKey();
    }

    static HttpSettings of(McpUri uri, OpenOptions options) throws TransportException {
        return new HttpSettings(uri, options);
    }

    /** {@code http://a:1,b:2/path} names an endpoint per host. */
    private static List<Endpoint> endpoints(String target, String display) throws TransportException {
        int authority = target.indexOf("://") + 3;
        if (authority < 3) {
            throw new TransportException(
                    TransportException.Kind.CONFIGURATION,
                    "'" + display + "' is no URL; one is expected, as in mcp:https://host/mcp");
        }
        int end = authority;
        while (end < target.length() && "/?".indexOf(target.charAt(end)) < 0) {
            end++;
        }
        int host = target.lastIndexOf('@', end - 1) + 1;
        host = Math.max(host, authority);
        List<Endpoint> endpoints = new ArrayList<>();
        // What came out of a placeholder may be a secret.
        boolean hidden = display.contains("${");
        for (String each : target.substring(host, end).split(",", -1)) {
            String url = target.substring(0, authority) + each.trim() + target.substring(end);
            endpoints.add(Endpoint.of(url, hidden ? display : Endpoint.mask(url)));
        }
        return List.copyOf(endpoints);
    }

    private OwnHeaders headers(OpenOptions options) throws TransportException {
        try {
            return OwnHeaders.of(uri, options.headers());
        } catch (OwnHeaders.Unusable e) {
            throw configuration(String.valueOf(e.getMessage()));
        }
    }

    private <E extends Enum<E>> E choice(String parameter, String absent, E[] choices) throws TransportException {
        String value = uri.parameter(parameter);
        List<String> names = new ArrayList<>();
        for (E choice : choices) {
            String name = camelCase(choice.name());
            if (name.equals(value == null ? absent : value)) {
                return choice;
            }
            names.add(name);
        }
        throw configuration("Parameter '" + parameter + "' is '" + shown(parameter) + "'; it takes one of " + names);
    }

    /** The value of a parameter as it may be shown: what came out of a placeholder may be a secret. */
    private String shown(String parameter) {
        return String.join(", ", uri.display(parameter));
    }

    private static String camelCase(String constant) {
        StringBuilder name = new StringBuilder();
        for (String word : constant.toLowerCase(Locale.ROOT).split("_", -1)) {
            name.append(name.isEmpty() ? word : word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1));
        }
        return name.toString();
    }

    private ClientKey clientKey() throws TransportException {
        String version = uri.parameter("httpVersion");
        if (version != null && !version.equals("1.1") && !version.equals("2")) {
            throw configuration("Parameter 'httpVersion' is '" + shown("httpVersion") + "'; it takes 1.1 or 2");
        }
        String proxy = proxy();
        if ("2".equals(version) && proxy != null && ClientKey.isSocks(proxy)) {
            throw configuration(
                    "Parameter 'httpVersion' is 2, which cannot be spoken through a SOCKS proxy; leave it out");
        }
        return new ClientKey(
                uri.parameter("trustStore"),
                uri.parameter("trustStorePassword"),
                uri.parameter("clientCertificate"),
                uri.parameter("clientCertificatePassword"),
                proxy,
                "2".equals(version));
    }

    /** The proxy's URL; null for none. */
    private @Nullable String proxy() throws TransportException {
        String given = uri.parameter("proxy");
        if (given == null) {
            return systemProxy();
        }
        if (given.equals("none")) {
            return null;
        }
        if (!isProxy(given)) {
            throw configuration(
                    "Parameter 'proxy' must be none or like http://host:port, http://user:password@host:port or"
                            + " socks://host:port");
        }
        return given;
    }

    private static boolean isProxy(String text) {
        try {
            URI url = new URI(text);
            return text.matches("(?i)(http://([^/@]*@)?|socks://)[^/@]+:[0-9]{1,5}/?")
                    && url.getHost() != null
                    && url.getPort() > 0
                    && url.getPort() < 65_536;
        } catch (URISyntaxException e) {
            return false;
        }
    }

    /** What the JVM's system properties say, such as {@code https.proxyHost}. */
    private @Nullable String systemProxy() {
        ProxySelector selector = ProxySelector.getDefault();
        if (selector == null) {
            return null;
        }
        for (Proxy proxy : selector.select(URI.create(endpoints.get(0).host().toString()))) {
            if (proxy.type() == Proxy.Type.DIRECT) {
                return null;
            }
            if (proxy.address() instanceof InetSocketAddress address) {
                String scheme = proxy.type() == Proxy.Type.SOCKS ? "socks" : "http";
                String host = address.getHostString();
                return scheme + "://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
            }
        }
        return null;
    }

    /** Whether an endpoint is of an origin that the URI names. */
    boolean isOwn(Endpoint endpoint) {
        for (int i = 0; i < endpoints.size(); i++) {
            if (endpoints.get(i).isSameOrigin(endpoint)) {
                return true;
            }
        }
        return false;
    }

    private TransportException configuration(String reason) {
        return new TransportException(
                TransportException.Kind.CONFIGURATION, reason + " (in '" + uri + "', server '" + serverName + "')");
    }
}
