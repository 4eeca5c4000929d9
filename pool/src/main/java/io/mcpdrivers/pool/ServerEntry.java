package io.mcpdrivers.pool;

import io.mcpdrivers.ConnectionOptions;
import io.mcpdrivers.McpConfigurationException;
import io.mcpdrivers.spi.McpUri;
import io.mcpdrivers.spi.McpUriException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A server of the configuration: its URI with its settings in it; or what is wrong with it, told to whoever wants it. */
final class ServerEntry {

    private static final Logger log = LoggerFactory.getLogger(ServerEntry.class);

    /** What is not asked for when it is said whether a server has become another one. */
    private static final Set<String> OF_THE_CALLER =
            Set.of("connectTimeout", "requestTimeout", "maxRequestTimeout", "name", "pool");

    private final String name;
    private final String where;
    private final @Nullable McpUri uri;
    private final @Nullable String error;
    private final @Nullable String enabled;
    private final @Nullable String envFile;
    private volatile EnvFile envFileReader = new EnvFile();
    private final FileInputs inputs;
    private final Variables variables;
    private final ConnectionOptions options;
    /** Why it could not be used when somebody wanted it, which may be mended elsewhere. */
    private volatile @Nullable Failure failure;

    /**
     * That an entry cannot be used.
     *
     * @param at when somebody wanted it; null if that was seen when it was read
     * @param count how often it has failed without having worked since
     */
    record Failure(String reason, @Nullable Instant at, long count) {}

    private ServerEntry(
            String name,
            ServerDefinition definition,
            @Nullable McpUri uri,
            @Nullable String error,
            Variables variables) {
        this.name = name;
        this.where = definition.where();
        this.uri = error == null ? uri : null;
        this.error = error;
        this.enabled = enabled(definition, uri);
        this.envFile = definition.envFile();
        this.inputs = definition.inputs();
        this.variables = variables;
        this.options = definition.options();
    }

    private static @Nullable String enabled(ServerDefinition definition, @Nullable McpUri uri) {
        String key = PoolSetting.ENABLED.settingName();
        List<GivenSetting> given = definition.given().get(key);
        List<String> inUri = uri == null ? List.of() : uri.parameters(key);
        return !inUri.isEmpty() ? inUri.get(0) : given != null ? given.get(0).value() : null;
    }

    /**
     * Puts a server's URI and settings together.
     *
     * @param variables what its placeholders stand for
     */
    static ServerEntry of(String name, ServerDefinition definition, Variables variables) {
        if (definition.error() != null) {
            return new ServerEntry(name, definition, null, definition.error(), variables);
        }
        McpUri uri = null;
        try {
            uri = EntryUri.of(definition.given());
            EntryCheck.check(uri, definition.envFile(), qualified -> Variables.check(qualified, definition.inputs()));
            String obstacle = EntryCheck.checkParameters(uri);
            EntryCheck.warnOfUnknown(name, definition.given());
            ServerEntry entry = new ServerEntry(name, definition, uri, null, variables);
            if (obstacle != null) {
                entry.failed(obstacle);
            }
            return entry;
        } catch (McpConfigurationException | McpUriException e) {
            String error = EntryCheck.located(e.getMessage(), definition.given());
            return new ServerEntry(name, definition, uri, error, variables);
        }
    }

    /** What no URI can hold. */
    ConnectionOptions options() {
        return options;
    }

    String name() {
        return name;
    }

    /** Where it is configured. */
    String where() {
        return where;
    }

    /** What is wrong with it, or null. */
    @Nullable
    String error() {
        return error;
    }

    /** What is wrong with it, or was when it was last wanted; null if nothing. */
    @Nullable
    Failure failure() {
        return error != null ? new Failure(error, null, 1) : failure;
    }

    /** Notes that it could not be used by somebody who wanted it. */
    void failed(String reason) {
        Failure before = failure;
        failure = new Failure(reason, Instant.now(), before == null ? 1 : before.count() + 1);
    }

    /** Notes that it can be used after all. */
    void worked() {
        if (failure != null) {
            failure = null;
        }
    }

    /** Takes over what is known of an entry that says the same. */
    void succeed(ServerEntry other) {
        failure = other.failure;
        succeedServer(other);
    }

    /** Takes over what is known of an entry that leads to the same server. */
    void succeedServer(ServerEntry other) {
        envFileReader = other.envFileReader;
    }

    /**
     * Its URI, placeholders not resolved.
     *
     * @throws McpConfigurationException if the entry is broken
     */
    McpUri uri() {
        if (uri == null) {
            throw broken(String.valueOf(error), null);
        }
        return uri;
    }

