package io.mcpdrivers.integration.metrics;

import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which labels of which samples queries in the language of Prometheus ask for. */
final class Dashboard {

    private static final Pattern SAMPLE = Pattern.compile("\\b(mcp_[a-z_]+)\\b(?:\\{([^}]*)})?");
    private static final Pattern MATCHER = Pattern.compile("([a-z_]+)\\s*(?:=~|!~|!=|=)\\s*\"");
    private static final Pattern GROUPING = Pattern.compile("\\bby \\(([^)]*)\\)\\s*\\(");
    private static final Pattern VALUES = Pattern.compile("label_values\\((.*),\\s*([a-z_]+)\\)");

    /** Where the names of samples do not mean them: comments, values and groupings. */
    private static final Pattern NO_SAMPLES = Pattern.compile("(?m)^#.*$|(?<=\")[^\"{}]*(?=\"[,}])|\\bby \\([^)]*\\)");

    private Dashboard() {}

    /** The labels that the queries ask for, by sample. */
    static Map<String, Set<String>> asked(Set<String> queries) {
        Map<String, Set<String>> asked = new TreeMap<>();
        for (String query : queries) {
            Matcher values = VALUES.matcher(query);
            if (values.matches()) {
                addSamples(values.group(1), Set.of(values.group(2)), asked);
                continue;
            }
            addSamples(query, Set.of(), asked);
            Matcher grouping = GROUPING.matcher(query);
            while (grouping.find()) {
                Set<String> labels =
                        new TreeSet<>(Arrays.asList(grouping.group(1).trim().split("\\s*,\\s*")));
                addSamples(query.substring(grouping.end(), closing(query, grouping.end())), labels, asked);
            }
        }
        return asked;
    }

    /** The labels that there are, by sample. */
    static Map<String, Set<String>> there(String scraped) {
        Map<String, Set<String>> there = new TreeMap<>();
        addSamples(scraped, Set.of(), there);
        return there;
    }

    private static void addSamples(String text, Set<String> grouping, Map<String, Set<String>> found) {
        Matcher samples = SAMPLE.matcher(NO_SAMPLES.matcher(text).replaceAll(""));
        while (samples.find()) {
            Set<String> labels = found.computeIfAbsent(samples.group(1), sample -> new TreeSet<>());
            labels.addAll(grouping);
            if (samples.group(2) != null) {
                labels.addAll(Documents.all(MATCHER, samples.group(2)));
            }
        }
    }

    private static int closing(String query, int start) {
        int open = 1;
        int at = start;
        while (open > 0) {
            char c = query.charAt(at++);
            open += c == '(' ? 1 : c == ')' ? -1 : 0;
        }
        return at - 1;
    }
}
