package io.mcpdrivers.pool;

import io.mcpdrivers.McpConfigurationException;
import io.mcpdrivers.spi.McpUri;
import java.io.File;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * One server of a file such as {@code mcp.json}, in whichever dialect: it becomes a URI, and settings beside it that a
 * properties file or system property may replace one by one. Messages quote no value, since it may be a secret.
 */
final class McpJsonEntry {

    private static final Set<String> KNOWN = Set.of(
            "type",
            "transport",
            "transportType",
            "command",
            "args",
            "env",
            "envFile",
            "cwd",
            "url",
            "serverUrl",
            "httpUrl",
            "headers",
            "timeout",
            "disabled",
            "enabled",
            McpJson.POOL);

    /** What applications write there that concerns them alone. */
    private static final Set<String> OF_OTHERS = Set.of(
            "alwaysAllow",
            "autoApprove",
            "alwaysLoad",
            "description",
            "name",
            "title",
            "trust",
            "includeTools",
            "excludeTools",
            "disabledTools",
            "enabledTools",
            "tools",
            "oauth",
            "auth",
            "authProviderType",
            "headersHelper",
            "watchPaths",
            "gallery",
            "version",
            "icon",
            "dev",
            "sandbox",
            "sandboxEnabled");

    /** Signs of the applications that count timeouts in seconds: Cline, Roo Code and what descends from them. */
    private static final List<String> SIGNS_OF_SECONDS = List.of("alwaysAllow", "autoApprove");

    /** No timeout is meant to be shorter than a second; below this, a number counts seconds. */
    private static final BigDecimal LEAST_MILLIS = BigDecimal.valueOf(1000);

    private static final Pattern SHELL_VARIABLE = Pattern.compile("\\$[A-Za-z_]\\w*");

    private final JsonNode entry;
    private final String where;
    private final McpJsonPaths paths;
    private final boolean ofEditor;
    private final Map<String, List<GivenSetting>> given = new TreeMap<>();
    private final List<String> unknown = new ArrayList<>();
    private final List<String> suspects = new ArrayList<>();
    private @Nullable String envFile;

    /**
     * Makes the reader of an entry.
     *
     * @param ofEditor whether it stands below {@code servers}, as VS Code has it, which starts processes its own way
     */
    McpJsonEntry(JsonNode entry, String where, McpJsonPaths paths, boolean ofEditor) {
        this.entry = entry;
        this.where = where;
        this.paths = paths;
        this.ofEditor = ofEditor;
    }

    /** Keys that mean nothing here. */
    List<String> unknown() {
        return unknown;
    }

    /** What was most likely meant otherwise. */
    List<String> suspects() {
        return suspects;
    }

    @Nullable
    String envFile() {
        return envFile;
    }

    /** What was read of whether it is wanted, also if the rest cannot be used; null if that is not said. */
    @Nullable
    GivenSetting enabled() {
        List<GivenSetting> enabled = given.get(PoolSetting.ENABLED.settingName());
        return enabled == null ? null : enabled.get(0);
    }

    /**
     * Reads it.
     *
     * @throws McpConfigurationException if it cannot be used
     */
    Map<String, List<GivenSetting>> read() {
        if (!entry.isObject()) {
            throw wrong("it is not a JSON object");
        }
        lookForUnknown();
        readEnabled();
        Transport transport = transport();
        McpUri.Builder uri = transport == Transport.STDIO ? stdio() : http(transport);
        give("uri", uri.build().canonical(), "uri");
        readTimeout();
        return given;
    }

    private enum Transport {
        STDIO,
        HTTP,
        SSE
    }

