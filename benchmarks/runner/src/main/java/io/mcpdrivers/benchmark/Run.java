package io.mcpdrivers.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The program behind {@code ./benchmarks/run}. */
final class Run {

    /** Of {@code --quick}; what is not begun by then is left out and named. */
    private static final long QUICK_NANOS = TimeUnit.SECONDS.toNanos(240);

    private static final String BEGIN = "<!-- results -->";
    private static final String END = "<!-- end of results -->";

    private final Path benchmarks;
    private final Options options;
    private final RawResults raw;
    private final long begin = System.nanoTime();

    private Run(Path benchmarks, Options options) throws IOException {
        this.benchmarks = benchmarks;
        this.options = options;
        raw = new RawResults(benchmarks.resolve("results/raw.jsonl"));
    }

    public static void main(String[] arguments) throws Exception {
        List<String> given = new ArrayList<>(Arrays.asList(arguments));
        Path benchmarks = Path.of(given.remove(0));
        if (given.contains("--help")) {
            System.out.print(Options.HELP);
            return;
        }
        Run run = new Run(benchmarks, Options.of(given));
        if (run.options.check) {
            System.exit(Check.run(benchmarks, run.options) ? 0 : 1);
        }
        if (!run.options.report) {
            run.measure();
        }
        run.write();
    }

    private record Step(Scenario scenario, String transport, int jdk, Contender contender) {}

    private void measure() throws IOException, InterruptedException {
        List<Step> steps = steps();
        raw.removeIf(line -> !options.isPart() || steps.stream().anyMatch(step -> isOf(line, step)));
        Forks forks = new Forks(benchmarks);
        int done = 0;
        for (int round = 1; round <= options.rounds; round++) {
            for (Step step : inTurn(steps, round)) {
                if (options.quick && System.nanoTime() - begin > QUICK_NANOS) {
                    System.err.println("No time was left for " + step);
                    continue;
                }
                RawResults.Line line = measure(forks, step, round);
                raw.add(line);
                System.err.printf(
                        "%d/%d %s %s JDK %d %s: %s%n",
                        ++done,
                        steps.size() * options.rounds,
                        step.scenario.name(),
                        step.transport,
                        step.jdk,
                        step.contender.name(),
                        line.failure().isEmpty() ? Json.flat(line.values()) : line.failure());
            }
        }
        if (Options.chosen(options.cases, "pool-alone") && options.transports.isEmpty() && !options.quick) {
            new PoolRun(benchmarks).measure(options.jdks.values().iterator().next(), options);
        }
    }

    private RawResults.Line measure(Forks forks, Step step, int round) throws InterruptedException {
        Map<String, Double> values = new LinkedHashMap<>();
        String failure = "";
        values.put("load", Machine.load());
        try {
            values.putAll(forks.run(step.contender, step.scenario, step.transport, options.jdks.get(step.jdk), options)
                    .values());
        } catch (IOException e) {
            failure = String.valueOf(e.getMessage());
        }
        return new RawResults.Line(
                step.scenario.name(), step.transport, step.jdk, step.contender.name(), round, failure, values);
    }

    private static boolean isOf(RawResults.Line line, Step step) {
        return line.scenario().equals(step.scenario.name())
                && line.transport().equals(step.transport)
                && line.jdk() == step.jdk
                && line.peer().equals(step.contender.name());
    }

    private List<Step> steps() {
        List<Step> steps = new ArrayList<>();
        for (int jdk : options.jdks.keySet()) {
            for (Scenario scenario : Scenario.ALL) {
                if (!Options.chosen(options.cases, scenario.name()) || !suits(scenario, jdk)) {
                    continue;
                }
                for (String transport : scenario.transports()) {
                    for (Contender contender : Contender.ALL) {
                        if (Options.chosen(options.transports, transport)
                                && Options.chosen(options.peers, contender.name())
                                && contender.takesPart(scenario, transport)
                                && !(options.quick && isLeftOutOfQuick(scenario, transport, contender))
                                && canRun(scenario, contender)) {
                            steps.add(new Step(scenario, transport, jdk, contender));
                        }
                    }
                }
            }
        }
        return steps;
    }

