package io.mcpdrivers.pool;

import io.mcpdrivers.ConnectionOptions;
import io.mcpdrivers.McpConfigurationException;
import io.mcpdrivers.spi.McpUri;
import io.mcpdrivers.spi.McpUriException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A server of the configuration: its URI with its settings in it; or what is wrong with it, told to whoever wants it. */
final class ServerEntry {

    private final String name;
    private final String where;
    private final @Nullable McpUri uri;
    private final @Nullable String error;
    private final ConnectionOptions options;

    private ServerEntry(
            String name, String where, @Nullable McpUri uri, @Nullable String error, ConnectionOptions options) {
        this.name = name;
        this.where = where;
        this.uri = uri;
        this.error = error;
        this.options = options;
    }

    /**
     * Puts a server's URI and settings together.
     *
     * @param where where it is configured, for error messages
     * @param given its settings by their proper names, {@code uri} among them
     */
    static ServerEntry of(String name, String where, Map<String, List<GivenSetting>> given) {
        try {
            return new ServerEntry(name, where, uri(given), null, ConnectionOptions.defaults());
        } catch (McpConfigurationException | McpUriException e) {
            return new ServerEntry(name, where, null, e.getMessage(), ConnectionOptions.defaults());
        }
    }

    private static McpUri uri(Map<String, List<GivenSetting>> given) {
        List<GivenSetting> uris = given.get("uri");
        if (uris == null) {
            throw new McpConfigurationException("it has no uri", null);
        }
        GivenSetting uri = GivenSetting.one(uris);
        McpUri written;
        try {
            written = McpUri.parse(uri.value());
        } catch (McpUriException e) {
            throw new McpConfigurationException(e.getMessage() + " (" + uri.where() + ")", e);
        }
        if (written.scheme().equals("server")) {
            throw new McpConfigurationException("its uri names another server; write that one's uri here", null);
        }
        McpUri.Builder builder = written.toBuilder();
        for (Map.Entry<String, List<GivenSetting>> entry : given.entrySet()) {
            if (entry.getKey().equals("uri")) {
                continue;
            }
            GivenSetting setting = GivenSetting.one(entry.getValue());
            String value = value(setting);
            if (written.parameterNames().contains(entry.getKey())
                    && !written.parameters(entry.getKey()).equals(List.of(value))) {
                throw new McpConfigurationException(
                        "'" + entry.getKey() + "' stands in the uri and is given apart, with another value; keep one ("
                                + setting.where() + ")",
                        null);
            }
            builder.set(entry.getKey(), value);
        }
        return builder.build();
    }

    /** The value of a setting in the form in which a URI has it. */
    private static String value(GivenSetting given) {
        PoolSetting setting = PoolSetting.find(given.name());
        if (setting == null) {
            String reason = RefusedSettings.reason(given.name());
            if (reason != null) {
                SettingValues.find(given.name(), given.where());
            }
            // A parameter that all URIs or those of one driver take; checked when connecting.
            return given.value();
        }
        if (setting.scope() == PoolSetting.Scope.POOL) {
            throw new McpConfigurationException(
                    "Setting '" + given.name() + "' is one of the whole pool: write mcp.pool." + given.name() + " ("
                            + given.where() + ")",
                    null);
        }
        if (given.value().contains("${")) {
            return given.value();
        }
        SettingValues checked = new SettingValues(null);
        checked.set(given.name(), given.value(), given.where());
        return given.name().endsWith("Millis") ? given.value() + "ms" : given.value();
    }

    /** The same with what no URI can hold. */
    ServerEntry with(ConnectionOptions newOptions) {
        return new ServerEntry(name, where, uri, error, newOptions);
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

    /** What somebody is told who wants this server. */
    McpConfigurationException broken(String reason, @Nullable Throwable cause) {
        return new McpConfigurationException(
                "Server '" + name + "' is not configured as it should be: " + reason + " (" + where + ")", cause);
    }
}
