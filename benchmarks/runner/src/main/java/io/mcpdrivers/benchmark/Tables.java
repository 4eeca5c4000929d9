package io.mcpdrivers.benchmark;

import java.util.List;
import java.util.Locale;

/** The results as tables in Markdown. */
final class Tables {

    private static final List<String[]> COLUMNS = List.of(
            new String[] {"callsPerSecond", "calls/s"},
            new String[] {"p50Us", "p50 us"},
            new String[] {"p99Us", "p99 us"},
            new String[] {"cpuUs", "CPU us per call"},
            new String[] {"bytes", "bytes per call"},
            new String[] {"systemCalls", "reads and writes per call"});

    private Tables() {}

    static String print(Summary summary) {
        StringBuilder text = new StringBuilder();
        String title = "";
        for (var entry : summary.rows.entrySet()) {
            Summary.Key key = entry.getKey();
            List<Summary.Row> rows = entry.getValue();
            String next = Scenario.named(key.scenario()).title() + ", JDK " + key.jdk();
            List<String[]> columns = COLUMNS.stream()
                    .filter(c -> rows.stream().anyMatch(r -> r.get(c[0]) != null))
                    .toList();
            if (!next.equals(title)) {
                title = next;
                text.append(text.length() == 0 ? "" : "\n")
                        .append("**")
                        .append(title)
                        .append("**\n\n");
                text.append("| | |");
                columns.forEach(c -> text.append(' ').append(c[1]).append(" |"));
                text.append(" errors | by ours |\n| --- | --- |");
                text.append(" --- |".repeat(columns.size() + 2)).append('\n');
            }
            for (Summary.Row row : rows) {
                text.append("| ").append(key.transport()).append(" | ");
                text.append(Contender.named(row.peer()).title()).append(" |");
                for (String[] column : columns) {
                    text.append(' ').append(cell(row.get(column[0]))).append(" |");
                }
                text.append(' ').append(Json.number(row.errors())).append(" | ");
                text.append(row.ratio() == null ? "" : Json.number(row.ratio().median()))
                        .append(" |\n");
            }
        }
        return text.toString();
    }

    /** The median, and how far the rounds were apart. */
    private static String cell(Summary.Range range) {
        if (range == null) {
            return "";
        }
        return number(range.median()) + " (" + number(range.least()) + "-" + number(range.most()) + ")";
    }

    private static String number(double value) {
        return value >= 1000 ? String.format(Locale.ROOT, "%,.0f", value) : Json.number(value);
    }
}
