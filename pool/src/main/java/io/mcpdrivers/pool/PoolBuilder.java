package io.mcpdrivers.pool;

import io.mcpdrivers.ConnectionOptions;
import io.mcpdrivers.McpConfigurationException;
import io.mcpdrivers.McpException;
import io.mcpdrivers.McpTelemetry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Configures a {@link McpPool}. What is not set has the default that {@link PoolSetting} names. What is set here counts
 * more than {@linkplain #systemProperties() system properties}, these more than files, a later file more than an earlier,
 * setting by setting and whatever the order of the calls; what is said of one server counts more than what is said of the
 * whole pool, wherever each is said. Not thread-safe.
 */
public final class PoolBuilder {

    private static final String WHERE = "set in code";

    private final SettingValues settings = new SettingValues(null);
    private final List<ConfigurationSource> files = new ArrayList<>();
    private final Map<String, ServerDefinition> servers = new TreeMap<>();
    private @Nullable Properties system;
    private @Nullable Path workspaceFolder;
    private @Nullable Function<ConfigurationInput, @Nullable String> inputs;
    private Function<String, @Nullable String> environment = System::getenv;
    private final List<PoolListener> listeners = new ArrayList<>();
    private @Nullable McpTelemetry telemetry;
    private Ticker ticker = Ticker.SYSTEM;
    private MemoryWatch.Probe memory = ProcessTable::read;
    private DoubleSupplier random = () -> ThreadLocalRandom.current().nextDouble();

    PoolBuilder() {}

    /**
     * Sets any setting.
     *
     * @param name its name, one of {@link PoolSetting}, or the one it has in {@code GenericKeyedObjectPoolConfig}
     * @param value its value as it would be written in a file, for example {@code 10m}
     * @return this builder
     * @throws McpConfigurationException if there is no such setting, or the value is none for it
     */
    public PoolBuilder set(String name, String value) {
        settings.set(name, value, WHERE);
        return this;
    }

    /**
     * The most connections to all servers together.
     *
     * @param limit at least 1, or -1 for no limit; default -1
     * @return this builder
     */
    public PoolBuilder maxTotal(int limit) {
        return set(PoolSetting.MAX_TOTAL, limit);
    }

    /**
     * The most connections to one server.
     *
     * @param limit at least 1, or -1 for no limit; default 8
     * @return this builder
     */
    public PoolBuilder maxTotalPerKey(int limit) {
        return set(PoolSetting.MAX_TOTAL_PER_KEY, limit);
    }

    /**
     * How many leases may share one connection.
     *
     * @param leases at least 1; by default as many as the server's protocol revision allows
     * @return this builder
     */
    public PoolBuilder streams(int leases) {
        return set(PoolSetting.STREAMS, leases);
    }

    /**
     * How long a caller waits for a connection.
     *
     * @param time not negative; default 35 s
     * @return this builder
     */
    public PoolBuilder maxWait(Duration time) {
        return set(PoolSetting.MAX_WAIT, time);
    }

    /**
     * How many idle connections to each server are kept warm.
     *
     * @param count not negative; default 0
     * @return this builder
     */
    public PoolBuilder minIdle(int count) {
        return set(PoolSetting.MIN_IDLE, count);
    }

    /**
     * How long a connection may be idle before it is closed.
     *
     * @param time 0 for ever; default 5 min
     * @return this builder
     */
    public PoolBuilder idleTimeout(Duration time) {
        return set(PoolSetting.IDLE_TIMEOUT, time);
    }

    /**
     * How old a connection may get, less up to 2.5 % at random.
     *
     * @param time 0 for no limit; default 1 h
     * @return this builder
     */
    public PoolBuilder maxAge(Duration time) {
        return set(PoolSetting.MAX_AGE, time);
    }

    /**
     * How long closing the pool waits for leases that are out.
     *
     * @param time not negative; default 10 s
     * @return this builder
     */
    public PoolBuilder shutdownTimeout(Duration time) {
        return set(PoolSetting.SHUTDOWN_TIMEOUT, time);
    }

    /**
     * Adds the settings and servers of a properties file in UTF-8. Of several files, the later counts more. It is read by
     * {@link #build()}, and again by {@link McpPool#reload()}.
     *
     * @param file the file
     * @return this builder
     */
    public PoolBuilder properties(Path file) {
        Objects.requireNonNull(file, "file");
        return source(raw -> PropertiesConfiguration.addText(SourceFile.read(file), "file " + file, raw));
    }

    /**
     * Adds a file: the servers of one whose name ends in {@code .json} or {@code .jsonc}, such as {@code mcp.json} of Claude,
     * Cursor, VS Code and others, else the settings and servers of a {@linkplain #properties properties file}. Of several
     * files, the later counts more. It is read by {@link #build()}, and again by {@link McpPool#reload()}.
     *
     * @param file the file, in UTF-8, of at most 4 MiB
     * @return this builder
     */
    public PoolBuilder load(Path file) {
        String name = Objects.requireNonNull(file, "file").toString().toLowerCase(Locale.ROOT);
        if (!name.endsWith(".json") && !name.endsWith(".jsonc")) {
            return properties(file);
        }
        return source(raw -> McpJson.addText(SourceFile.read(file), "file " + file, file, workspaceFolder, raw));
    }

    /**
     * Takes system properties {@code mcp.pool.<setting>} and {@code mcp.server.<name>.<setting>} into account, as the
     * default pool does. They count more than files.
     *
     * @return this builder
     */
    public PoolBuilder systemProperties() {
        return systemProperties(System.getProperties());
    }

    PoolBuilder systemProperties(Properties properties) {
        system = properties;
        return this;
    }

    /**
     * What <code>${workspaceFolder}</code> stands for in JSON files, and what relative paths in them are relative to. If it
     * is there, servers below {@code servers} that name no {@code cwd} start in it.
     *
     * @param folder the folder; by default that of the file, or that above it if the file's folder is hidden, as
     *     {@code .vscode} is
     * @return this builder
     */
    public PoolBuilder workspaceFolder(Path folder) {
        workspaceFolder = Objects.requireNonNull(folder, "folder");
        return this;
    }

    /**
     * What gives the values that files ask for by <code>${input:id}</code>. It is called when a server that needs one is
     * first connected to, once for each source and id that it answers, by the thread that wants the connection, while
     * others that need the same value wait. What it answers for one file never reaches a server of another one, even if
     * both use the same id.
     *
     * @param asked gives the value; null if there is none, which fails that attempt to connect
     * @return this builder
     */
    public PoolBuilder inputs(Function<ConfigurationInput, @Nullable String> asked) {
        inputs = Objects.requireNonNull(asked, "asked");
        return this;
    }

    /** Adds a source of any kind. */
    PoolBuilder source(ConfigurationSource source) {
        files.add(source);
        return this;
    }

    /** Where variables of the environment come from. */
    PoolBuilder environment(Function<String, @Nullable String> newEnvironment) {
        environment = newEnvironment;
        return this;
    }

    /**
     * Adds a server.
     *
     * @param name what it is called in {@link McpPool#getConnection}
     * @param uri its URI
     * @return this builder
     */
    public PoolBuilder server(String name, String uri) {
        return server(name, uri, Map.of());
    }

    /**
     * Adds a server with what no URI can hold. Its connections are shared with no other name and with no URI, even of the
     * same server, and {@link io.mcpdrivers.ElicitationRequest#serverName()} is its name.
     *
     * @param name what it is called in {@link McpPool#getConnection}
     * @param uri its URI, which may carry settings of {@link PoolSetting.Scope#SERVER}, too
     * @param options the application's own code for its connections
     * @return this builder
     * @throws IllegalArgumentException if the name is none, since it is empty or looks like a URI
     */
    public PoolBuilder server(String name, String uri, ConnectionOptions options) {
        server(name, uri, Map.of());
        servers.computeIfPresent(name, (n, definition) -> definition.with(options));
        return this;
    }

    /**
     * Adds a server with settings of its own.
     *
     * @param name what it is called in {@link McpPool#getConnection}
     * @param uri its URI; if it cannot be used, that is told to whoever asks for this server
     * @param serverSettings settings of {@link PoolSetting.Scope#SERVER} and parameters of the URI, by name
     * @return this builder
     * @throws IllegalArgumentException if the name is none, since it is empty or looks like a URI
     */
    public PoolBuilder server(String name, String uri, Map<String, String> serverSettings) {
        if (name.isEmpty() || ServerDirectory.isUri(name)) {
            throw new IllegalArgumentException("'" + name + "' cannot be the name of a server");
        }
        Map<String, List<GivenSetting>> given = new TreeMap<>();
        new GivenSetting("uri", uri, WHERE).addTo(given);
        serverSettings.forEach(
                (key, value) -> new GivenSetting(key, value.trim(), WHERE + ", '" + key + "'").addTo(given));
        servers.put(name, ServerDefinition.of(given, WHERE));
        return this;
    }

    /**
     * Adds one who is told what happens in the pool. May be called for several.
     *
     * @param listener who is told
     * @return this builder
     */
    public PoolBuilder listener(PoolListener listener) {
        listeners.add(Objects.requireNonNull(listener, "listener"));
        return this;
    }

    /**
     * Has the pool and what is called through it measured and traced.
     *
     * @param newTelemetry where measurements go, for example {@code McpTelemetry.of(meterRegistry)}; default is nowhere. The
     *     pool's own meters have its {@code jmxNamePrefix} as the tag {@code pool}, with a number from the second pool of
     *     that name on, and vanish when it is closed
     * @return this builder
     */
    public PoolBuilder telemetry(McpTelemetry newTelemetry) {
        telemetry = Objects.requireNonNull(newTelemetry, "newTelemetry");
        return this;
    }

    PoolBuilder ticker(Ticker newTicker) {
        ticker = newTicker;
        return this;
    }

    /** Where the memory of processes is seen. */
    PoolBuilder memory(MemoryWatch.Probe newMemory) {
        memory = newMemory;
        return this;
    }

    /** Where jitter comes from: numbers from 0 to 1. */
    PoolBuilder random(DoubleSupplier newRandom) {
        random = newRandom;
        return this;
    }

    private PoolBuilder set(PoolSetting setting, Object value) {
        return set(setting.settingName(), value.toString());
    }

    /**
     * Makes the pool.
     *
     * @return the pool, which the caller closes; a JVM that exits does so, too
     * @throws McpConfigurationException if a file cannot be read, or a setting of the pool cannot be used
     * @throws McpException if the pool cannot be made
     */
    public McpPool build() {
        return new McpPool(sources(), ticker, random, listeners, memory, telemetry);
    }

    ConfigurationSources sources() {
        List<ConfigurationSource> all = new ArrayList<>(files);
        Properties properties = system;
        if (properties != null) {
            all.add(raw -> PropertiesConfiguration.addSystem(properties, raw));
        }
        return new ConfigurationSources(all, settings, servers, new Variables(environment, inputs));
    }
}
