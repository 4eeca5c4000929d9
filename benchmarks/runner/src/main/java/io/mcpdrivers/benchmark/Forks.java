package io.mcpdrivers.benchmark;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Starts the JVMs that measure, and the server if it is one of HTTP. */
final class Forks {

    private final Path benchmarks;
    private final File log;

    Forks(Path benchmarks) throws IOException {
        this.benchmarks = benchmarks;
        log = benchmarks.resolve("target/forks.log").toFile();
        Files.deleteIfExists(log.toPath());
    }

    /**
     * Measures once.
     *
     * @throws IOException if it cannot be measured, or takes far longer than it should
     */
    Measures run(Contender contender, Scenario scenario, String transport, Path jdk, Options options)
            throws IOException, InterruptedException {
        String server = benchmarks
                .resolve(
                        scenario.name().equals("real-server")
                                ? "peers/typescript/node_modules/.bin/mcp-server-everything"
                                : "target/server")
                .toString();
        if (transport.equals("stdio")) {
            return measure(contender, scenario, transport, jdk, options, server);
        }
        List<String> command = new ArrayList<>(pinned(scenario));
        command.addAll(List.of(server, "--http"));
        Process http = new ProcessBuilder(command).start();
        try (BufferedReader out = reader(http)) {
            String url = "http://127.0.0.1:" + out.readLine() + "/" + transport + "/mcp";
            return measure(contender, scenario, transport, jdk, options, url);
        } finally {
            http.destroy();
        }
    }

    private static List<String> pinned(Scenario scenario) {
        return scenario.pinned()
                ? List.of("taskset", "-c", "" + (Runtime.getRuntime().availableProcessors() - 1))
                : List.of();
    }

    private Measures measure(
            Contender contender, Scenario scenario, String transport, Path jdk, Options options, String endpoint)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(pinned(scenario));
        command.addAll(program(contender, jdk));
        command.addAll(List.of(
                contender.factory(),
                contender.variant(),
                scenario.name(),
                transport,
                endpoint,
                "" + options.warm,
                "" + options.seconds));
        long begin = System.nanoTime();
        Process fork = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.appendTo(log))
                .start();
        Thread watch =
                new Thread(() -> endWhenOverdue(fork, (long) (options.warm * 5 + options.seconds + 60)), "watch");
        watch.setDaemon(true);
        watch.start();
        try (BufferedReader out = reader(fork)) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (line.startsWith("result ")) {
                    Measures measures = Measures.ofLine(line.substring("result ".length()));
                    if (scenario.name().equals("first-call")) {
                        measures.put("wholeMs", (System.nanoTime() - begin) / 1e6);
                        if (classPathKb(contender) > 0) {
                            measures.put("classPathKb", classPathKb(contender));
                        }
                    }
                    return measures;
                }
            }
        } finally {
            end(fork);
        }
        throw new IOException("it has printed no result; see " + log);
    }

    private Path peer(Contender contender) {
        return benchmarks.resolve("peers").resolve(contender.module());
    }

    private List<String> program(Contender contender, Path jdk) throws IOException {
        if (contender.isNode()) {
            return List.of("node", peer(contender).resolve("peer.mjs").toString());
        }
        Path built = peer(contender).resolve("target");
        return List.of(
                jdk.resolve("bin/java").toString(),
                "-Xmx1g",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                "-cp",
                built.resolve("classes") + File.pathSeparator + Files.readString(built.resolve("classpath")),
                Fork.class.getName());
    }

    /** What an application would have to bring along; without what is here for the benchmark's sake. */
    private double classPathKb(Contender contender) throws IOException {
        if (contender.isNode() || contender.factory().equals(Limits.class.getName())) {
            return 0;
        }
        long bytes = 0;
        String classPath = Files.readString(peer(contender).resolve("target/classpath"));
        for (String jar : classPath.split(File.pathSeparator)) {
            if (!jar.contains("benchmark-runner") && !jar.contains("slf4j-simple")) {
                bytes += Files.size(Path.of(jar));
            }
        }
        return bytes / 1024.0;
    }

    private static BufferedReader reader(Process process) {
        return new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    private static void endWhenOverdue(Process fork, long seconds) {
        try {
            if (!fork.waitFor(seconds, TimeUnit.SECONDS)) {
                end(fork);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void end(Process fork) {
        fork.descendants().forEach(ProcessHandle::destroyForcibly);
        fork.destroyForcibly();
    }
}
