package io.mcpdrivers.engine;

import io.mcpdrivers.McpConfigurationException;
import io.mcpdrivers.spi.DriverProperty;
import io.mcpdrivers.spi.McpDriver;
import io.mcpdrivers.spi.McpUri;
import io.mcpdrivers.spi.McpUriException;
import io.mcpdrivers.spi.ParameterValues;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/** The parameters that every URI may carry, and the check that it carries no others. */
public final class CommonParameters {

    /** All of them, in the order of documentation. */
    public static final List<DriverProperty> PROPERTIES = List.of(
            DriverProperty.of(
                            "connectTimeout",
                            DriverProperty.Type.DURATION,
                            "30s",
                            "The time from opening to a usable connection, the server's start included.")
                    .clientSide(),
            DriverProperty.of(
                            "requestTimeout",
                            DriverProperty.Type.DURATION,
                            "30s",
                            "How long a call waits for its answer.")
                    .clientSide(),
            DriverProperty.of(
                            "maxRequestTimeout",
                            DriverProperty.Type.DURATION,
                            "10m",
                            "How long a call with a progress listener waits at the longest: arriving progress starts its"
                                    + " requestTimeout anew. At least the requestTimeout.")
                    .clientSide(),
            DriverProperty.of(
                    "protocol",
                    DriverProperty.Type.STRING,
                    "auto",
                    "The protocol revision to speak; auto finds the newest in common."),
            DriverProperty.of(
                            "pool",
                            DriverProperty.Type.BOOLEAN,
                            "true",
                            "Whether McpDrivers.getConnection pools; false opens directly and closes on close.")
                    .clientSide(),
            DriverProperty.of(
                    "maxMessageSize",
                    DriverProperty.Type.SIZE,
                    "16m",
                    "The largest message that is taken from the server."),
            DriverProperty.of(
                            "name",
                            DriverProperty.Type.STRING,
                            null,
                            "The name for logs; by default made from the command or host.")
                    .clientSide());

    private CommonParameters() {}

    /** Checks names and forms of the parameters of a URI whose placeholders are filled in. */
    static void check(McpUri uri, McpDriver driver, List<DriverProperty> poolProperties) {
        check(uri, driver, poolProperties, value -> true);
    }

    /** As above, but with only those values looked at that are said to be known. */
    static void check(McpUri uri, McpDriver driver, List<DriverProperty> poolProperties, Predicate<String> isKnown) {
        List<DriverProperty> known = known(driver, poolProperties);
        for (String name : uri.parameterNames()) {
            DriverProperty property = known.stream()
                    .filter(candidate -> candidate.matches(name))
                    .findFirst()
                    .orElseThrow(() -> unknown(name, uri, known));
            List<String> values = uri.parameters(name);
            if (values.size() > 1 && !property.traits().repeatable()) {
                throw new McpConfigurationException(
                        "Parameter '" + name + "' stands " + values.size() + " times, but takes one value (in '" + uri
                                + "')",
                        null);
            }
            for (int i = 0; i < values.size(); i++) {
                if (isKnown.test(values.get(i))) {
                    checkValue(property, name, values.get(i), uri.display(name).get(i), uri);
                }
            }
        }
    }

    /** All parameters that a URI may carry. */
    static List<DriverProperty> known(McpDriver driver, List<DriverProperty> poolProperties) {
        List<DriverProperty> known = new ArrayList<>(driver.properties());
        known.addAll(PROPERTIES);
        known.addAll(poolProperties);
        return known;
    }

    private static void checkValue(DriverProperty property, String name, String value, String shown, McpUri uri) {
        try {
            ParameterValues.check(property.type(), value);
        } catch (IllegalArgumentException e) {
            // The reason quotes the value, which may be a secret.
            boolean secret = property.traits().secret() || !shown.equals(value);
            String reason = secret
                    ? "the value is no " + property.type().name().toLowerCase(Locale.ROOT)
                    : String.valueOf(e.getMessage());
            throw new McpConfigurationException(
                    "Parameter '" + name + "': " + reason + " (in '" + uri + "')", secret ? null : e);
        }
    }

    /** Of parameters such as {@code header.*}, what stands before the point may be misspelt. */
    private static String hint(String name, List<String> names) {
        int point = name.indexOf('.');
        for (String each : names) {
            if (point > 0 && point < name.length() - 1 && each.endsWith(".*")) {
                String group = each.substring(0, each.length() - 2);
                if (!Text.didYouMean(name.substring(0, point), List.of(group)).isEmpty()) {
                    return "; did you mean '" + group + name.substring(point) + "'?";
                }
            }
        }
        return Text.didYouMean(name, names);
    }

    private static McpConfigurationException unknown(String name, McpUri uri, List<DriverProperty> known) {
        List<String> names = known.stream().map(DriverProperty::name).toList();
        String hint = hint(name, names);
        // What is misspelt may be a secret, whatever its name says.
        McpUri.Builder shown = uri.toBuilder();
        for (String each : uri.parameterNames()) {
            if (known.stream().noneMatch(property -> property.matches(each))) {
                shown.set(each, "***");
            }
        }
        return new McpConfigurationException(
                "Unknown parameter '" + name + "' in '" + shown.build() + "'" + (hint.isEmpty() ? "." : hint)
                        + " Known are " + String.join(", ", names),
                null);
    }

    /** Whether a parameter of a checked URI is part of the server's identity. */
    static boolean isIdentity(String name, McpDriver driver, List<DriverProperty> poolProperties) {
        for (DriverProperty property : driver.properties()) {
            if (property.matches(name)) {
                return property.traits().identity();
            }
        }
        for (DriverProperty property : PROPERTIES) {
            if (property.matches(name)) {
                return property.traits().identity();
            }
        }
        return poolProperties.stream().noneMatch(property -> property.matches(name));
    }

    /**
     * The URI of a configured server with the parameters of one that names it, {@code mcp:server:<name>}, which count for
     * more than what is configured: all values of a name replace all values that the server has by that name.
     *
     * @param server the configured server's URI
     * @param own the URI that names it
     * @return both together
     * @throws McpConfigurationException if they cannot be put together
     */
    public static McpUri withOwnParameters(McpUri server, McpUri own) {
        return reading(() -> {
            McpUri.Builder builder = server.toBuilder();
            for (String name : own.parameterNames()) {
                List<String> values = own.parameters(name);
                builder.set(name, values.get(0));
                values.subList(1, values.size()).forEach(value -> builder.add(name, value));
            }
            return builder.build();
        });
    }

    /** Runs something that reads parameters; what is wrong with them becomes a {@link McpConfigurationException}. */
    static <T> T reading(java.util.function.Supplier<T> reader) {
        try {
            return reader.get();
        } catch (McpUriException e) {
            throw new McpConfigurationException(String.valueOf(e.getMessage()), e);
        }
    }
}
