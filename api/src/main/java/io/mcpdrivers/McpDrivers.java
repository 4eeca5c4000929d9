package io.mcpdrivers;

import io.mcpdrivers.engine.CommonParameters;
import io.mcpdrivers.engine.Connector;
import io.mcpdrivers.engine.Drivers;
import io.mcpdrivers.spi.McpDriver;
import io.mcpdrivers.spi.McpUri;
import io.mcpdrivers.spi.McpUriException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Where connections come from: the counterpart of {@code DriverManager}.
 *
 * <pre>{@code
 * try (McpConnection c = McpDrivers.getConnection(
 *         "mcp:stdio:npx?arg=-y&arg=@modelcontextprotocol/server-everything")) {
 *     System.out.println(c.callTool("echo", Map.of("message", "hi")).text());
 * }
 * }</pre>
 *
 * <p>Drivers are found by {@link java.util.ServiceLoader} on the class path, on the module path, and through the
 * context class loader of the calling thread. One that cannot be loaded is logged and left out. All methods are
 * thread-safe.
 */
public final class McpDrivers {

    /** Reading a URI takes longer than leasing a connection, and applications ask for the same ones again and again. */
    private static final Map<String, McpUri> PARSED = new ConcurrentHashMap<>();

    private static final int MOST_PARSED = 1_000;

    private McpDrivers() {}

    /**
     * Gives a connection. If the pool module is present, it is leased from the default pool, and {@code close} gives it
     * back warm; if not, or if the URI says {@code pool=false}, it is opened, and {@code close} ends it.
     *
     * @param uri the server's URI, see {@link McpUri}
     * @return a connection, which the caller closes
     * @throws McpConfigurationException if the URI cannot be used
     * @throws McpConnectionException if no connection can be had
     * @throws McpPoolException if the pool gives none
     */
    public static McpConnection getConnection(String uri) {
        return getConnection(parse(uri));
    }

    /**
     * As {@link #getConnection(String)}, with parameters given apart.
     *
     * @param uri the server's URI
     * @param parameters parameters by name, not encoded; each replaces those of its name in the URI
     * @return a connection, which the caller closes
     */
    public static McpConnection getConnection(String uri, Map<String, String> parameters) {
        return getConnection(withParameters(uri, parameters));
    }

    private static McpConnection getConnection(McpUri uri) {
        PoolProvider pool = Drivers.poolProvider();
        if (pool == null || !pooled(uri)) {
            return open(uri, ConnectionOptions.defaults());
        }
        return pool.getConnection(uri);
    }

    private static boolean pooled(McpUri uri) {
        try {
            String value = uri.parameter("pool");
            return value != null && value.contains("${") ? uri.resolve().bool("pool", true) : uri.bool("pool", true);
        } catch (McpUriException e) {
            throw new McpConfigurationException(String.valueOf(e.getMessage()), e);
        }
    }

    /**
     * Opens a connection of the caller's own: a new process or session, which {@link McpConnection#close()} ends.
     *
     * @param uri the server's URI
     * @return a connection, which the caller closes
     * @throws McpConfigurationException if the URI cannot be used
     * @throws McpConnectionException if no connection can be had
     */
    public static McpConnection open(String uri) {
        return open(parse(uri), ConnectionOptions.defaults());
    }

    /**
     * As {@link #open(String)}, with parameters given apart.
     *
     * @param uri the server's URI
     * @param parameters parameters by name, not encoded; each replaces those of its name in the URI
     * @return a connection, which the caller closes
     */
    public static McpConnection open(String uri, Map<String, String> parameters) {
        return open(withParameters(uri, parameters), ConnectionOptions.defaults());
    }

    /**
     * As {@link #open(String)}, with what no URI can hold.
     *
     * @param uri the server's URI
     * @param options the application's own code for this connection
     * @return a connection, which the caller closes
     */
    public static McpConnection open(String uri, ConnectionOptions options) {
        return open(parse(uri), options);
    }

    private static McpConnection open(McpUri uri, ConnectionOptions options) {
        if (!uri.scheme().equals("server")) {
            return Connector.open(Connector.prepare(uri, null, options));
        }
        PoolProvider pool = Drivers.poolProvider();
        if (pool == null) {
            throw new McpConfigurationException(
                    "'" + uri + "' names a configured server, but configuration comes with the pool: put"
                            + " mcp-drivers-pool on the class path or module path",
                    null);
        }
        McpUri configured = CommonParameters.withOwnParameters(pool.serverUri(uri.target()), uri);
        return Connector.open(Connector.prepare(configured, uri.target(), options));
    }

    private static McpUri parse(String uri) {
        McpUri known = PARSED.get(Objects.requireNonNull(uri, "uri"));
        if (known != null) {
            return known;
        }
        try {
            McpUri parsed = McpUri.parse(uri);
            if (PARSED.size() >= MOST_PARSED) {
                PARSED.clear();
            }
            PARSED.put(uri, parsed);
            return parsed;
        } catch (McpUriException e) {
            throw new McpConfigurationException(String.valueOf(e.getMessage()), e);
        }
    }

    private static McpUri withParameters(String uri, Map<String, String> parameters) {
        McpUri.Builder builder = parse(uri).toBuilder();
        try {
            parameters.forEach(builder::set);
            return builder.build();
        } catch (IllegalArgumentException e) {
            throw new McpConfigurationException(String.valueOf(e.getMessage()), e);
        }
    }

    /**
     * Adds a driver. It is asked before those that were found.
     *
     * @param driver the driver
     */
    public static void register(McpDriver driver) {
        Drivers.register(driver);
    }

    /**
     * Removes a driver, whether it was registered or found. Connections that it has opened go on.
     *
     * @param driver the driver
     * @return false if it was not there
     */
    public static boolean deregister(McpDriver driver) {
        return Drivers.deregister(driver);
    }

    /**
     * The drivers that were registered or found, without those that only the context class loader of some thread sees.
     *
     * @return a snapshot, in the order in which they are asked
     */
    public static List<McpDriver> drivers() {
        return Drivers.all();
    }
}
