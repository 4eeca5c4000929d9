package io.mcpdrivers.pool;

import io.mcpdrivers.McpConfigurationException;
import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpDataSource;
import io.mcpdrivers.McpPoolClosedException;
import io.mcpdrivers.McpTelemetry;
import io.mcpdrivers.engine.Connector;
import io.mcpdrivers.engine.ShutdownSequence;
import io.mcpdrivers.spi.McpUri;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

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
    private final StatusReport report;
    private final PoolControl control;
    private final PoolManagement management;
    private final Reload reload;
    private final Runnable atExit = this::close;

    McpPool(
            ConfigurationSources sources,
            Ticker ticker,
            DoubleSupplier random,
            List<PoolListener> listeners,
            MemoryWatch.Probe memory,
            @Nullable McpTelemetry given) {
        PoolConfiguration configuration = sources.read();
        Reload.warnOfBroken(configuration);
        SettingValues settings = configuration.settings();
        McpTelemetry telemetry =
                given == null && settings.bool(PoolSetting.METRICS) ? PoolMeters.globalTelemetry() : given;
        Map<ServerKey, ServerPool> servers = new ConcurrentHashMap<>();
        services = new PoolServices(
                ticker,
                random,
                new IdleStore(settings),
                new Permits(ServerSettings.orUnlimited(settings.integer(PoolSetting.MAX_TOTAL))),
                servers.values(),
                new PoolEvents(
                        listeners,
                        PoolMeters.of(telemetry, settings.string(PoolSetting.JMX_NAME_PREFIX)),
                        PoolServices.BACKGROUND));
        directory = new ServerDirectory(configuration, services, servers, telemetry);
        shutdown = new PoolShutdown(services, directory);
        upkeep = new Upkeep(
                services,
                directory,
                new MemoryWatch(servers.values(), settings.size(PoolSetting.MAX_POOL_MEMORY), memory));
        report = new StatusReport(services, directory);
        control = new PoolControl(services, directory);
        reload = new Reload(sources, directory, services);
        management = PoolManagement.register(this, services.idle().jmxName());
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
     * A pool with the servers of a file: {@code mcp.json} as Claude, Cursor, VS Code and others have it, or a properties
     * file.
     *
     * @param file the file, see {@link PoolBuilder#load}
     * @return the pool, which the caller closes
     * @throws McpConfigurationException if the file cannot be read, or a setting of the pool cannot be used; a broken
     *     entry of a server is told to whoever asks for that server
     */
    public static McpPool load(Path file) {
        return builder().load(file).build();
    }

    /**
     * The pool behind {@code McpDrivers.getConnection}, which is made if it is not there yet: to see its status, operate it,
     * or use its servers in a {@link McpAggregate}. It is not to be closed; that happens when the JVM exits.
     *
     * @return the pool
     * @throws McpConfigurationException if its configuration cannot be used
     */
    public static McpPool defaultPool() {
        return DefaultPool.get();
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
        if (!route.isPooled()) {
            route.checkEnabled();
            return Connector.open(route.target());
        }
        boolean told = services.events().isOn();
        long begun = told ? services.now() : 0;
        PooledSlot slot = route.borrow();
        try {
            if (told) {
                services.events().borrowed(route.server(), services.now() - begun);
            }
            return new PooledLease(route, slot, services.record(route.server()));
        } catch (RuntimeException | Error e) {
            // Nobody else will give it back.
            slot.server.returns().release(slot);
            throw e;
        }
    }

    /**
     * How the pool and its servers stand, in numbers.
     *
     * @return a snapshot
     */
    public PoolStatus status() {
        return report.status();
    }

    /**
     * Whether the pool and its servers can be used, as far as is known without asking them. It waits for no server. One whose
     * last start failed is unhealthy until a start succeeds; if its back-off is over and nobody has tried since, this has it
     * started in the background, as long as {@code maxTotal} leaves room, so that whoever asks regularly is told of its
     * recovery.
     *
     * @return a snapshot
     */
    public PoolHealth health() {
        return report.health();
    }

    /**
     * Makes sure that there is a connection to each configured server that is enabled, 32 of them at the same time. One that
     * cannot be connected to is reported and stops nobody. Blocks until all have been tried, for each at most
     * {@code maxWait}.
     *
     * @return one result for each server, in the order of their names
     * @throws io.mcpdrivers.McpInterruptedException if the thread was interrupted; starts that were begun go on
     */
    public List<WarmUpResult> warmUp() {
        List<String> names = new ArrayList<>();
        for (ServerEntry entry : directory.configuration().servers().values()) {
            if (directory.isEnabled(entry)) {
                names.add(entry.name());
            }
        }
        return new WarmUp(services, name -> getConnection(name).close()).run(names);
    }

    /**
     * Lets a server be used that was disabled, here or in the configuration.
     *
     * @param uriOrServerName a configured name, or a URI
     * @throws McpConfigurationException if it is neither
     */
    public void enable(String uriOrServerName) {
        control.enable(Objects.requireNonNull(uriOrServerName, "uriOrServerName"));
    }

    /**
     * Has a server not be used until {@link #enable}: who waits for it is turned away, starts are given up, idle connections
     * are closed, and those in use when their leases end. Does not wait for any of that.
     *
     * @param uriOrServerName a configured name, or a URI
     * @throws McpConfigurationException if it is neither
     */
    public void disable(String uriOrServerName) {
        control.disable(Objects.requireNonNull(uriOrServerName, "uriOrServerName"));
    }

    /**
     * As {@link #disable}, for good: the pool no longer knows the name.
     *
     * @param serverName a configured name
     * @throws McpConfigurationException if there is no such server
     */
    public void remove(String serverName) {
        control.remove(Objects.requireNonNull(serverName, "serverName"));
    }

    /**
     * Replaces all connections to a server: idle ones are closed now, those in use when their leases end, those being
     * started as soon as they can. New leases get new connections. Does not wait for any of that.
     *
     * @param uriOrServerName a configured name, or a URI
     * @throws McpConfigurationException if it is neither
     */
    public void softEvict(String uriOrServerName) {
        control.softEvict(Objects.requireNonNull(uriOrServerName, "uriOrServerName"));
    }

    /** Has all who want a lease wait, up to their {@code maxWait}, until {@link #resume}. Leases that are out go on. */
    public void suspend() {
        control.suspend();
    }

    /** Ends what {@link #suspend} began. */
    public void resume() {
        control.resume();
    }

    /**
     * Closes the pool: gives out no more leases, turns away those who wait, waits up to {@code shutdownTimeout} for leases
     * that are out, then ends all connections, at once and each within its own bounds. Idempotent; a second call waits for
     * the first. An interrupt does not shorten it, but is kept for the caller to see.
     */
    @Override
    public void close() {
        shutdown.run();
        management.unregister();
        ShutdownSequence.unregister(atExit);
    }

    /**
     * Reads again what this pool was made from, files and system properties, and takes over what has changed there: servers
     * are added, changed and removed, and settings change for the connections there are as well, but for those that
     * {@linkplain PoolSetting#isChangeable() cannot}. Connections of a server that is removed, or is another one now, leave
     * when their leases end; callers that wait for a removed one are turned away. Nothing happens to other servers. What was
     * said by {@link #enable} and {@link #disable} still counts; a server that was {@linkplain #remove removed} comes back
     * if it is still configured.
     *
     * <p>If a file cannot be read, or a setting of the pool is wrong, everything stays as it was. An entry that has become
     * broken leaves its server as it was, too, and is named in the result. Blocks while files are read; connects to nobody.
     *
     * @return what has changed
     * @throws McpConfigurationException if it cannot be read
     * @throws io.mcpdrivers.McpPoolClosedException if the pool was closed
     */
    public ReloadResult reload() {
        if (services.isClosing()) {
            throw new McpPoolClosedException("The pool is closed; make another one to read its configuration", null);
        }
        return reload.run();
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
