package io.mcpdrivers.driver.http;

import io.mcpdrivers.spi.TransportException;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.message.BasicHeader;
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

    private static final Header JSON = new BasicHeader("Content-Type", "application/json");

    private static final Map<ClientKey, SharedClient> CLIENTS = new HashMap<>();

    private final ClientKey key;
    private final CloseableHttpClient http;
    /** Null over HTTP/2, where the client has its own. */
    private final @Nullable PoolingHttpClientConnectionManager connections;

    private final @Nullable Header proxyAuthorization;
    /** Under the lock of {@link #CLIENTS}, as the next one. */
    private int users;

    private long unusedSince;

    private SharedClient(ClientKey key) throws TransportException {
        this.key = key;
        this.proxyAuthorization = ClientFactory.proxyAuthorization(key);
        this.connections = key.http2() ? null : ClientFactory.connections(key);
        this.http = connections == null ? ClientFactory.http2(key) : ClientFactory.http1(key, connections);
    }

    static SharedClient acquire(ClientKey key) throws TransportException {
        synchronized (CLIENTS) {
            SharedClient client = CLIENTS.get(key);
            if (client == null) {
                client = new SharedClient(key);
                CLIENTS.put(key, client);
            }
            client.users++;
            ExchangeWatch.wake();
            return client;
        }
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
        http.close(CloseMode.IMMEDIATE);
    }

    /** Sends a request, and gives the head of the answer. */
    Answer send(Endpoint at, WireRequest request, WireContext context) throws IOException {
        HttpEntity entity = request.getEntity();
        if (entity != null) {
            request.addHeader(JSON);
        }
        PoolingHttpClientConnectionManager direct = connections;
        if (direct == null || hasProxy()) {
            if (proxyAuthorization != null && !at.isSecure()) {
                request.setHeader(proxyAuthorization);
            }
            return new Answer(http.executeOpen(at.host(), request, context), context, at, null);
        }
        request.addHeader(at.hostHeader());
        if (entity != null) {
            request.addHeader(new BasicHeader("Content-Length", entity.getContentLength()));
        }
        DirectExchange exchange = new DirectExchange(direct);
        return new Answer(exchange.execute(at, request, context), context, at, exchange);
    }

    boolean isHttp2() {
        return key.http2();
    }

    /** Null over HTTP/2. */
    @Nullable
    PoolingHttpClientConnectionManager connections() {
        return connections;
    }

    /** Whether requests go by way of an HTTP proxy. */
    boolean hasProxy() {
        return key.httpProxy() != null;
    }
}
