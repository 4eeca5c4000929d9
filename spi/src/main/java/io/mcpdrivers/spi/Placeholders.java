package io.mcpdrivers.spi;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The forms <code>${env:NAME}</code>, <code>${sys:name}</code>, <code>${NAME}</code> (an environment variable), each
 * with an optional default behind {@code :-}. <code>$${</code> stands for <code>${</code> itself. What a placeholder
 * stands for is taken as it is, not searched for more of them.
 */
final class Placeholders {

    private Placeholders() {}

    static boolean in(String text) {
        return text.contains("${");
    }

    /** Where the placeholder that begins at {@code start} ends, behind its brace; -1 if it has none. */
    static int end(String text, int start) {
        int brace = text.indexOf('}', start + 2);
        return brace < 0 ? -1 : brace + 1;
    }

    /** Replaces the placeholders by what {@code lookup} gives for {@code env:NAME} or {@code sys:name}. */
    static String resolve(String text, String where, Function<String, @Nullable String> lookup) {
        if (!in(text)) {
            return text;
        }
        StringBuilder out = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); ) {
            if (text.startsWith("$${", i)) {
                out.append("${");
                i += 3;
            } else if (text.startsWith("${", i)) {
                int end = end(text, i);
                if (end < 0) {
                    throw new McpUriException("'${' in " + where + " is never closed; write $${ for itself", -1);
                }
                out.append(value(text.substring(i + 2, end - 1), where, lookup));
                i = end;
            } else {
                out.append(text.charAt(i++));
            }
        }
        return out.toString();
    }

    private static String value(String expression, String where, Function<String, @Nullable String> lookup) {
        int defaultAt = expression.indexOf(":-");
        String name = defaultAt < 0 ? expression : expression.substring(0, defaultAt);
        if (name.isEmpty()) {
            throw new McpUriException("'${" + expression + "}' in " + where + " names no variable", -1);
        }
        String qualified = name.indexOf(':') < 0 ? "env:" + name : name;
        String value = lookup.apply(qualified);
        // As in a shell, the default also stands in for a variable that is set but empty.
        if (defaultAt >= 0 && (value == null || value.isEmpty())) {
            return expression.substring(defaultAt + 2);
        }
        if (value == null) {
            throw new McpUriException(
                    "'${" + name + "}' in " + where + " is not set; set it, or give a default: ${" + name + ":-value}",
                    -1);
        }
        return value;
    }

    /** Looks into this process's environment and system properties. */
    static @Nullable String lookUp(String qualifiedName) {
        int colon = qualifiedName.indexOf(':');
        String name = qualifiedName.substring(colon + 1);
        return switch (qualifiedName.substring(0, colon)) {
            case "env" -> System.getenv(name);
            case "sys" -> System.getProperty(name);
            default ->
                throw new McpUriException(
                        "'${" + qualifiedName
                                + "}' is of no known form; known are ${env:NAME}, ${sys:name}, ${NAME} and"
                                + " ${NAME:-default}",
                        -1);
        };
    }
}
