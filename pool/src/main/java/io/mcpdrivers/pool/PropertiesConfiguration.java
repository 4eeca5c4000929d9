package io.mcpdrivers.pool;

import io.mcpdrivers.McpConfigurationException;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads {@code mcp.pool.<setting>}, {@code mcp.server.<name>.uri} and {@code mcp.server.<name>.<setting>}. Keys that do not
 * begin with {@code mcp.} are somebody else's; those that look like a mistyped one are named in a warning.
 */
final class PropertiesConfiguration {

    private static final Logger log = LoggerFactory.getLogger(PropertiesConfiguration.class);

    private static final String PREFIX = "mcp.";
    private static final String POOL_PREFIX = "mcp.pool.";
    private static final String SERVER_PREFIX = "mcp.server.";
    private static final Pattern SERVER_KEY = Pattern.compile("mcp\\.server\\.([^.]+)\\.(.+)");

    /** The system property that names the file; not a setting itself. */
    static final String FILE_PROPERTY = "mcp.config";

    private PropertiesConfiguration() {}

    /** Adds the text of a properties file. */
    static void addText(String text, String source, RawConfiguration configuration) {
        if (text.stripLeading().startsWith("{")) {
            throw new McpConfigurationException(
                    "Configuration " + source + " is JSON and no properties file; read it with McpPool.load or"
                            + " PoolBuilder.load, which take a file for JSON if its name ends in .json or .jsonc",
                    null);
        }
        Properties properties = new Properties();
        try {
            properties.load(new StringReader(text));
        } catch (IllegalArgumentException e) {
            throw new McpConfigurationException("Configuration " + source + " cannot be read: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new IllegalStateException("A text can be read", e);
        }
        List<String> suspects = new ArrayList<>();
        for (String key : new TreeSet<>(properties.stringPropertyNames())) {
            String meant = key.startsWith(PREFIX) ? null : meant(key);
            if (meant != null) {
                suspects.add("'" + key + "' (did you mean '" + meant + "'?)");
            }
        }
        if (!suspects.isEmpty()) {
            log.warn(
                    "{}: keys that do not begin with mcp. are ignored, among them {}",
                    source,
                    String.join(", ", suspects));
        }
        if (properties.stringPropertyNames().stream().noneMatch(key -> key.startsWith(PREFIX))) {
            log.warn(
                    "{} configures nothing: it has no key that begins with mcp.; expected are lines such as"
                            + " mcp.server.files.uri=mcp:stdio:npx?arg=-y",
                    source);
        }
        add(properties, source, configuration);
    }

    /** Adds those system properties that are ours; others that begin with mcp. are somebody else's. */
    static void addSystem(Properties system, RawConfiguration configuration) {
        Properties ours = new Properties();
        for (String key : system.stringPropertyNames()) {
            if (key.startsWith(POOL_PREFIX) || key.startsWith(SERVER_PREFIX)) {
                ours.setProperty(key, system.getProperty(key));
            }
        }
        add(ours, "system properties", configuration);
    }

    /** Adds those entries that begin with {@code mcp.}. */
    private static void add(Properties properties, String source, RawConfiguration configuration) {
        Map<String, List<GivenSetting>> pool = new TreeMap<>();
        Map<String, Map<String, List<GivenSetting>>> servers = new TreeMap<>();
        for (String key : new TreeSet<>(properties.stringPropertyNames())) {
            if (!key.startsWith(PREFIX) || key.equals(FILE_PROPERTY)) {
                continue;
            }
            String value = properties.getProperty(key).trim();
            String where = source + ", key " + key;
            Matcher server = SERVER_KEY.matcher(key);
            if (key.startsWith(POOL_PREFIX)) {
                new GivenSetting(key.substring(POOL_PREFIX.length()), value, where).addTo(pool);
            } else if (server.matches()) {
                new GivenSetting(server.group(2), value, where)
                        .addTo(servers.computeIfAbsent(server.group(1), name -> new TreeMap<>()));
            } else {
                String meant = meant(key);
                throw new McpConfigurationException(
                        "Unknown key '" + key + "' (" + source
                                + "); keys are mcp.pool.<setting>, mcp.server.<name>.uri and mcp.server.<name>.<setting>."
                                + (meant == null ? "" : " Did you mean '" + meant + "'?"),
                        null);
            }
        }
        configuration.addSource(source);
        configuration.addPool(pool);
        Map<String, ServerDefinition> definitions = new TreeMap<>();
        servers.forEach((name, given) -> definitions.put(name, ServerDefinition.of(given, source)));
        configuration.addServers(definitions);
    }

    /** The key that somebody may have meant by one that is none, or null. */
    private static @Nullable String meant(String key) {
        if (PoolSetting.find(key) != null) {
            return POOL_PREFIX + key;
        }
        String[] parts = key.split("\\.", 4);
        int kind = parts[0].matches("(?i)pool|server") ? 0 : 1;
        if (kind == 1 && (parts.length < 3 || !NearestName.isNear(parts[0], "mcp", 1))) {
            return null;
        }
        String rest = key.substring(kind == 0 ? 0 : parts[0].length() + 1);
        if (NearestName.isNear(parts[kind], "pool", 1) && rest.indexOf('.') > 0) {
            String setting = rest.substring(rest.indexOf('.') + 1);
            return kind == 1 || PoolSetting.find(setting) != null ? POOL_PREFIX + setting : null;
        }
        if (NearestName.isNear(parts[kind], "server", 1) && parts.length > kind + 2) {
            String setting = rest.substring(parts[kind].length() + 1 + parts[kind + 1].length() + 1);
            return kind == 1 || setting.equals("uri") || PoolSetting.find(setting) != null
                    ? SERVER_PREFIX + parts[kind + 1] + "." + setting
                    : null;
        }
        return null;
    }
}
