package io.mcpdrivers.integration.metrics;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the documentation says of measurements. */
final class Documents {

    private static final Path FOLDER = Path.of("../../docs");

    private Documents() {}

    /** The names of all meters in the tables of the reference. */
    static Set<String> meters() {
        return all(Pattern.compile("(?m)^\\| `(mcp\\.[a-z.]+)` \\|"), read("metrics.md"));
    }

    /** The rows of the reference that begin with the name of a meter. */
    static String row(String meter) {
        return read("metrics.md")
                .lines()
                .filter(line -> line.startsWith("| `" + meter + "` |"))
                .findFirst()
                .orElse("");
    }

    /** The queries of the dashboard. */
    static Set<String> queries() {
        Set<String> queries = new TreeSet<>();
        JsonNode dashboard = JsonMapper.shared().readTree(read("grafana-dashboard.json"));
        dashboard.findValues("expr").forEach(each -> queries.add(each.asString()));
        dashboard.findValues("definition").forEach(each -> queries.add(each.asString()));
        return queries;
    }

    static Set<String> all(Pattern pattern, String text) {
        Set<String> found = new TreeSet<>();
        Matcher matcher = pattern.matcher(text);
        while (matcher.find()) {
            found.add(matcher.group(1));
        }
        return found;
    }

    private static String read(String name) {
        try {
            return Files.readString(FOLDER.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
