package io.mcpdrivers.integration.soak;

import io.mcpdrivers.pool.PoolEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** Writes the result of a soak as a page. */
final class SoakPage {

    private static final List<String> NO_CALLS = List.of("disturbance", "operation", "warmUp");

    private final StringBuilder out = new StringBuilder();
    private final SoakResult result;

    private SoakPage(SoakResult result) {
        this.result = result;
    }

    /** The page, in Markdown. */
    static String of(SoakResult result) {
        return new SoakPage(result).write();
    }

    private String write() {
        head();
        calls();
        borrowing();
        counts("What was done to it", "disturbance");
        counts("What operators did", "operation");
        durations();
        records();
        connections();
        left();
        return out.toString();
    }

    private void line(String text) {
        out.append(text).append('\n');
    }

    private void table(String... columns) {
        line("");
        line("| " + String.join(" | ", columns) + " |");
        line("| --- |" + " ---: |".repeat(columns.length - 1));
    }

    private void row(Object... cells) {
        StringBuilder row = new StringBuilder("|");
        for (Object cell : cells) {
            row.append(' ')
                    .append(cell instanceof Long number ? String.format(Locale.ROOT, "%,d", number) : cell)
                    .append(" |");
        }
        line(row.toString());
    }

    private void head() {
        line("# Soak of the pool");
        line("");
        line("<!-- Written by tests/soak/run. Do not edit. -->");
        line("");
        line(result.outcomes().findings().isEmpty() ? "**Passed.**" : "**Failed.**");
        line("");
        line(SoakPlan.THREADS + " threads borrow from one pool of at most " + SoakPlan.MAX_TOTAL + " connections to 20 "
                + "servers, 12 over stdio and 8 over HTTP, of both eras, and make calls of all kinds, while processes are "
                + "killed and stopped, servers are reconfigured, and borrowers are interrupted. Each call has a text of its "
                + "own, which its answer must hold; each failure must be one of the documented exceptions; nothing may "
                + "last more than 4 s, and twice the longest pause of the JVM, beyond what is promised; and nothing may "
                + "be left.");
        line("");
        line(
                "Documented is, for a call: `McpTimeoutException`, `McpConnectionLostException`, `McpInterruptedException` if its "
                        + "thread was interrupted; an error of the server if the server was to answer with that very error, which "
                        + "counts as its answer. For borrowing: `McpPoolExhaustedException`, `McpPoolException` (disabled, removed), "
                        + "`McpConfigurationException` (no longer configured), `McpConnectionException` (does not start), "
                        + "`McpInterruptedException`, and `McpPoolClosedException` once the pool is being closed. Anything else "
                        + "fails the soak, as does another kind derived from these.");
        line("");
        line("```");
        line("tests/soak/run --minutes " + result.plan().duration().toMinutes() + " --seed "
                + result.plan().seed());
        line("```");
        line("");
        Runtime runtime = Runtime.getRuntime();
        line("- Load for " + result.plan().duration().toSeconds() + " s; seed "
                + result.plan().seed());
        line("- " + System.getProperty("os.name") + " " + System.getProperty("os.arch") + ", "
                + runtime.availableProcessors() + " processors" + processor() + ", JDK "
                + System.getProperty("java.version") + ", heap of at most " + (runtime.maxMemory() >> 20) + " MiB");
        line(String.format(
                Locale.ROOT,
                "- Load average %.1f before and %.1f at the end; the longest pause of the JVM was %d ms",
                result.loadBefore(),
                SoakResult.load(),
                TimeUnit.NANOSECONDS.toMillis(result.pulse().longest())));
        line(String.format(
                Locale.ROOT,
                "- Closing the pool under load took %.1f s",
                result.closing().toMillis() / 1000.0));
    }

    private static String processor() {
        try {
            return Files.readAllLines(Path.of("/proc/cpuinfo"), StandardCharsets.UTF_8).stream()
                    .filter(line -> line.startsWith("model name"))
                    .findFirst()
                    .map(line -> " (" + line.substring(line.indexOf(':') + 1).trim() + ")")
                    .orElse("");
        } catch (IOException e) {
            return "";
        }
    }

