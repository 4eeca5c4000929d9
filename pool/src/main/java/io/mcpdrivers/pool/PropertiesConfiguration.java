package io.mcpdrivers.pool;

import io.mcpdrivers.McpConfigurationException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads {@code mcp.pool.<setting>}, {@code mcp.server.<name>.uri} and {@code mcp.server.<name>.<setting>} from one or more
 * sources; what stands in a later one replaces what stands in an earlier. Keys that do not begin with {@code mcp.} are
 * somebody else's. A setting of the pool that cannot be used fails at once, one of a server when that server is wanted.
 */
final class PropertiesConfiguration {

    private static final String PREFIX = "mcp.";
    private static final String POOL_PREFIX = "mcp.pool.";
    private static final Pattern SERVER_KEY = Pattern.compile("mcp\\.server\\.([^.]+)\\.(.+)");

    /** The system property that names the file; not a setting itself. */
    static final String FILE_PROPERTY = "mcp.config";

    /** By the setting's proper name, so that a later source replaces it whatever name it uses. */
    private final Map<String, List<GivenSetting>> pool = new TreeMap<>();

    private final Map<String, Map<String, List<GivenSetting>>> servers = new TreeMap<>();
    private final StringBuilder sources = new StringBuilder();

    /** Adds the entries of a file in UTF-8. */
    void addFile(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            addStream(in, "file " + file);
        } catch (NoSuchFileException e) {
            throw new McpConfigurationException(
                    "There is no configuration file " + file.toAbsolutePath() + "; create it or name another", e);
        } catch (IOException e) {
            throw new McpConfigurationException("Configuration file " + file + " cannot be read: " + e, e);
        }
    }

    /** Adds entries in UTF-8. */
    void addStream(InputStream in, String source) throws IOException {
        Properties properties = new Properties();
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder()))) {
            reader.mark(1);
            if (reader.read() != '\uFEFF') {
                reader.reset();
            }
            properties.load(reader);
        } catch (CharacterCodingException e) {
            throw new McpConfigurationException("Configuration " + source + " is not in UTF-8", e);
        } catch (IllegalArgumentException e) {
            throw new McpConfigurationException("Configuration " + source + " cannot be read: " + e.getMessage(), e);
        }
        add(properties, source);
    }

    /** Adds entries, those that begin with {@code mcp.}. */
    void add(Properties properties, String source) {
        sources.append(sources.isEmpty() ? "" : ", ").append(source);
        Map<String, List<GivenSetting>> poolHere = new TreeMap<>();
        Map<String, Map<String, List<GivenSetting>>> serversHere = new TreeMap<>();
        for (String key : new TreeSet<>(properties.stringPropertyNames())) {
            if (!key.startsWith(PREFIX) || key.equals(FILE_PROPERTY)) {
                continue;
            }
            String value = properties.getProperty(key).trim();
            String where = source + ", key " + key;
            Matcher server = SERVER_KEY.matcher(key);
            if (key.startsWith(POOL_PREFIX)) {
                new GivenSetting(key.substring(POOL_PREFIX.length()), value, where).addTo(poolHere);
            } else if (server.matches()) {
                new GivenSetting(server.group(2), value, where)
                        .addTo(serversHere.computeIfAbsent(server.group(1), name -> new TreeMap<>()));
            } else {
                throw new McpConfigurationException(
                        "Unknown key '" + key + "' (" + source
                                + "); keys are mcp.pool.<setting>, mcp.server.<name>.uri and"
                                + " mcp.server.<name>.<setting>",
                        null);
            }
        }
        pool.putAll(poolHere);
        serversHere.forEach((name, given) ->
                servers.computeIfAbsent(name, n -> new TreeMap<>()).putAll(given));
    }

    /**
     * Puts together what was added.
     *
     * @param settings the settings of the pool, to which those that were added are added
     */
    PoolConfiguration build(SettingValues settings, Map<String, ServerEntry> more) {
        for (List<GivenSetting> same : pool.values()) {
            GivenSetting given = GivenSetting.one(same);
            settings.set(given.name(), given.value(), given.where());
        }
        String where = sources.isEmpty() ? "no configuration file" : sources.toString();
        Map<String, ServerEntry> entries = new TreeMap<>();
        servers.forEach((name, given) -> entries.put(name, ServerEntry.of(name, where, given)));
        entries.putAll(more);
        return new PoolConfiguration(settings, entries, where);
    }
}
