package io.mcpdrivers.driver.http;

import io.mcpdrivers.spi.TransportException;
import java.io.IOException;

/** Connects to an endpoint before there is a request, so that opening fails if it cannot be reached. */
final class Preconnection {

    private static final long KEPT_NANOS = 10_000_000_000L;

    private Preconnection() {}

    /**
     * Leaves a connection to the endpoint with the client, unless it has one. Does nothing behind an HTTP proxy,
     * whose connections are made for a request, and over HTTP/2.
     */
    static void make(SharedClient client, Endpoint endpoint, HttpFailures failures, long nanos)
            throws TransportException {
        ConnectionPool pool = client.pool();
        if (pool == null || pool.proxy() != null) {
            return;
        }
        try {
            pool.prepare(endpoint, Ticket.within(nanos), KEPT_NANOS);
        } catch (Ticket.Abandoned e) {
            throw failures.notDelivered(
                    TransportException.Kind.CONNECTION,
                    endpoint,
                    "was not connected to: "
                            + (Thread.currentThread().isInterrupted() ? "interrupted" : "no connection is free"));
        } catch (IOException e) {
            throw failures.io(e, endpoint, false);
        }
    }
}
