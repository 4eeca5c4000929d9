package io.mcpdrivers.pool;

import io.mcpdrivers.McpConfigurationException;
import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpDataSource;
import io.mcpdrivers.engine.Connector;
import io.mcpdrivers.engine.ShutdownSequence;
import io.mcpdrivers.spi.McpUri;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleSupplier;

/**
 * Keeps connections to MCP servers warm and lends them: the counterpart of a JDBC connection pool, for any number of
 * servers at once.
 *
 * <pre>{@code
 * try (McpPool pool = McpPool.fromProperties(Path.of("mcp-drivers.properties"));
 *         McpConnection c = pool.getConnection("files")) {
 *     System.out.println(c.callTool("list_directory", Map.of("path", "/data")).text());
 * }
 * }</pre>
 *
 * <p>Closing a lease gives the connection back; calls that are still in flight on it finish first. Two callers share a
 * server's connections if all that makes the server what it is, and says whom it serves, is the same: command, arguments,
 * environment, headers, credentials. Thread-safe.
 *
 * @see PoolSetting
 */
public final class McpPool implements McpDataSource, AutoCloseable {

    private final PoolServices services;
    private final ServerDirectory directory;
    private final PoolShutdown shutdown;
    private final Upkeep upkeep;
    private final Runnable atExit = this::close;

    McpPool(PoolConfiguration configuration, Ticker ticker, DoubleSupplier random) {
        SettingValues settings = configuration.settings();
        Map<ServerKey, ServerPool> servers = new ConcurrentHashMap<>();
        services = new PoolServices(
                ticker,
                random,
                new IdleStore(settings),
                new Permits(ServerSettings.orUnlimited(settings.integer(PoolSetting.MAX_TOTAL))),
                servers.values());
        directory = new ServerDirectory(configuration, services, servers);
        shutdown = new PoolShutdown(services, directory, settings.nanos(PoolSetting.SHUTDOWN_TIMEOUT));
        upkeep = new Upkeep(services, directory);
        ShutdownSequence.register(atExit);
        services.housekeeper().every(settings.nanos(PoolSetting.TIME_BETWEEN_EVICTION_RUNS), upkeep);
    }

    /**
     * A pool with the settings and servers of a properties file.
     *
     * @param file the file, in UTF-8, with keys {@code mcp.pool.<setting>}, {@code mcp.server.<name>.uri} and
     *     {@code mcp.server.<name>.<setting>}
     * @return the pool, which the caller closes
     * @throws McpConfigurationException if the file cannot be read, or a setting of the pool cannot be used; a broken
     *     entry of a server is told to whoever asks for that server
     */
    public static McpPool fromProperties(Path file) {
        return builder().properties(file).build();
    }

    /**
     * Configures a pool in code.
     *
     * @return a builder with the defaults
     */
    public static PoolBuilder builder() {
        return new PoolBuilder();
    }

    /**
     * Lends a connection.
     *
     * @param uriOrServerName a URI that begins with {@code mcp:}, or the name of a configured server
     * @return a lease, which the caller closes
     * @throws McpConfigurationException if the URI cannot be used or no server has that name
     * @throws io.mcpdrivers.McpConnectionException if the server cannot be connected to
     * @throws io.mcpdrivers.McpPoolExhaustedException if no connection became free within {@code maxWait}
     * @throws io.mcpdrivers.McpPoolClosedException if the pool was closed
     * @throws io.mcpdrivers.McpInterruptedException if the thread was interrupted while it waited
     */
    @Override
    public McpConnection getConnection(String uriOrServerName) {
        Objects.requireNonNull(uriOrServerName, "uriOrServerName");
        return lease(directory.route(uriOrServerName));
    }

    /** As {@link #getConnection(String)}, with a URI that was read already. */
    McpConnection getConnection(McpUri uri) {
        return lease(directory.route(uri));
    }

    private McpConnection lease(Route route) {
        if (services.isClosing()) {
            throw Refusals.closed(route.server().name());
        }
        if (!route.isEnabled()) {
            throw Refusals.disabled(route.server().name());
        }
        if (!route.isPooled()) {
            return Connector.open(route.target());
        }
        return new PooledLease(route, route.borrow());
    }

    /**
     * How the pool and its servers stand.
     *
     * @return a snapshot
     */
    public PoolStatus status() {
        Map<String, ServerStatus> servers = new TreeMap<>();
        int leases = 0;
        int connections = 0;
        int active = 0;
        int idle = 0;
        int starting = 0;
        int waiting = 0;
        for (ServerPool server : directory.servers()) {
            ServerStatus status = server.lending().status();
            leases += status.leases();
            connections += status.connections();
            active += status.active();
            idle += status.idle();
            starting += status.starting();
            waiting += status.waiting();
            String name = server.name();
            servers.put(servers.containsKey(name) ? server.key().toString() : name, status);
        }
        for (ServerEntry entry : directory.configuration().servers().values()) {
            ServerPool used = directory.used(entry.name());
            if (used != null) {
                servers.put(entry.name(), used.lending().status());
            } else if (!servers.containsKey(entry.name())) {
                servers.put(entry.name(), unused(entry));
            }
        }
        return new PoolStatus(
                servers,
                services.isClosing(),
                directory.configuration().settings().integer(PoolSetting.MAX_TOTAL),
                leases,
                connections,
                active,
                idle,
                starting,
                waiting);
    }

    private ServerStatus unused(ServerEntry entry) {
        boolean enabled = entry.error() != null || !"false".equals(entry.uri().parameter("enabled"));
        ServerState state = services.isClosing()
                ? ServerState.SHUTDOWN
                : entry.error() == null ? ServerState.INITIALIZING : ServerState.ERROR;
        return ServerStatus.unused(entry.name(), enabled, state, entry.error());
    }

    /**
     * Closes the pool: gives out no more leases, turns away those who wait, waits up to {@code shutdownTimeout} for leases
     * that are out, then ends all connections, at once and each within its own bounds. Idempotent; a second call waits for
     * the first. An interrupt does not shorten it, but is kept for the caller to see.
     */
    @Override
    public void close() {
        shutdown.run();
        ShutdownSequence.unregister(atExit);
    }

    /** Does what the pool's own thread does from time to time. */
    void tend() {
        upkeep.run();
    }

    ServerDirectory directory() {
        return directory;
    }

    PoolServices services() {
        return services;
    }
}
