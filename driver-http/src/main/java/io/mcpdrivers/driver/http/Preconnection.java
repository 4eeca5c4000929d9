package io.mcpdrivers.driver.http;

import io.mcpdrivers.spi.TransportException;
import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.io.ConnectionEndpoint;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;

/** Connects to an endpoint before there is a request, so that opening fails if it cannot be reached. */
final class Preconnection {

    private static final TimeValue KEPT = TimeValue.ofSeconds(10);

    private Preconnection() {}

    /**
     * Leaves a connection to the endpoint with the client, unless it has one. Does nothing behind a proxy, whose
     * connections are made for a request, and over HTTP/2.
     */
    static void make(SharedClient client, Endpoint endpoint, HttpFailures failures, long nanos)
            throws TransportException {
        PoolingHttpClientConnectionManager connections = client.connections();
        if (connections == null || client.hasProxy()) {
            return;
        }
        Timeout timeout = Timeout.ofMilliseconds(Math.max(1, Math.min(nanos, 86_400_000_000_000L) / 1_000_000));
        ConnectionEndpoint connection;
        try {
            connection =
                    connections.lease("open", endpoint.route(), timeout, null).get(timeout);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failures.notDelivered(
                    TransportException.Kind.CONNECTION, endpoint, "was not connected to: interrupted");
        } catch (ExecutionException | TimeoutException e) {
            throw failures.notDelivered(
                    TransportException.Kind.CONNECTION, endpoint, "was not connected to: no connection is free");
        }
        boolean usable = false;
        try {
            if (!connection.isConnected()) {
                connections.connect(connection, timeout, HttpClientContext.create());
            }
            usable = true;
        } catch (IOException e) {
            throw failures.io(e, endpoint, false);
        } finally {
            if (!usable) {
                connection.close(CloseMode.IMMEDIATE);
            }
            connections.release(connection, null, usable ? KEPT : TimeValue.ZERO_MILLISECONDS);
        }
    }
}
