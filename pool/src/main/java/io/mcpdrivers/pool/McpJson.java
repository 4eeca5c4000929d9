package io.mcpdrivers.pool;

import io.mcpdrivers.ConnectionOptions;
import io.mcpdrivers.McpConfigurationException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads a file with servers as desktop applications and editors have it, usually called {@code mcp.json}: an object
 * {@code mcpServers} or {@code servers} with an entry for each server. Comments and trailing commas are understood. Keys
 * that mean nothing here are passed over; a broken entry fails that server alone, when it is wanted.
 */
final class McpJson {

    /** Where settings of the pool stand, at the top for the whole pool, in an entry for that server. */
    static final String POOL = "pool";

    private static final Logger log = LoggerFactory.getLogger(McpJson.class);

    private static final List<String> SERVERS = List.of("mcpServers", "servers");
    private static final Set<String> KNOWN = Set.of("mcpServers", "servers", "inputs", "mcp", POOL, "$schema");

    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .enable(JsonReadFeature.ALLOW_JAVA_COMMENTS)
                    .enable(JsonReadFeature.ALLOW_TRAILING_COMMA)
                    .streamReadConstraints(
                            StreamReadConstraints.builder().maxNestingDepth(100).build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .build();

    private final String source;
    private final McpJsonPaths paths;
    private final Map<String, ConfigurationInput> inputs = new HashMap<>();
    private final List<String> unknown = new ArrayList<>();

    private McpJson(String source, McpJsonPaths paths) {
        this.source = source;
        this.paths = paths;
    }

    /**
     * Adds the text of a file.
     *
     * @param source what it is, for messages
     * @param file where it is; null if it is no file of its own
     * @param workspace what <code>${workspaceFolder}</code> stands for; null to take the folder of the file, or that
     *     above it if the file's folder is hidden, as {@code .vscode} is
     */
    static void addText(
            String text, String source, @Nullable Path file, @Nullable Path workspace, RawConfiguration configuration) {
        JsonNode root;
        try {
            root = MAPPER.readTree(text);
        } catch (JacksonException e) {
            // Jackson's own words quote the text, in which there may be secrets; so the exception is not kept either.
            var at = e.getLocation();
            String place = at == null ? "" : ": line " + at.getLineNr() + ", column " + at.getColumnNr();
            throw new McpConfigurationException("Configuration " + source + problem(e) + place, null);
        }
        if (!root.isObject()) {
            throw new McpConfigurationException(
                    "Configuration " + source + " is not a JSON object; expected is {\"mcpServers\": {..}}", null);
        }
        new McpJson(source, McpJsonPaths.of(file, workspace)).add(root, configuration);
    }

    private static String problem(JacksonException e) {
        if (!(e instanceof MismatchedInputException)) {
            return " is not JSON";
        }
        return String.valueOf(e.getOriginalMessage()).startsWith("Trailing token")
                ? " goes on behind the end of its object"
                : " has a key twice in one object, of which only one can count";
    }

    private void add(JsonNode root, RawConfiguration configuration) {
        // VS Code's settings.json holds the same below "mcp".
        JsonNode nested = root.path("mcp");
        readInputs(root.path("inputs"));
        readInputs(nested.path("inputs"));
        Map<String, ServerDefinition> servers = new TreeMap<>();
        boolean found = false;
        for (String key : SERVERS) {
            found |= readServers(root.path(key), key, servers);
        }
        found |= readServers(nested.path("servers"), "servers", servers);
        for (String key : root.propertyNames()) {
            if (!KNOWN.contains(key)) {
                unknown.add(key);
            }
        }
        if (!found) {
            log.warn(
                    "{} names no servers: it has neither mcpServers nor servers.{}",
                    source,
                    unknown.isEmpty() ? "" : " It has " + String.join(", ", unknown));
        }
        if (!unknown.isEmpty()) {
            log.info("{}: keys without meaning here are ignored: {}", source, String.join(", ", unknown));
        }
        configuration.addSource(source);
        configuration.addPool(settings(root.path(POOL), source));
        configuration.addServers(servers);
    }

    private boolean readServers(JsonNode entries, String key, Map<String, ServerDefinition> servers) {
        if (entries.isMissingNode() || entries.isNull()) {
            return false;
        }
        if (!entries.isObject()) {
            throw new McpConfigurationException(
                    "'" + key + "' in " + source + " is not a JSON object; expected is {\"" + key
                            + "\": {\"name\": {\"command\": ..}}}",
                    null);
        }
        for (Map.Entry<String, JsonNode> entry : entries.properties()) {
            servers.put(entry.getKey(), read(entry.getKey(), entry.getValue(), key.equals("servers")));
        }
        return true;
    }

    private ServerDefinition read(String name, JsonNode entry, boolean ofEditor) {
        String where = source + ", entry " + name;
        if (name.isEmpty() || ServerDirectory.isUri(name)) {
            return ServerDefinition.broken("'" + name + "' cannot be the name of a server", null, where);
        }
        McpJsonEntry reader = new McpJsonEntry(entry, where, paths, ofEditor);
        try {
            Map<String, List<GivenSetting>> given = reader.read();
            settings(entry.path(POOL), where).forEach(given::put);
            return new ServerDefinition(
                    given,
                    reader.envFile(),
                    new FileInputs(source, inputs),
                    null,
                    ConnectionOptions.defaults(),
                    Set.of(where));
        } catch (McpConfigurationException | IllegalArgumentException e) {
            return ServerDefinition.broken(String.valueOf(e.getMessage()), enabled(entry, reader, where), where);
        } finally {
            reader.unknown().forEach(key -> unknown.add(name + "." + key));
            reader.suspects().forEach(warning -> log.warn("{}: {}", where, warning));
        }
    }

    /** What a broken entry says of whether it is wanted at all; null if nothing. */
    private static @Nullable GivenSetting enabled(JsonNode entry, McpJsonEntry reader, String where) {
        String key = PoolSetting.ENABLED.settingName();
        JsonNode inPool = entry.path(POOL).path(key);
        return inPool.isBoolean() || inPool.isString()
                ? new GivenSetting(key, inPool.asString().trim(), where + ", key " + POOL + "." + key)
                : reader.enabled();
    }

    /** Settings of the pool, of which {@code "idleTimeout": "10m"} is one. */
    private static Map<String, List<GivenSetting>> settings(JsonNode object, String where) {
        Map<String, List<GivenSetting>> settings = new TreeMap<>();
        if (object.isMissingNode() || object.isNull()) {
            return settings;
        }
        if (!object.isObject()) {
            throw new McpConfigurationException(
                    "'" + POOL + "' is not a JSON object; expected is for example {\"maxTotalPerKey\": 4} (" + where
                            + ")",
                    null);
        }
        for (Map.Entry<String, JsonNode> setting : object.properties()) {
            String key = POOL + "." + setting.getKey();
            if (setting.getKey().equals("uri")) {
                throw new McpConfigurationException("'" + key + "' is no setting (" + where + ")", null);
            }
            new GivenSetting(
                            setting.getKey(),
                            McpJsonEntry.text(setting.getValue(), key).trim(),
                            where + ", key " + key)
                    .addTo(settings);
        }
        return settings;
    }

    private void readInputs(JsonNode array) {
        for (JsonNode input : array) {
            String id = input.path("id").asString("");
            if (id.isEmpty()) {
                log.warn("{}: an input without an id is ignored", source);
                continue;
            }
            List<String> options = new ArrayList<>();
            for (JsonNode option : input.path("options")) {
                // A choice may have a label and a value of its own.
                JsonNode value = option.isObject() ? option.path("value") : option;
                if (value.isValueNode() && !value.isNull()) {
                    options.add(value.asString());
                }
            }
            JsonNode description = input.path("description");
            JsonNode standard = input.path("default");
            inputs.put(
                    id,
                    new ConfigurationInput(
                            id,
                            description.isString() ? description.asString() : null,
                            input.path("password").asBoolean(false),
                            options,
                            standard.isValueNode() && !standard.isNull() ? standard.asString() : null));
        }
    }
}
