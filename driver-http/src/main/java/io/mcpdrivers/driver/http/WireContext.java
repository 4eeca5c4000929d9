package io.mcpdrivers.driver.http;

import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.io.HttpClientConnection;
import org.jspecify.annotations.Nullable;

/** What is known of one attempt to send a request. */
final class WireContext extends HttpClientContext {

    final Ticket ticket;
    /** Null until the request has a connection, and over HTTP/2. */
    volatile @Nullable HttpClientConnection connection;
    /** Whether the connection had carried a request before. */
    volatile boolean reused;
    /** Whether the connection turned out to have been closed before the request was written. */
    volatile boolean stale;
    /** Whether the last byte of the request was handed over to the system; only then can the server have acted on it. */
    volatile boolean sent;

    WireContext(Ticket ticket) {
        this.ticket = ticket;
    }
}
