package io.mcpdrivers.engine;

import io.mcpdrivers.spi.McpUri;
import org.jspecify.annotations.Nullable;

/** Turns URIs into connections. */
public final class Connector {

    private Connector() {}

    /**
     * Finds the driver, checks the parameters and fills in the placeholders.
     *
     * @param uri the URI, as written by the user
     * @param name the server's name; null to make one up from the URI
     * @return what is needed to connect
     * @throws io.mcpdrivers.McpConfigurationException if the URI cannot be used
     */
    public static ServerTarget prepare(McpUri uri, @Nullable String name) {
        throw new IllegalStateException("not yet");
    }

    /**
     * Opens a connection, handshake included. Blocks for at most {@link ServerTarget#connectTimeout()}; if the thread
     * is interrupted, gives up and leaves nothing behind.
     *
     * @param target what to connect to
     * @return an open connection
     * @throws io.mcpdrivers.McpException if none can be had
     */
    public static PhysicalConnection open(ServerTarget target) {
        throw new IllegalStateException("not yet");
    }
}
