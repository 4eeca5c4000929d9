package io.mcpdrivers.engine;

import io.mcpdrivers.McpException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The parameters of a tool that its server wants to see in HTTP headers too.
 *
 * @param parameters those that are annotated with {@code x-mcp-header}
 * @see <a href="https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#custom-headers-from-tool-parameters">Specification:
 *     Custom headers from tool parameters</a>
 */
record HeaderParameters(List<Parameter> parameters) {

    /**
     * One of them.
     *
     * @param header the header's name without {@code Mcp-Param-}
     * @param path where it stands in the arguments, from the outermost name on
     */
    record Parameter(String header, List<String> path) {}

    /** The annotations break the rules; the message says how. Without a stack trace. */
    static final class Invalid extends Exception {
        private static final long serialVersionUID = 1L;

        Invalid(String reason) {
            super(reason, null, false, false);
        }
    }

    static final HeaderParameters NONE = new HeaderParameters(List.of());

    private static final String ANNOTATION = "x-mcp-header";
    private static final int MOST_PARAMETERS = 100;
    private static final int LONGEST_NAME = 200;
    private static final String TOKEN_CHARACTERS = "!#$%&'*+-.^_`|~";
    private static final Set<String> MIRRORED_TYPES = Set.of("string", "integer", "boolean");

    /** What these hold is data, not a schema. */
    private static final Set<String> DATA = Set.of("const", "default", "enum", "example", "examples", "required");

    /** What these hold are schemas by name. */
    private static final Set<String> SCHEMAS_BY_NAME =
            Set.of("patternProperties", "dependentSchemas", "$defs", "definitions");

    private static final BigInteger LARGEST = BigInteger.ONE.shiftLeft(53).subtract(BigInteger.ONE);

    /**
     * Finds the annotations of a tool.
     *
     * @param inputSchema the JSON Schema of its arguments
     * @param quote shows the server's words in a message
     * @throws Invalid if one of them breaks the rules of the specification, which makes the tool invalid
     */
    static HeaderParameters of(JsonNode inputSchema, UnaryOperator<String> quote) throws Invalid {
        Map<String, Parameter> found = new LinkedHashMap<>();
        gather(inputSchema, List.of(), true, found, quote);
        return found.isEmpty() ? NONE : new HeaderParameters(List.copyOf(found.values()));
    }

    private static void gather(
            JsonNode schema,
            List<String> path,
            boolean reachable,
            Map<String, Parameter> found,
            UnaryOperator<String> quote)
            throws Invalid {
        JsonNode annotation = schema.get(ANNOTATION);
        if (annotation != null) {
            add(annotation, schema, path, reachable, found, quote);
        }
        for (Map.Entry<String, JsonNode> keyword : schema.properties()) {
            String name = keyword.getKey();
            JsonNode value = keyword.getValue();
            if (!value.isContainer() || DATA.contains(name) || name.equals(ANNOTATION)) {
                continue;
            }
            if (name.equals("properties")) {
                for (Map.Entry<String, JsonNode> property : value.properties()) {
                    List<String> inner = new ArrayList<>(path);
                    inner.add(property.getKey());
                    gather(property.getValue(), inner, reachable, found, quote);
                }
            } else if (value.isArray() || SCHEMAS_BY_NAME.contains(name)) {
                for (JsonNode inner : value) {
                    gather(inner, path, false, found, quote);
                }
            } else {
                gather(value, path, false, found, quote);
            }
        }
    }

    private static void add(
            JsonNode annotation,
            JsonNode schema,
            List<String> path,
            boolean reachable,
            Map<String, Parameter> found,
            UnaryOperator<String> quote)
            throws Invalid {
        String where = path.isEmpty() ? "the schema itself" : "parameter " + quote.apply(String.join(".", path));
        if (!reachable || path.isEmpty()) {
            throw new Invalid(
                    ANNOTATION + " at " + where + " stands where no chain of 'properties' alone leads to a parameter");
        }
        String header = annotation.isString() ? annotation.asString() : "";
        if (!isToken(header)) {
            throw new Invalid(
                    ANNOTATION + " at " + where + " is no header name: " + quote.apply(annotation.toString()));
        }
        JsonNode type = schema.path("type");
        if (!type.isString() || !MIRRORED_TYPES.contains(type.asString())) {
            throw new Invalid(ANNOTATION + " at " + where + " whose type is " + quote.apply(type.toString())
                    + " instead of string, integer or boolean");
        }
        Parameter twin = found.put(header.toLowerCase(Locale.ROOT), new Parameter(header, List.copyOf(path)));
        if (twin != null) {
            throw new Invalid(ANNOTATION + " at " + where + " has the name of another one, " + quote.apply(header));
        }
        if (found.size() > MOST_PARAMETERS) {
            throw new Invalid("it has more than " + MOST_PARAMETERS + " " + ANNOTATION + " annotations");
        }
    }

    /** A token by RFC 9110, section 5.6.2. */
    private static boolean isToken(String name) {
        return !name.isEmpty()
                && name.length() <= LONGEST_NAME
                && name.chars()
                        .allMatch(c -> c >= 'a' && c <= 'z'
                                || c >= 'A' && c <= 'Z'
                                || c >= '0' && c <= '9'
                                || TOKEN_CHARACTERS.indexOf(c) >= 0);
    }

    /**
     * What to send in headers for these arguments, by the headers' names without their prefix. Values that are absent,
     * null or no single value have none.
     *
     * @throws McpException if a number is too large for what the specification allows in a header
     */
    Map<String, String> values(String tool, JsonNode arguments) {
        Map<String, String> values = new LinkedHashMap<>();
        for (Parameter parameter : parameters) {
            JsonNode value = arguments;
            for (String name : parameter.path()) {
                value = value.path(name);
            }
            String text = text(tool, parameter, value);
            if (text != null) {
                values.put(parameter.header(), text);
            }
        }
        return values;
    }

    private static @Nullable String text(String tool, Parameter parameter, JsonNode value) {
        if (value.isString() || value.isBoolean()) {
            return value.asString();
        }
        if (!value.isNumber()) {
            return null;
        }
        if (value.isFloatingPointNumber() && !Double.isFinite(value.doubleValue())) {
            return null;
        }
        BigDecimal number = value.decimalValue();
        if (number.abs().compareTo(new BigDecimal(LARGEST)) > 0) {
            throw new McpException(
                    "Argument '" + String.join(".", parameter.path()) + "' of tool '" + tool
                            + "' is sent in a header, which takes no number beyond " + LARGEST + " (2^53 - 1)",
                    null);
        }
        if (number.scale() > LONGEST_NAME) {
            return value.asString();
        }
        // 42.0 is 42, as it is by JSON Schema.
        return number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString();
    }
}
