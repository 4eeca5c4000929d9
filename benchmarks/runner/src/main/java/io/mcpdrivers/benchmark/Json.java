package io.mcpdrivers.benchmark;

import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Writes maps, lists, strings, booleans and numbers. */
final class Json {

    private Json() {}

    /** In one line. */
    static String flat(Object value) {
        return print(value, null);
    }

    /** With a line for each member, but for those innermost. */
    static String indented(Object value) {
        return print(value, "") + "\n";
    }

    private static String print(Object value, String indent) {
        if (value instanceof Map<?, ?> map) {
            boolean broken =
                    indent != null && map.values().stream().anyMatch(v -> v instanceof Map || v instanceof Collection);
            String inner = broken ? indent + "  " : null;
            return map.entrySet().stream()
                    .map(e -> "\"" + e.getKey() + "\":" + (indent == null ? "" : " ") + print(e.getValue(), inner))
                    .collect(joining("{", "}", indent, broken));
        }
        if (value instanceof Collection<?> list) {
            boolean broken = indent != null && list.stream().anyMatch(v -> v instanceof Map);
            String inner = broken ? indent + "  " : null;
            return list.stream().map(v -> print(v, inner)).collect(joining("[", "]", indent, broken));
        }
        if (value instanceof Double number) {
            return number(number);
        }
        if (value instanceof Number || value instanceof Boolean) {
            return value.toString();
        }
        return "\"" + value.toString().replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }

    private static java.util.stream.Collector<CharSequence, ?, String> joining(
            String begin, String end, String indent, boolean broken) {
        return broken
                ? Collectors.joining(",\n  " + indent, begin + "\n  " + indent, "\n" + indent + end)
                : Collectors.joining(", ", begin, end);
    }

    /** Four digits that count are enough. */
    static String number(double number) {
        if (number == Math.rint(number) && Math.abs(number) < 1e15) {
            return Long.toString((long) number);
        }
        double size = Math.abs(number);
        return String.format(
                Locale.ROOT, size >= 100 ? "%.0f" : size >= 10 ? "%.1f" : size >= 1 ? "%.2f" : "%.4f", number);
    }
}
