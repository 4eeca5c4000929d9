package io.mcpdrivers.spi;

import java.time.Duration;
import java.util.Objects;

/**
 * What a driver is told when it opens a transport.
 *
 * @param serverName the name of the server for logs and thread names, for example {@code files}; not empty, no secret
 * @param connectTimeout the time for {@link McpDriver#open}; positive
 * @param maxMessageSize the largest inbound message in bytes; positive. A longer one is skipped, see
 *     {@link TransportListener#onOversized}
 */
public record OpenOptions(String serverName, Duration connectTimeout, int maxMessageSize) {

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
     * Options with the given name, a {@code connectTimeout} of 30 s and the default message size.
     *
     * @param serverName the name of the server
     * @return the options
     */
    public static OpenOptions of(String serverName) {
        return new OpenOptions(serverName, Duration.ofSeconds(30), DEFAULT_MAX_MESSAGE_SIZE);
    }
}