    private Transport transport() {
        String type = firstText("type", "transport", "transportType");
        boolean command = has("command");
        boolean url = has("url") || has("serverUrl") || has("httpUrl");
        if (type == null) {
            if (command && url) {
                throw wrong("it has a command and a URL; remove one, or write which counts: \"type\": \"stdio\" or"
                        + " \"http\"");
            }
            if (!command && !url) {
                throw wrong("it has neither a command nor a url");
            }
            return command ? Transport.STDIO : Transport.HTTP;
        }
        Transport named = switch (type.toLowerCase(Locale.ROOT).replaceAll("[-_ ]", "")) {
            case "stdio", "local" -> Transport.STDIO;
            case "http", "streamablehttp", "remote" -> Transport.HTTP;
            case "sse" -> Transport.SSE;
            default ->
                throw wrong("its type '" + type + "' is not known; known are stdio, http, streamable-http and sse");
        };
        if (named == Transport.STDIO ? !command : !url) {
            throw wrong("its type is " + type + ", but it has no " + (named == Transport.STDIO ? "command" : "url"));
        }
        return named;
    }

    private McpUri.Builder stdio() {
        McpUri.Builder uri = McpUri.builder("stdio", McpJsonPaths.fromHome(value("command")));
        JsonNode arguments = entry.path("args");
        if (!arguments.isMissingNode() && !arguments.isNull() && !arguments.isArray()) {
            throw wrong("'args' is not a list; write [\"-y\", \"package\"]");
        }
        int i = 0;
        for (JsonNode argument : arguments) {
            String written = paths.fillIn(text(argument, "args[" + i++ + "]"));
            uri.add("arg", ofEditor ? McpJsonPaths.fromHome(written) : written);
        }
        readMap("env");
        readPaths();
        String directory = ofEditor && !has("cwd") ? paths.defaultDirectory() : null;
        if (directory != null) {
            give("cwd", directory, "cwd");
        }
        return uri;
    }

    private void readPaths() {
        if (has("cwd")) {
            give("cwd", paths.absolute(McpJsonPaths.fromHome(value("cwd"))), "cwd");
        }
        if (has("envFile")) {
            envFile = paths.absolute(McpJsonPaths.fromHome(value("envFile")));
        }
    }

    private McpUri.Builder http(Transport transport) {
        String key = has("httpUrl") ? "httpUrl" : has("serverUrl") ? "serverUrl" : "url";
        String url = value(key).trim();
        if (ServerDirectory.isUri(url)) {
            // Nobody's dialect, but the way to servers of other drivers.
            readMap("headers");
            readMap("env");
            readPaths();
            return McpUri.parse(url).toBuilder();
        }
        // A fragment is never sent to a server.
        int fragment = url.indexOf("${") < 0 ? url.indexOf('#') : -1;
        url = fragment < 0 ? url : url.substring(0, fragment);
        String scheme = url.regionMatches(true, 0, "https:", 0, 6)
                ? "https"
                : url.regionMatches(true, 0, "http:", 0, 5) || url.startsWith("${") ? "http" : null;
        if (scheme == null) {
            throw wrong("its " + key + " does not begin with http://, https:// or mcp:");
        }
        readMap("headers");
        return McpUri.builder(transport == Transport.SSE ? "sse" : scheme, url);
    }

    private void readMap(String key) {
        JsonNode map = entry.path(key);
        if (map.isMissingNode() || map.isNull()) {
            return;
        }
        if (!map.isObject()) {
            throw wrong("'" + key + "' is not a JSON object; write {\"NAME\": \"value\"}");
        }
        String prefix = key.equals("headers") ? "header." : "env.";
        for (Map.Entry<String, JsonNode> member : map.properties()) {
            String name = member.getKey();
            if (name.isEmpty()) {
                throw wrong("a name in '" + key + "' is empty");
            }
            if (member.getValue().isNull()) {
                // VS Code writes this for a variable that is not to be set.
                continue;
            }
            String path = key + "." + name;
            String written = text(member.getValue(), path);
            if (SHELL_VARIABLE.matcher(written).matches()) {
                suspects.add(
                        "'" + path + "' is taken as it stands; for a variable write ${" + written.substring(1) + "}");
            }
            String value = paths.fillIn(written);
            boolean added = ofEditor && path.equalsIgnoreCase("env.PATH");
            give(prefix + name, added ? "${env:PATH}" + File.pathSeparator + value : value, path);
        }
    }