    /** A quick run is on one JDK, but for what that one cannot do. */
    private boolean suits(Scenario scenario, int jdk) {
        int first = options.jdks.keySet().stream()
                .filter(version -> version >= scenario.fromJdk())
                .findFirst()
                .orElse(0);
        return jdk >= scenario.fromJdk() && (!options.quick || jdk == first);
    }

    private static boolean isLeftOutOfQuick(Scenario scenario, String transport, Contender contender) {
        return contender.name().equals("mcp-drivers-2025")
                || List.of("blob-64k", "blob-8m", "one-thread").contains(scenario.name())
                || (transport.equals("sse") && !scenario.name().equals("shared-16"));
    }

    /** Without the packages from npm, or {@code taskset}, there is less to measure. */
    private boolean canRun(Scenario scenario, Contender contender) {
        boolean node = contender.isNode() || scenario.name().equals("real-server");
        return (!node || Files.isDirectory(benchmarks.resolve("peers/typescript/node_modules")))
                && (!scenario.pinned() || Files.isExecutable(Path.of("/usr/bin/taskset")));
    }

    /** The contenders of a case follow each other closely, and each round another one begins. */
    private static List<Step> inTurn(List<Step> steps, int round) {
        List<Step> ordered = new ArrayList<>();
        for (int from = 0; from < steps.size(); ) {
            Step first = steps.get(from);
            int to = from;
            while (to < steps.size()
                    && steps.get(to).scenario == first.scenario
                    && steps.get(to).transport.equals(first.transport)
                    && steps.get(to).jdk == first.jdk) {
                to++;
            }
            List<Step> group = new ArrayList<>(steps.subList(from, to));
            Collections.rotate(group, round - 1);
            ordered.addAll(group);
            from = to;
        }
        return ordered;
    }

    private void write() throws IOException {
        Summary summary = new Summary(raw);
        Path results = benchmarks.resolve("results");
        Map<String, Object> whole = new LinkedHashMap<>();
        whole.put("date", LocalDate.now().toString());
        whole.put("quick", options.quick);
        whole.put("machine", Machine.describe());
        PoolRun pool = new PoolRun(benchmarks);
        List<Object> figures = new ArrayList<>(summary.toJson());
        figures.addAll(pool.toJson());
        whole.put("results", figures);
        Files.writeString(results.resolve("summary.json"), Json.indented(whole));
        String tables = Tables.print(summary) + pool.table();
        draw(summary, "shared-16", "callsPerSecond", "Calls per second, 16 threads on one connection");
        draw(summary, "one-thread-pinned", "p50Us", "Microseconds per call (median), one thread, one CPU");
        draw(summary, "one-thread-pinned", "bytes", "Bytes allocated per call");
        Files.writeString(results.resolve("tables.md"), "# Results\n\n" + tables);
        if (!options.quick) {
            intoPage(benchmarks.resolveSibling("docs").resolve("performance.md"), tables);
        }
        System.out.println(tables);
    }

    private void draw(Summary summary, String scenario, String figure, String title) throws IOException {
        int jdk = summary.rows.keySet().stream()
                .filter(key -> key.scenario().equals(scenario))
                .mapToInt(Summary.Key::jdk)
                .min()
                .orElse(0);
        String drawn = Chart.draw(summary, scenario, jdk, figure, title);
        if (!drawn.isEmpty()) {
            Files.writeString(benchmarks.resolve("results/" + scenario + "-" + figure + ".svg"), drawn);
        }
    }

    /** Puts the tables between the two marks that the page has for them. */
    private static void intoPage(Path page, String tables) throws IOException {
        String text = Files.readString(page);
        int from = text.indexOf(BEGIN);
        int to = text.indexOf(END);
        if (from < 0 || to < from) {
            throw new IOException(page + " lacks the lines '" + BEGIN + "' and '" + END + "' around its tables");
        }
        Files.writeString(page, text.substring(0, from + BEGIN.length()) + "\n" + tables + text.substring(to));
    }
}
