package io.mcpdrivers.benchmark;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Named numbers, in the order in which they came. */
final class Measures {

    private final Map<String, Double> values = new LinkedHashMap<>();

    void put(String name, double value) {
        values.put(name, value);
    }

    double get(String name) {
        return values.get(name);
    }

    Map<String, Double> values() {
        return values;
    }

    /** {@code name=value name=value}. */
    String toLine() {
        StringBuilder line = new StringBuilder();
        values.forEach((name, value) ->
                line.append(line.length() == 0 ? "" : " ").append(String.format(Locale.ROOT, "%s=%.4f", name, value)));
        return line.toString();
    }

    static Measures ofLine(String line) {
        Measures measures = new Measures();
        for (String pair : line.split(" ")) {
            int equals = pair.indexOf('=');
            measures.put(pair.substring(0, equals), Double.parseDouble(pair.substring(equals + 1)));
        }
        return measures;
    }
}
