package io.mcpdrivers.engine;

import io.mcpdrivers.spi.McpUri;
import java.net.URI;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a URI tells of the network beneath a connection, in the words of the semantic conventions. The engine does not know
 * what a transport negotiates, so {@code network.protocol.version} is not there; nor is the transport of drivers other
 * than this project's own. Nothing is told here that the URI does not show: no host that a placeholder stands for, and
 * none of several.
 *
 * @param transport {@code network.transport}
 * @param protocol {@code network.protocol.name}
 * @param address {@code server.address}
 * @param port {@code server.port}
 */
record NetworkAttributes(
        @Nullable String transport,
        @Nullable String protocol,
        @Nullable String address,
        @Nullable String port) {

    private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{[^}]*}");
    /** What no host can have in it. */
    private static final String HIDDEN = "<";

    static NetworkAttributes of(McpUri uri) {
        return switch (uri.scheme()) {
            case "stdio" -> new NetworkAttributes("pipe", null, null, null);
            case "http", "https", "sse" -> http(uri.display());
            default -> new NetworkAttributes(null, null, null, null);
        };
    }

    private static NetworkAttributes http(String displayed) {
        String target = PLACEHOLDER.matcher(displayed).replaceAll(HIDDEN);
        int scheme = target.indexOf("://");
        String authority = scheme < 0 ? "" : target.substring(scheme + 3).split("[/?#]", 2)[0];
        try {
            URI url = URI.create("http://" + authority.substring(authority.lastIndexOf('@') + 1));
            int port = url.getPort() >= 0 ? url.getPort() : target.startsWith("https") ? 443 : 80;
            String host = url.getHost();
            return new NetworkAttributes("tcp", "http", host, host == null ? null : Integer.toString(port));
        } catch (IllegalArgumentException e) {
            return new NetworkAttributes("tcp", "http", null, null);
        }
    }
}
