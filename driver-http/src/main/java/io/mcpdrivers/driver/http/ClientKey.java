package io.mcpdrivers.driver.http;

import java.net.InetSocketAddress;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * What connections of one client have in common; transports that agree in it share the client. Holds secrets, and is
 * only compared.
 *
 * @param trustStore a file; null for what the JVM trusts
 * @param trustStorePassword for it
 * @param clientCertificate a file; null for none
 * @param clientCertificatePassword for it
 * @param proxy the URL of a proxy, perhaps with user info; null for none
 * @param http2 whether to speak HTTP/2
 */
record ClientKey(
        @Nullable String trustStore,
        @Nullable String trustStorePassword,
        @Nullable String clientCertificate,
        @Nullable String clientCertificatePassword,
        @Nullable String proxy,
        boolean http2) {

    static boolean isSocks(String proxy) {
        return proxy.regionMatches(true, 0, "socks:", 0, 6);
    }

    /** The HTTP proxy; null for none. */
    @Nullable
    URI httpProxy() {
        return proxy == null || isSocks(proxy) ? null : URI.create(proxy);
    }

    /** The SOCKS proxy, its name not resolved; null for none. */
    @Nullable
    InetSocketAddress socksProxy() {
        if (proxy == null || !isSocks(proxy)) {
            return null;
        }
        URI uri = URI.create(proxy);
        return InetSocketAddress.createUnresolved(host(uri), uri.getPort());
    }

    /** Without the brackets of an IPv6 address. */
    static String host(URI uri) {
        String host = uri.getHost();
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    @Override
    public String toString() {
        return "ClientKey[http2=" + http2 + "]";
    }
}
