package io.mcpdrivers.example.quickstart;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.StringNode;

/**
 * What the command line asks for.
 *
 * @param help whether to show the usage and nothing else
 * @param verbose whether to show logs and stack traces
 * @param uri the server to call; null for the tour with the bundled one
 * @param tool the tool to call; null to list the tools
 * @param values the tool's arguments by name, in the order given
 */
record Arguments(
        boolean help,
        boolean verbose,
        @Nullable String uri,
        @Nullable String tool,
        Map<String, JsonNode> values) {

    static final String USAGE = """
            Usage:
              ./quickstart [-v]                              the tour: pooled calls measured beside others
              ./quickstart [-v] '<uri>'                      the tools of a server
              ./quickstart [-v] '<uri>' <tool> key=value...  one pooled call

            A value is read as JSON if it is JSON (5, true, '{"a":1}', '"5"'), and as a string otherwise.
            -v shows logs, what the server writes to its stderr, and stack traces.
            Exit code: 0; 1 if the call failed or the tool reports an error; 2 if the command cannot be understood.

            Example:
              ./quickstart 'mcp:stdio:npx?arg=-y&arg=@modelcontextprotocol/server-everything' echo message=hi
            """;

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    /** A command line that cannot be understood; the message says why. */
    static final class Misused extends Exception {
        private static final long serialVersionUID = 1L;

        Misused(String message) {
            super(message, null, false, false);
        }
    }

    static Arguments parse(String... commandLine) throws Misused {
        boolean help = false;
        boolean verbose = false;
        List<String> words = new ArrayList<>();
        for (String word : commandLine) {
            switch (word) {
                case "-h", "--help" -> help = true;
                case "-v", "--verbose" -> verbose = true;
                default -> words.add(word);
            }
        }
        if (help || words.isEmpty()) {
            return new Arguments(help, verbose, null, null, Map.of());
        }
        String uri = words.get(0);
        if (!uri.startsWith("mcp:")) {
            throw new Misused("Expected a server's URI, which begins with 'mcp:', got '" + uri + "'");
        }
        String tool = words.size() > 1 ? words.get(1) : null;
        if (tool != null && tool.contains("=")) {
            throw new Misused("Expected the name of a tool before '" + tool + "'");
        }
        Map<String, JsonNode> values =
                words.size() > 2 ? values(words.subList(2, words.size())) : new LinkedHashMap<>();
        return new Arguments(false, verbose, uri, tool, values);
    }

    private static Map<String, JsonNode> values(List<String> words) throws Misused {
        Map<String, JsonNode> values = new LinkedHashMap<>();
        for (String word : words) {
            int equals = word.indexOf('=');
            if (equals < 1) {
                throw new Misused("Expected key=value, got '" + word + "'");
            }
            String key = word.substring(0, equals);
            if (values.put(key, value(word.substring(equals + 1))) != null) {
                throw new Misused("'" + key + "' is given twice; a list is written " + key + "='[1, 2]'");
            }
        }
        return values;
    }

    private static JsonNode value(String text) {
        try {
            JsonNode value = JSON.readTree(text);
            // Nothing at all is no JSON, and an empty string is what was meant.
            return value.isMissingNode() ? StringNode.valueOf(text) : value;
        } catch (JacksonException | NumberFormatException e) {
            // The latter for a number that is too large for a BigDecimal.
            return StringNode.valueOf(text);
        }
    }
}