    private void readEnabled() {
        boolean disabled = bool("disabled", false) || !bool("enabled", true);
        if (disabled) {
            give("enabled", "false", has("disabled") ? "disabled" : "enabled");
        }
    }

    private boolean bool(String key, boolean absent) {
        JsonNode value = entry.path(key);
        if (value.isMissingNode() || value.isNull()) {
            return absent;
        }
        String text = text(value, key).trim().toLowerCase(Locale.ROOT);
        if (!text.equals("true") && !text.equals("false")) {
            throw wrong("'" + key + "' is neither true nor false");
        }
        return text.equals("true");
    }

    /**
     * The timeout of requests. Gemini and Claude Code count milliseconds, Cline and Roo Code seconds, and no dialect says
     * so in the file.
     */
    private void readTimeout() {
        JsonNode timeout = entry.path("timeout");
        if (timeout.isMissingNode() || timeout.isNull()) {
            return;
        }
        if (timeout.isString()) {
            // Nobody's dialect, but there is no doubt what it means.
            give("requestTimeout", timeout.asString().trim(), "timeout");
            return;
        }
        BigDecimal number = timeout.isNumber() ? timeout.decimalValue() : BigDecimal.ZERO;
        if (number.signum() <= 0 || number.compareTo(BigDecimal.valueOf(Integer.MAX_VALUE)) > 0) {
            throw wrong("'timeout' is not a number greater than 0 and up to " + Integer.MAX_VALUE);
        }
        boolean seconds = paths.secondsByName()
                || SIGNS_OF_SECONDS.stream().anyMatch(this::has)
                || number.compareTo(LEAST_MILLIS) < 0;
        long millis = (seconds ? number.movePointRight(3) : number).longValue();
        give("requestTimeout", Math.max(1, millis) + "ms", "timeout");
    }

    private void lookForUnknown() {
        for (String key : entry.propertyNames()) {
            if (KNOWN.contains(key) || OF_OTHERS.contains(key)) {
                continue;
            }
            int most = key.length() <= 4 ? 1 : 2;
            String hint = KNOWN.stream()
                    .filter(known -> NearestName.isNear(key, known.toLowerCase(Locale.ROOT), most))
                    .findFirst()
                    .map(known -> " Did you mean '" + known + "'?")
                    .orElse("");
            if (PoolSetting.find(key) != null) {
                hint = " Settings of the pool stand in \"" + McpJson.POOL + "\": {\"" + key + "\": ..}";
            }
            if (hint.isEmpty()) {
                unknown.add(key);
            } else {
                suspects.add("unknown key '" + key + "' is ignored." + hint);
            }
        }
    }

    private boolean has(String key) {
        JsonNode value = entry.path(key);
        return !value.isMissingNode() && !value.isNull();
    }

    private @Nullable String firstText(String... keys) {
        for (String key : keys) {
            if (entry.path(key).isString()) {
                return entry.path(key).asString();
            }
        }
        return null;
    }

    private String value(String key) {
        String text = paths.fillIn(text(entry.path(key), key));
        if (text.isBlank()) {
            throw wrong("'" + key + "' is empty");
        }
        return text;
    }

    private void give(String name, String value, String key) {
        new GivenSetting(name, value, where + ", key " + key).addTo(given);
    }

    /** A text; numbers and truth values are taken as they are written. */
    static String text(JsonNode node, String key) {
        if (node.isString() || node.isNumber() || node.isBoolean()) {
            return node.asString();
        }
        throw wrong("'" + key + "' is not a text");
    }

    private static McpConfigurationException wrong(String reason) {
        return new McpConfigurationException(reason, null);
    }
}