    /**
     * Fills in the placeholders of a URI, and adds the variables of the server's file, if it has one.
     *
     * @param written the URI of this entry, perhaps with further parameters
     * @throws McpConfigurationException if something it needs is not there
     * @throws McpUriException if a placeholder stands for nothing
     */
    McpUri resolve(McpUri written) {
        McpUri whole = written;
        if (envFile != null) {
            McpUri.Builder builder = written.toBuilder();
            List<String> names = written.parameterNames();
            envFileReader.variables(envFilePath()).forEach((variable, value) -> {
                if (!names.contains("env." + variable)) {
                    builder.add("env." + variable, value.replace("${", "$${"));
                }
            });
            whole = builder.build();
        }
        try {
            return whole.resolve(this::lookUp);
        } catch (McpUriException e) {
            String hint = McpJsonPaths.hint(String.valueOf(e.getMessage()));
            throw hint.isEmpty() ? e : new McpUriException(e.getMessage() + hint, e.position());
        }
    }

    private Path envFilePath() {
        String path = McpUri.builder("file", String.valueOf(envFile))
                .build()
                .resolve(this::lookUp)
                .target();
        try {
            return Path.of(path);
        } catch (InvalidPathException e) {
            throw new McpConfigurationException("envFile '" + envFile + "' is no path: " + e.getReason(), e);
        }
    }

    private @Nullable String lookUp(String qualified) {
        return variables.lookUp(qualified, inputs);
    }

    /**
     * What it says of the settings of the pool.
     *
     * @param pool what counts where it says nothing
     */
    SettingValues settings(SettingValues pool) {
        McpUri.Builder settings = McpUri.builder("settings", "of");
        for (PoolSetting setting : PoolSetting.values()) {
            String value = uri().parameter(setting.settingName());
            if (value != null) {
                settings.add(setting.settingName(), value);
            }
        }
        return SettingValues.of(settings.build().resolve(this::lookUp), pool);
    }

    /**
     * Whether it may be used. One that says so in a way that cannot be understood is taken for enabled, so that whoever
     * wants it is told. Asks nobody.
     *
     * @param pool what counts where it says nothing
     */
    boolean isEnabled(SettingValues pool) {
        if (enabled == null) {
            return pool.bool(PoolSetting.ENABLED);
        }
        if (enabled.contains("${input:")) {
            return true;
        }
        String key = PoolSetting.ENABLED.settingName();
        try {
            McpUri alone = McpUri.builder("settings", "of").set(key, enabled).build();
            return SettingValues.of(alone.resolve(this::lookUp), pool).bool(PoolSetting.ENABLED);
        } catch (McpConfigurationException | McpUriException e) {
            log.debug("Whether server '{}' is enabled cannot be told: {}", name, e.getMessage());
            return true;
        }
    }

    /** Whether somebody may have to be asked before it can be connected to. */
    boolean asks() {
        return uri != null && (uri.canonical() + envFile).contains("${input:");
    }

    /** Whether a file has to be read before it can be connected to. */
    boolean readsFile() {
        return envFile != null;
    }

    /** Whether the file with its variables has changed since it was first read, so that connections may have old ones. */
    boolean isFileOutdated() {
        return envFileReader.isOutdated();
    }

    /** Whether connections made for this entry are good for the other one, too. Settings of the pool do not matter. */
    boolean isSameServerAs(ServerEntry other) {
        if (options != other.options || (options != ConnectionOptions.defaults() && !name.equals(other.name))) {
            return false;
        }
        return Objects.equals(essence(), other.essence());
    }

    private @Nullable String essence() {
        if (uri == null) {
            return null;
        }
        return uri.canonical(parameter -> PoolSetting.find(parameter) == null && !OF_THE_CALLER.contains(parameter))
                + (envFile == null ? "" : " " + envFile);
    }

    /** Whether it says the same, as far as this side is concerned. */
    boolean isSameAs(ServerEntry other) {
        return Objects.equals(uri, other.uri)
                && Objects.equals(error, other.error)
                && Objects.equals(envFile, other.envFile);
    }

    /** What somebody is told who wants this server. */
    McpConfigurationException broken(String reason, @Nullable Throwable cause) {
        return new McpConfigurationException(
                "Server '" + name + "' is not configured as it should be: " + placed(reason), cause);
    }

    /** A reason with where this entry stands, unless it says so itself. */
    String placed(String reason) {
        return reason.contains("(" + where) ? reason : reason + " (" + where + ")";
    }
}
