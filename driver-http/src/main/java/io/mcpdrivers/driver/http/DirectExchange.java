package io.mcpdrivers.driver.http;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.hc.client5.http.ClientProtocolException;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.io.ConnectionEndpoint;
import org.apache.hc.client5.http.io.LeaseRequest;
import org.apache.hc.core5.concurrent.Cancellable;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ConnectionRequestTimeoutException;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.impl.DefaultConnectionReuseStrategy;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * One request on one connection of the pool, to a server that no HTTP proxy stands before. What a whole HTTP client does
 * around that, such as authentication, costs more than the exchange itself and is not needed here.
 */
final class DirectExchange implements Cancellable {

    private static final Timeout LONGEST_WAIT = Timeout.ofDays(1);
    private static final long LONGEST_CONNECT_MILLIS = 30_000;
    private static final WireExecutor EXECUTOR = new WireExecutor();
    private static final ConnectionEndpoint.RequestExecutor EXECUTE =
            (request, connection, context) -> EXECUTOR.execute(request, connection, null, context);

    private final PoolingHttpClientConnectionManager connections;
    /** The connection while it is held; whoever takes it out gives it back. */
    private final AtomicReference<@Nullable ConnectionEndpoint> held = new AtomicReference<>();
    /** How long the connection may be kept after this; null if it cannot be used again. */
    private @Nullable TimeValue keepAlive;

    DirectExchange(PoolingHttpClientConnectionManager connections) {
        this.connections = connections;
    }

    /** Sends a request and gives the head of the answer; the connection is held until it is released or discarded. */
    ClassicHttpResponse execute(Endpoint at, WireRequest request, WireContext context) throws IOException {
        ConnectionEndpoint connection = lease(at, request);
        held.set(connection);
        request.setDependency(this);
        try {
            context.direct = true;
            context.reused = connection.isConnected();
            if (!context.reused) {
                long millis = Math.min(LONGEST_CONNECT_MILLIS, context.ticket.remaining() / 1_000_000);
                connections.connect(connection, TimeValue.ofMilliseconds(Math.max(1, millis)), context);
            }
            ClassicHttpResponse response = connection.execute(null, request, EXECUTE, context);
            if (DefaultConnectionReuseStrategy.INSTANCE.keepAlive(request, response, context)) {
                keepAlive = ClientFactory.keepAlive(response);
            }
            if (response.getEntity() == null) {
                release();
            }
            return response;
        } catch (IOException | RuntimeException e) {
            discard();
            throw e;
        } catch (HttpException e) {
            discard();
            throw new ClientProtocolException(e);
        }
    }

    private ConnectionEndpoint lease(Endpoint at, WireRequest request) throws IOException {
        LeaseRequest lease = connections.lease(null, at.route(), LONGEST_WAIT, null);
        request.setDependency(lease);
        try {
            return lease.get(LONGEST_WAIT);
        } catch (InterruptedException e) {
            lease.cancel();
            Thread.currentThread().interrupt();
            InterruptedIOException interrupted = new InterruptedIOException("Interrupted");
            interrupted.initCause(e);
            throw interrupted;
        } catch (TimeoutException e) {
            lease.cancel();
            throw new ConnectionRequestTimeoutException("No connection is free");
        } catch (ExecutionException e) {
            throw new IOException("No connection can be had: " + e.getCause(), e);
        }
    }

    /** The whole answer has been read: the connection may be used again. */
    void release() {
        ConnectionEndpoint connection = held.getAndSet(null);
        if (connection == null) {
            return;
        }
        TimeValue kept = keepAlive;
        if (kept == null) {
            close(connection);
        } else {
            connections.release(connection, null, kept);
        }
    }

    /** Closes the connection, unless it was given back. */
    void discard() {
        ConnectionEndpoint connection = held.getAndSet(null);
        if (connection != null) {
            close(connection);
        }
    }

    private void close(ConnectionEndpoint connection) {
        try {
            // At once: a peer that does not read could hold up a polite end of TLS.
            connection.close(CloseMode.IMMEDIATE);
        } finally {
            connections.release(connection, null, TimeValue.ZERO_MILLISECONDS);
        }
    }

    @Override
    public boolean cancel() {
        ConnectionEndpoint connection = held.getAndSet(null);
        if (connection == null) {
            return false;
        }
        close(connection);
        return true;
    }
}
