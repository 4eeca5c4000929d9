package io.mcpdrivers.benchmark;

import java.util.List;
import java.util.Locale;

/** The results as tables in Markdown. */
final class Tables {

    private static final List<String[]> COLUMNS = List.of(
            new String[] {"mbPerSecond", "MB/s"},
            new String[] {"bytesPerByte", "bytes allocated per byte"},
            new String[] {"callsPerSecond", "calls/s"},
            new String[] {"p50Us", "p50 us"},
            new String[] {"p99Us", "p99 us"},
            new String[] {"cpuUs", "CPU us per call"},
            new String[] {"bytes", "bytes per call"},
            new String[] {"threads", "threads"},
            new String[] {"singlesUs", "100 calls, us"},
            new String[] {"batchUs", "batch, us"},
            new String[] {"saved", "saved"},
            new String[] {"connectMs", "ms"},
            new String[] {"slowestConnectMs", "slowest, ms"},
            new String[] {"threadsEach", "threads each"},
            new String[] {"heapEach", "bytes of heap each"},
            new String[] {"descriptorsEach", "descriptors each"},
            new String[] {"wholeMs", "from starting the JVM, ms"},
            new String[] {"connectAndCallMs", "of these connecting and calling, ms"},
            new String[] {"classPathKb", "class path, KB"},
            new String[] {"ownProcessMs", "a process for one call, ms"},
            new String[] {"threePooledMs", "3 pooled calls, start included, ms"},
            new String[] {"tenPooledMs", "10 pooled calls, ms"},
            new String[] {"batchOfTenMs", "batch of 10, ms"},
            new String[] {"threeSaved", "saved by 3"},
            new String[] {"tenSaved", "by 10"},
            new String[] {"batchSaved", "by the batch"});

    private static final List<String> OF_SMALL_CALLS = List.of("callsPerSecond", "bytes", "p99Us");

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
                    .filter(c -> !c[0].equals("threads") || key.scenario().startsWith("virtual"))
                    .filter(c -> !key.scenario().startsWith("blob") || !OF_SMALL_CALLS.contains(c[0]))
                    .toList();
            if (!next.equals(title)) {
                title = next;
                text.append(text.length() == 0 ? "" : "\n")
                        .append("**")
                        .append(title)
                        .append("**\n\n");
                text.append("| | |");
                columns.forEach(c -> text.append(' ').append(c[1]).append(" |"));
                text.append(" errors | to ours |\n| --- | --- |");
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
    static String cell(Summary.Range range) {
        if (range == null) {
            return "";
        }
        return number(range.median()) + " (" + number(range.least()) + "-" + number(range.most()) + ")";
    }

    static String number(double value) {
        return value >= 1000 ? String.format(Locale.ROOT, "%,.0f", value) : Json.number(value);
    }
}
