package io.mcpdrivers.spi;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The forms <code>${env:NAME}</code>, <code>${sys:name}</code>, <code>${NAME}</code> (an environment variable), each
 * with an optional default behind {@code :-}, in which there may be further ones. <code>$${</code> stands for
 * <code>${</code> itself. What a variable holds is taken as it is, not searched for more of them.
 */
final class Placeholders {

    /** How many placeholders may stand within each other. */
    private static final int MOST_WITHIN = 10;

    private Placeholders() {}

    static boolean in(String text) {
        return text.contains("${");
    }

    /**
     * Where the placeholder that begins at {@code start} ends, behind its brace; -1 if it has none, or if too many stand
     * within each other.
     */
    static int end(String text, int start) {
        int open = 1;
        for (int i = start + 2; i < text.length(); ) {
            if (isEscape(text, i)) {
                i += 3;
            } else if (text.startsWith("${", i)) {
                if (++open > MOST_WITHIN) {
                    return -1;
                }
                i += 2;
            } else if (text.charAt(i++) == '}' && --open == 0) {
                return i;
            }
        }
        return -1;
    }

    /** The text with a character of no meaning in the place of each one of its placeholders; the positions stay. */
    static String blanked(String text) {
        StringBuilder out = new StringBuilder(text);
        forEach(text, (start, end) -> {
            for (int i = start; i < end; i++) {
                out.setCharAt(i, '\uE000');
            }
        });
        return out.toString();
    }

    /** Hides all but the placeholders, and their defaults, too. */
    static String mask(String text) {
        StringBuilder out = new StringBuilder();
        int[] literal = {0};
        forEach(text, (start, end) -> {
            out.append(start > literal[0] ? Secrets.MASK : "").append(withoutDefault(text.substring(start, end)));
            literal[0] = end;
        });
        return out.append(literal[0] < text.length() ? Secrets.MASK : "").toString();
    }

    /** Hides the defaults of variables with such names, and has those of others masked as any text is. */
    static String maskDefaults(String text, Predicate<String> names, UnaryOperator<String> masked) {
        StringBuilder out = new StringBuilder();
        int[] copied = {0};
        forEach(text, (start, end) -> {
            String placeholder = text.substring(start, end);
            out.append(text, copied[0], start);
            int defaultAt = placeholder.indexOf(":-");
            if (defaultAt < 0) {
                out.append(placeholder);
            } else if (names.test(name(placeholder))) {
                out.append(withoutDefault(placeholder));
            } else {
                out.append(placeholder, 0, defaultAt + 2)
                        .append(masked.apply(placeholder.substring(defaultAt + 2, placeholder.length() - 1)))
                        .append('}');
            }
            copied[0] = end;
        });
        return out.append(text, copied[0], text.length()).toString();
    }

    /** The names in the placeholders of a text and in their defaults, as they are looked up. */
    static List<String> names(String text) {
        List<String> names = new ArrayList<>();
        forEach(text, (start, end) -> {
            String placeholder = text.substring(start, end);
            names.add(name(placeholder));
            int defaultAt = placeholder.indexOf(":-");
            if (defaultAt >= 0) {
                names.addAll(names(placeholder.substring(defaultAt + 2, placeholder.length() - 1)));
            }
        });
        return names;
    }

    private static String name(String placeholder) {
        String expression = placeholder.substring(2, placeholder.length() - 1);
        int defaultAt = expression.indexOf(":-");
        String name = defaultAt < 0 ? expression : expression.substring(0, defaultAt);
        return name.indexOf(':') < 0 ? "env:" + name : name;
    }

    private static String withoutDefault(String placeholder) {
        int defaultAt = placeholder.indexOf(":-");
        return defaultAt < 0 || defaultAt + 3 == placeholder.length()
                ? placeholder
                : placeholder.substring(0, defaultAt + 2) + Secrets.MASK + "}";
    }

    /** Where a placeholder begins and ends. */
    private interface Found {
        void at(int start, int end);
    }

    private static void forEach(String text, Found found) {
        for (int i = text.indexOf("${"); i >= 0; i = text.indexOf("${", i)) {
            int end = i > 0 && isEscape(text, i - 1) ? -1 : end(text, i);
            if (end > 0) {
                found.at(i, end);
                i = end;
            } else {
                i += 2;
            }
        }
    }

    /** Whether <code>$${</code> stands there. */
    static boolean isEscape(String text, int start) {
        return text.startsWith("$${", start);
    }

    /**
     * Replaces the placeholders by what {@code lookup} gives for {@code env:NAME} or {@code sys:name}, and notes in
     * {@code values} what each name stood for.
     */
    static String resolve(
            String text, String where, Function<String, @Nullable String> lookup, Map<String, String> values) {
        if (!in(text)) {
            return text;
        }
        StringBuilder out = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); ) {
            if (isEscape(text, i)) {
                out.append("${");
                i += 3;
            } else if (text.startsWith("${", i)) {
                int end = end(text, i);
                if (end < 0) {
                    throw new McpUriException(
                            "'${' in " + where + " is never closed, or more than " + MOST_WITHIN
                                    + " stand within each other; write $${ for itself",
                            -1);
                }
                String value = value(text.substring(i + 2, end - 1), where, lookup, values);
                values.put(name(text.substring(i, end)), value);
                out.append(value);
                i = end;
            } else {
                out.append(text.charAt(i++));
            }
        }
        return out.toString();
    }

    private static String value(
            String expression, String where, Function<String, @Nullable String> lookup, Map<String, String> values) {
        int defaultAt = expression.indexOf(":-");
        String name = defaultAt < 0 ? expression : expression.substring(0, defaultAt);
        if (in(name)) {
            throw new McpUriException(
                    "a placeholder in " + where
                            + " has another one in its name; one may stand in a default alone: ${NAME:-${OTHER}}",
                    -1);
        }
        String qualified = name.indexOf(':') < 0 ? "env:" + name : name;
        if (qualified.endsWith(":")) {
            throw new McpUriException(
                    "a placeholder in " + where + " names no variable; write for example ${env:NAME}", -1);
        }
        String value = lookup.apply(qualified);
        // As in a shell, the default also stands in for a variable that is set but empty.
        if (defaultAt >= 0 && (value == null || value.isEmpty())) {
            return resolve(expression.substring(defaultAt + 2), where, lookup, values);
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
