package io.mcpdrivers.spi;

import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * What a driver is told when it opens a transport.
 *
 * @param serverName the name of the server for logs and thread names, for example {@code files}; not empty, no secret
 * @param connectTimeout the time for {@link McpDriver#open}; positive
 * @param maxMessageSize the largest inbound message in bytes; positive. A longer one is skipped, see
 *     {@link TransportListener#onOversized}
 * @param headers asked before each request for headers to send with it, by transports that have such; may be called by
 *     several threads at once. What it throws fails the request. Its values are secrets
 * @param answersServer whether the client answers requests of the server, for which a transport may have to keep a
 *     stream open
 */
public record OpenOptions(
        String serverName,
        Duration connectTimeout,
        int maxMessageSize,
        Supplier<Map<String, String>> headers,
        boolean answersServer) {

    /** The {@link #headers()} of whoever has none to add. */
    public static final Supplier<Map<String, String>> NO_HEADERS = Map::of;

    /** The default of {@link #maxMessageSize()}: 16 MiB. */
    public static final int DEFAULT_MAX_MESSAGE_SIZE = 16 * 1024 * 1024;

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if a value is out of its range
     */
    public OpenOptions {
        Objects.requireNonNull(serverName, "serverName");
        Objects.requireNonNull(connectTimeout, "connectTimeout");
        Objects.requireNonNull(headers, "headers");
        if (serverName.isEmpty()) {
            throw new IllegalArgumentException("serverName is empty");
        }
        if (connectTimeout.isNegative() || connectTimeout.isZero()) {
            throw new IllegalArgumentException("connectTimeout must be positive, but is " + connectTimeout);
        }
        if (maxMessageSize < 1) {
            throw new IllegalArgumentException("maxMessageSize must be positive, but is " + maxMessageSize);
        }
    }

    /**
     * Options without headers, of a client that answers no requests.
     *
     * @param serverName see {@link #serverName()}
     * @param connectTimeout see {@link #connectTimeout()}
     * @param maxMessageSize see {@link #maxMessageSize()}
     * @throws IllegalArgumentException if a value is out of its range
     */
    public OpenOptions(String serverName, Duration connectTimeout, int maxMessageSize) {
        this(serverName, connectTimeout, maxMessageSize, NO_HEADERS, false);
    }

    /**
     * Options with the given name, a {@code connectTimeout} of 30 s and the default message size.
     *
     * @param serverName the name of the server
     * @return the options
     */
    public static OpenOptions of(String serverName) {
        return new OpenOptions(serverName, Duration.ofSeconds(30), DEFAULT_MAX_MESSAGE_SIZE);
    }
}
