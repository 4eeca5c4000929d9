package io.mcpdrivers.driver.http;

import io.mcpdrivers.spi.TransportException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.TimeValue;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP client with its connections, shared by all transports of one configuration. It is closed soon after the last
 * of them, so that one that follows at once finds its connections.
 */
final class SharedClient {

    private static final long LINGER_NANOS = 2_000_000_000L;
    private static final TimeValue LONGEST_IDLE = TimeValue.ofSeconds(30);

    private static final Map<ClientKey, SharedClient> CLIENTS = new HashMap<>();

    private final ClientKey key;
    /** Null where the driver needs none; else what sends requests, and what has to be cleaned of it. */
    private final @Nullable CloseableHttpClient http;

    private final @Nullable PoolingHttpClientConnectionManager connections;
    /** The driver's own; null behind an HTTP proxy and over HTTP/2. */
    private final @Nullable ConnectionPool pool;

    private final @Nullable Header proxyAuthorization;
    /** Under the lock of {@link #CLIENTS}, as the next one. */
    private int users;

    private long unusedSince;

    private SharedClient(ClientKey key) throws TransportException {
        this.key = key;
        this.proxyAuthorization = ClientFactory.proxyAuthorization(key);
        if (key.http2()) {
            pool = null;
            connections = null;
            http = ClientFactory.http2(key);
        } else if (key.httpProxy() != null) {
            pool = null;
            connections = ClientFactory.connections(key);
            http = ClientFactory.http1(key, connections);
        } else {
            pool = new ConnectionPool(new Connector(new DefaultClientTlsStrategy(Tls.context(key)), key.socksProxy()));
            connections = null;
            http = null;
        }
    }

    static SharedClient acquire(ClientKey key) throws TransportException {
        SharedClient client;
        synchronized (CLIENTS) {
            client = CLIENTS.get(key);
            if (client == null) {
                client = new SharedClient(key);
                CLIENTS.put(key, client);
            }
            client.users++;
        }
        // Not under the lock, which the watch takes under its own before it ends.
        ExchangeWatch.wake();
        return client;
    }

    void release() {
        synchronized (CLIENTS) {
            users--;
            unusedSince = System.nanoTime();
        }
    }

    static boolean anyOpen() {
        synchronized (CLIENTS) {
            return !CLIENTS.isEmpty();
        }
    }

    /** Called by the watch now and then. */
    static void clean() {
        SharedClient[] open;
        synchronized (CLIENTS) {
            open = CLIENTS.values().toArray(new SharedClient[0]);
        }
        for (SharedClient client : open) {
            if (client.connections != null) {
                client.connections.closeExpired();
                client.connections.closeIdle(LONGEST_IDLE);
            }
            if (client.pool != null) {
                client.pool.clean();
            }
            client.closeIfUnused();
        }
    }

    private void closeIfUnused() {
        synchronized (CLIENTS) {
            if (users > 0 || System.nanoTime() - unusedSince < LINGER_NANOS) {
                return;
            }
            CLIENTS.remove(key);
        }
        if (http != null) {
            http.close(CloseMode.IMMEDIATE);
        }
        if (pool != null) {
            pool.close();
        }
    }

    /** An attempt at a request; if it can be had, on a connection that was not used before. */
    Attempt attempt(Ticket ticket, boolean fresh) {
        ConnectionPool own = pool;
        CloseableHttpClient library = http;
        if (own != null || library == null) {
            return new DirectExchange(Objects.requireNonNull(own), ticket, fresh);
        }
        return new LibraryExchange(library, key.http2(), proxyAuthorization, ticket);
    }

    /** The driver's own connections; null behind an HTTP proxy and over HTTP/2. */
    @Nullable
    ConnectionPool pool() {
        return pool;
    }
}