    private void calls() {
        line("");
        line("## Calls and what came of them");
        SortedMap<String, SortedMap<String, Long>> counts = result.outcomes().counts();
        NO_CALLS.forEach(counts::remove);
        counts.keySet().removeIf(kind -> kind.startsWith(Outcomes.BORROWING));
        matrix("call", counts, Outcomes.ANSWERED);
        line("");
        line("Own answers by server: "
                + String.join(
                        ", ",
                        result.outcomes().answeredByServer().entrySet().stream()
                                .map(each -> each.getKey() + " " + String.format(Locale.ROOT, "%,d", each.getValue()))
                                .toList())
                + ".");
    }

    /** A row for each kind, a column for each outcome. */
    private void matrix(String what, SortedMap<String, SortedMap<String, Long>> counts, String first) {
        List<String> outcomes = counts.values().stream()
                .flatMap(each -> each.keySet().stream())
                .distinct()
                .sorted(Comparator.comparing((String each) -> !each.equals(first))
                        .thenComparing(each -> each))
                .toList();
        String[] columns = new String[outcomes.size() + 1];
        columns[0] = what;
        for (int i = 0; i < outcomes.size(); i++) {
            columns[i + 1] = outcomes.get(i);
        }
        table(columns);
        Map<String, Long> totals = new TreeMap<>();
        counts.forEach((kind, each) -> {
            Object[] cells = new Object[columns.length];
            cells[0] = kind;
            for (int i = 0; i < outcomes.size(); i++) {
                Long count = each.getOrDefault(outcomes.get(i), 0L);
                cells[i + 1] = count;
                totals.merge(outcomes.get(i), count, Long::sum);
            }
            row(cells);
        });
        Object[] cells = new Object[columns.length];
        cells[0] = "**all**";
        for (int i = 0; i < outcomes.size(); i++) {
            cells[i + 1] = totals.getOrDefault(outcomes.get(i), 0L);
        }
        row(cells);
    }

    private void borrowing() {
        line("");
        line("## Borrowing, by server");
        SortedMap<String, SortedMap<String, Long>> counts = new TreeMap<>();
        result.outcomes().counts().forEach((kind, outcomes) -> {
            if (kind.startsWith(Outcomes.BORROWING)) {
                counts.put(kind.substring(Outcomes.BORROWING.length()), outcomes);
            }
        });
        matrix("server", counts, Outcomes.LEASE);
        line("");
        line("`s11` is broken again and again, and `s08` takes 4 s to start.");
    }

    private void counts(String title, String kind) {
        line("");
        line("## " + title);
        table("what", "times");
        result.outcomes().counts().getOrDefault(kind, new TreeMap<>()).forEach(this::row);
    }

    private void durations() {
        line("");
        line("## Bounds");
        line("");
        line(
                "By how much anything lasted longer than promised at worst: calls and batches than their timeouts, borrowing "
                        + "than `maxWait`, operations and giving back than no time at all, closing the pool than its "
                        + "`shutdownTimeout` and the end of a process. Below 0, all was in time.");
        table("what", "ms", "worst case");
        result.outcomes().worst().forEach((what, excess) -> row(what, excess.millis(), excess.about()));
    }

    private void records() {
        line("");
        line("## Calls that must not be carried out twice");
        line("");
        line(
                "Each left a line in a file before anything else happened in the server. In the end the files were compared "
                        + "with what the callers were told.");
        table("", "calls");
        row("made", result.records().calls());
        row("carried out, as the files tell", result.records().carriedOut());
        row("of these, failed with `mayHaveExecuted()`", result.records().lostAnswers());
        row("carried out twice", result.records().twice());
        row("otherwise than the caller was told", result.records().wrong());
    }

    private void connections() {
        line("");
        line("## Leases and connections, as the pool's events tell");
        table("", "number");
        for (PoolEvent.Type type : PoolEvent.Type.values()) {
            row(type.name().toLowerCase(Locale.ROOT), result.ledger().count(type));
        }
        line("");
        line("Evicted as: "
                + String.join(
                        ", ",
                        result.ledger().evictions().entrySet().stream()
                                .map(each -> each.getKey() + " " + String.format(Locale.ROOT, "%,d", each.getValue()))
                                .toList())
                + ".");
    }

    private void left() {
        line("");
        line("## What was left");
        table("after closing the pool", "left");
        result.remains().left().forEach(this::row);
    }
}
