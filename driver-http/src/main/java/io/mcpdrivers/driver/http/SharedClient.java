package io.mcpdrivers.driver.http;

import io.mcpdrivers.spi.TransportException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP client with its connections, shared by all transports of one configuration. It is closed soon after the last
 * of them, so that one that follows at once finds its connections.
 */
final class SharedClient {

    private static final long LINGER_NANOS = 2_000_000_000L;
    /** What an application that wants HTTP/2 has to add. */
    static final String HTTP_2_LIBRARY = "org.apache.httpcomponents.client5:httpclient5:5.6";

    private static final Map<ClientKey, SharedClient> CLIENTS = new HashMap<>();

    private final ClientKey key;
    /** The driver's own connections; null over HTTP/2, and then the next one is not. */
    private final @Nullable ConnectionPool pool;

    /** Replaced under the lock of {@link #CLIENTS} when it is over. */
    private volatile @Nullable Http2Client http2;
    /** Under the lock of {@link #CLIENTS}, as the next one. */
    private int users;

    private long unusedSince;

    private SharedClient(ClientKey key) throws TransportException {
        this.key = key;
        this.http2 = key.http2() ? http2(key) : null;
        this.pool = key.http2()
                ? null
                : new ConnectionPool(new Connector(Tls.context(key), key.socksProxy(), HttpProxy.of(key)));
    }

    private static Http2Client http2(ClientKey key) throws TransportException {
        try {
            return Http2Client.of(key);
        } catch (LinkageError e) {
            throw new TransportException(
                    TransportException.Kind.CONFIGURATION,
                    "Parameter 'httpVersion' is 2, for which " + HTTP_2_LIBRARY
                            + " has to be on the class path or the module path; it is not there, or in another version ("
                            + e + "); add it, or leave the parameter out",
                    false,
                    e);
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
            if (client.pool != null) {
                client.pool.clean();
            }
            Http2Client library = client.http2;
            if (library != null) {
                library.clean();
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
        Http2Client library = http2;
        if (library != null) {
            library.close();
        }
        if (pool != null) {
            pool.close();
        }
    }

    /** An attempt at a request; if it can be had, on a connection that was not used before. */
    Attempt attempt(Ticket ticket, boolean fresh) throws TransportException {
        Http2Client library = http2;
        if (library != null) {
            return (library.isOver() ? instead(library) : library).attempt(ticket);
        }
        return new DirectExchange(Objects.requireNonNull(pool), ticket, fresh);
    }

    /** Another client of the library, which never recovers from an error in its thread, memory that is short for one. */
    private Http2Client instead(Http2Client over) throws TransportException {
        Http2Client made = http2(key);
        Http2Client unused = made;
        Http2Client used;
        synchronized (CLIENTS) {
            used = Objects.requireNonNull(http2);
            // Whoever is late may find that another was quicker, or that nobody uses it any more.
            if (used == over && CLIENTS.get(key) == this) {
                http2 = made;
                used = made;
                unused = over;
            }
        }
        unused.close();
        return used;
    }

    /** The library's client; null but over HTTP/2. */
    @Nullable
    Http2Client http2() {
        return http2;
    }

    /** The driver's own connections; null over HTTP/2. */
    @Nullable
    ConnectionPool pool() {
        return pool;
    }
}
