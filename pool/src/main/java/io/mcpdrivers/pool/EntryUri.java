package io.mcpdrivers.pool;

import io.mcpdrivers.McpConfigurationException;
import io.mcpdrivers.spi.McpUri;
import io.mcpdrivers.spi.McpUriException;
import java.util.List;
import java.util.Map;

/** Makes one URI of a configured server's URI and the settings that were written beside it. */
final class EntryUri {

    private EntryUri() {}

    /**
     * Puts them together.
     *
     * @param given what was written of a server, by name
     * @throws McpConfigurationException if there is no URI, or one of the settings cannot stand in it
     * @throws McpUriException if a name or value cannot stand in a URI
     */
    static McpUri of(Map<String, List<GivenSetting>> given) {
        List<GivenSetting> uris = given.get("uri");
        if (uris == null) {
            throw new McpConfigurationException("it has no uri" + insteadOfUri(given), null);
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
        SettingValues.checkUri(written);
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

    /** What was written where a URI is expected, as the other kind of file has it; without the value. */
    private static String insteadOfUri(Map<String, List<GivenSetting>> given) {
        for (String key : List.of("url", "command")) {
            List<GivenSetting> other = given.get(key);
            if (other != null) {
                return "; did you mean 'uri' by '" + key + "' (" + other.get(0).where() + ")? Write uri="
                        + (key.equals("url") ? "mcp:https://host/path" : "mcp:stdio:command?arg=first&arg=second");
            }
        }
        return "";
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
                    "Setting '" + given.name() + "' is one of the whole pool: write "
                            + (given.isInJson()
                                    ? "\"" + McpJson.POOL + "\": {\"" + given.name() + "\": ..} at the top of the file"
                                    : "mcp.pool." + given.name())
                            + " (" + given.where() + ")",
                    null);
        }
        if (given.value().contains("${")) {
            return given.value();
        }
        SettingValues checked = new SettingValues(null);
        checked.set(given.name(), given.value(), given.where());
        return given.name().endsWith("Millis") ? given.value() + "ms" : given.value();
    }
}
