package io.mcpdrivers.driver.http;

import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.io.HttpClientConnection;
import org.jspecify.annotations.Nullable;

/** What is known of one attempt to send a request. */
final class WireContext extends HttpClientContext {

    final Ticket ticket;
    /** Null until the request has a connection, and over HTTP/2. */
    volatile @Nullable HttpClientConnection connection;
    /** Whether the connection was there before this attempt, so that the server may have closed it meanwhile. */
    volatile boolean reused;
    /** Whether what was sent last asks a proxy for a tunnel. */
    volatile boolean tunnelling;
    /** Whether the connection leads through a tunnel that was opened by this attempt. */
    volatile boolean tunnelled;
    /** Whether the last byte of the request was handed over to the system; only then can the server have acted on it. */
    volatile boolean sent;

    WireContext(Ticket ticket) {
        this.ticket = ticket;
    }
}
