package io.mcpdrivers.benchmark.http;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Runs every client on every JDK in turn, several rounds of it, and prints the medians as a table. */
final class Compare {

    private static final String CLIENTS = "socket jdk apache apache-async okhttp jetty driver";

    private Compare() {}

    public static void main(String[] arguments) throws Exception {
        int rounds = Integer.parseInt(arguments[0]);
        String seconds = arguments[1];
        List<String> jdks = List.of(arguments[2].split(":"));
        String chosen = System.getenv("CLIENTS");
        String[] clients = (chosen == null ? CLIENTS : chosen).split(" ");
        Map<String, List<double[]>> results = new TreeMap<>();
        for (int round = 0; round < rounds; round++) {
            for (String jdk : jdks) {
                Process server = java(jdk, "Server");
                try {
                    String port = lines(server).readLine();
                    for (String client : clients) {
                        measure(jdk, client, port, seconds, results);
                    }
                } finally {
                    server.destroy();
                }
            }
            System.err.println("round " + (round + 1) + " of " + rounds + " done");
        }
        System.out.println(
                "| JDK | threads | answer | client | calls/s | p50 us | CPU us | bytes | errors | threads idle |");
        System.out.println("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        results.forEach((name, values) -> System.out.println(String.format(
                Locale.ROOT,
                "| %s | %,.0f | %.0f | %.1f | %,.0f | %.0f | %.0f |",
                name,
                median(values, 0),
                median(values, 1),
                median(values, 2),
                median(values, 3),
                values.stream().mapToDouble(v -> v[4]).sum(),
                median(values, 5))));
    }

    private static void measure(
            String jdk, String client, String port, String seconds, Map<String, List<double[]>> results)
            throws IOException, InterruptedException {
        Process run = java(jdk, "Measure", client, port, seconds);
        for (String line = lines(run).readLine();
                line != null;
                line = lines(run).readLine()) {
            String[] columns = line.split(" ");
            String name = version(jdk) + " | " + String.format("%2s", columns[0]) + " | " + columns[1] + " | " + client;
            results.computeIfAbsent(name, any -> new ArrayList<>())
                    .add(Arrays.stream(columns)
                            .skip(2)
                            .mapToDouble(Double::parseDouble)
                            .toArray());
        }
        run.waitFor();
    }

    private static String version(String jdk) {
        return jdk.contains("25") ? "25" : jdk.contains("17") ? "17" : jdk.substring(jdk.lastIndexOf('/') + 1);
    }

    private static Process java(String jdk, String type, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                jdk + "/bin/java",
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
                Compare.class.getPackageName() + "." + type));
        command.addAll(Arrays.asList(arguments));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static final Map<Process, BufferedReader> READERS = new java.util.HashMap<>();

    private static BufferedReader lines(Process process) {
        return READERS.computeIfAbsent(
                process, p -> new BufferedReader(new InputStreamReader(p.getInputStream(), StandardCharsets.UTF_8)));
    }

    private static double median(List<double[]> values, int column) {
        double[] sorted = values.stream().mapToDouble(v -> v[column]).sorted().toArray();
        return sorted[sorted.length / 2];
    }
}
