package io.mcpdrivers.driver.http;

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

    @Override
    public String toString() {
        return "ClientKey[http2=" + http2 + "]";
    }
}
