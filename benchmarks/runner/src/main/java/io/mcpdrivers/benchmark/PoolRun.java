package io.mcpdrivers.benchmark;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The pools alone, measured by JMH in its own JVMs; what it printed stays in {@code results/pool.txt}. */
final class PoolRun {

    private static final Map<String, String> TITLES = new LinkedHashMap<>();

    static {
        TITLES.put("mcpDrivers", "**MCP Drivers**");
        TITLES.put("mcpDriversJoin", "**MCP Drivers**, joining a shared connection");
        TITLES.put("commonsPool", "Commons Pool, `GenericKeyedObjectPool` as it is");
        TITLES.put("hikari", "HikariCP (has no keys)");
    }

    /** One line of what JMH measured, in nanoseconds. */
    private record Figure(String pool, int threads, int keys, Summary.Range nanos) {}

    private final Path benchmarks;
    private final Path file;

    PoolRun(Path benchmarks) {
        this.benchmarks = benchmarks;
        file = benchmarks.resolve("results/pool.txt");
    }

    void measure(Path jdk, Options options) throws IOException, InterruptedException {
        Path built = benchmarks.resolve("pool/target");
        Process process = new ProcessBuilder(
                        jdk.resolve("bin/java").toString(),
                        "-Xmx1g",
                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                        "-cp",
                        built.resolve("classes") + File.pathSeparator + Files.readString(built.resolve("classpath")),
                        "io.mcpdrivers.benchmark.pool.PoolForks",
                        "" + options.rounds,
                        "" + options.warm,
                        "" + options.seconds)
                .redirectError(ProcessBuilder.Redirect.appendTo(
                        benchmarks.resolve("target/forks.log").toFile()))
                .start();
        List<String> lines = new ArrayList<>();
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (line.startsWith("pool ")) {
                    System.err.println(line);
                    lines.add(line);
                }
            }
        }
        process.waitFor();
        if (!lines.isEmpty()) {
            Files.write(file, lines);
        }
    }

    private List<Figure> figures() throws IOException {
        List<Figure> figures = new ArrayList<>();
        if (Files.exists(file)) {
            for (String line : Files.readAllLines(file)) {
                String[] words = line.split(" ");
                figures.add(new Figure(
                        words[1],
                        Integer.parseInt(words[2]),
                        Integer.parseInt(words[3]),
                        new Summary.Range(
                                Double.parseDouble(words[4]),
                                Double.parseDouble(words[5]),
                                Double.parseDouble(words[6]))));
            }
        }
        return figures;
    }

    String table() throws IOException {
        List<Figure> figures = figures();
        if (figures.isEmpty()) {
            return "";
        }
        StringBuilder text = new StringBuilder("\n**The pool alone: borrowing and giving back, in ns**\n\n"
                + "| | threads | 1 key | 100 keys | 10,000 keys |\n| --- | --- | --- | --- | --- |\n");
        TITLES.forEach((name, title) -> {
            for (int threads : new int[] {1, 8}) {
                text.append("| ").append(title).append(" | ").append(threads).append(" |");
                for (int keys : new int[] {1, 100, 10_000}) {
                    text.append(' ')
                            .append(figures.stream()
                                    .filter(f -> f.pool.equals(name) && f.threads == threads && f.keys == keys)
                                    .map(f -> Tables.cell(f.nanos))
                                    .findFirst()
                                    .orElse(""))
                            .append(" |");
                }
                text.append('\n');
            }
        });
        return text.toString();
    }

    List<Object> toJson() throws IOException {
        List<Object> list = new ArrayList<>();
        for (Figure figure : figures()) {
            Map<String, Object> members = new LinkedHashMap<>();
            members.put("case", "pool-alone");
            members.put("peer", figure.pool);
            members.put("threads", figure.threads);
            members.put("keys", figure.keys);
            members.put("nanos", Summary.range(figure.nanos));
            list.add(members);
        }
        return list;
    }
}
