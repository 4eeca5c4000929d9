package io.mcpdrivers.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Compares what calls allocate, and how often they read and write, with {@code limits.txt}: counts, no times. */
final class Check {

    private Check() {}

    /** Whether everything is within its limits. */
    static boolean run(Path benchmarks, Options options) throws IOException, InterruptedException {
        Forks forks = new Forks(benchmarks);
        Path jdk = options.jdks.values().iterator().next();
        boolean within = true;
        for (String line : Files.readAllLines(benchmarks.resolve("limits.txt"))) {
            if (line.startsWith("#") || line.isBlank()) {
                continue;
            }
            List<String> words = List.of(line.trim().split(" +"));
            Measures measures = forks.run(
                    Contender.named(Contender.SELF), Scenario.named(words.get(0)), words.get(1), jdk, options);
            within &= compare(words, "bytes allocated", measures.get("bytes"), words.get(2));
            within &= compare(words, "reads and writes", measures.get("systemCalls"), words.get(3));
        }
        return within;
    }

    private static boolean compare(List<String> words, String what, double measured, String limit) {
        boolean within = measured <= Double.parseDouble(limit);
        System.out.printf(
                "%-6s %s %s: %s per call %s, at most %s%n",
                within ? "ok" : "FAILED", words.get(0), words.get(1), what, Json.number(measured), limit);
        return within;
    }
}
