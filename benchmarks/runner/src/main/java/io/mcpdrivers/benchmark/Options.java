package io.mcpdrivers.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What the command line says. */
final class Options {

    static final String HELP = """
            ./benchmarks/run [options]     measures everything: five rounds, a JVM of its own for each figure
              --quick                      one short round, at most five minutes
              --rounds N --warm S --seconds S
                                           how often, how long to warm up at least, how long to measure
              --case A,B --transport A,B --peer A,B
                                           these alone; the other results are kept as they are
                                           (the names are those in results/summary.json; pool-alone is JMH's)
              --jdk HOME                   a JDK to measure on, may be repeated; else JDK 17 and 25 where they are found
              --check                      what ./benchmarks/check does: counts beside limits.txt, no times
              --report                     measures nothing, writes table, charts and summary anew
            """;

    boolean quick;
    boolean report;
    boolean check;
    int rounds = 5;
    double warm = 2;
    double seconds = 2;
    List<String> cases = List.of();
    List<String> transports = List.of();
    List<String> peers = List.of();
    /** From the version to the home. */
    final Map<Integer, Path> jdks = new LinkedHashMap<>();

    static Options of(List<String> arguments) throws IOException {
        Options options = new Options();
        for (int i = 0; i < arguments.size(); i++) {
            switch (arguments.get(i)) {
                case "--quick" -> {
                    options.quick = true;
                    options.rounds = 1;
                    options.warm = 0.4;
                    options.seconds = 0.4;
                }
                case "--report" -> options.report = true;
                case "--check" -> options.check = true;
                case "--rounds" -> options.rounds = Integer.parseInt(arguments.get(++i));
                case "--warm" -> options.warm = Double.parseDouble(arguments.get(++i));
                case "--seconds" -> options.seconds = Double.parseDouble(arguments.get(++i));
                case "--case" -> options.cases = List.of(arguments.get(++i).split(","));
                case "--transport" ->
                    options.transports = List.of(arguments.get(++i).split(","));
                case "--peer" -> options.peers = List.of(arguments.get(++i).split(","));
                case "--jdk" -> options.addJdk(Path.of(arguments.get(++i)));
                default -> throw new IllegalArgumentException("Unknown option " + arguments.get(i) + "\n" + HELP);
            }
        }
        if (options.jdks.isEmpty()) {
            options.findJdks();
        }
        return options;
    }

    boolean isPart() {
        return !(cases.isEmpty() && transports.isEmpty() && peers.isEmpty());
    }

    static boolean chosen(List<String> those, String one) {
        return those.isEmpty() || those.contains(one);
    }

    private void addJdk(Path home) {
        jdks.putIfAbsent(version(home), home);
    }

    /** 17 and 25 among those that are installed where JDKs usually are; else the one that runs this. */
    private void findJdks() throws IOException {
        List<Path> homes = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"))));
        for (String folder : List.of("/usr/lib/jvm", System.getProperty("user.home") + "/.sdkman/candidates/java")) {
            if (Files.isDirectory(Path.of(folder))) {
                try (Stream<Path> found = Files.list(Path.of(folder))) {
                    found.filter(p -> Files.isExecutable(p.resolve("bin/java")))
                            .sorted()
                            .forEach(homes::add);
                }
            }
        }
        for (int wanted : new int[] {17, 25}) {
            homes.stream().filter(home -> version(home) == wanted).findFirst().ifPresent(this::addJdk);
        }
        if (jdks.isEmpty()) {
            addJdk(homes.get(0));
        }
    }

    private static int version(Path home) {
        try (Stream<String> lines = Files.lines(home.resolve("release"))) {
            return lines.filter(line -> line.startsWith("JAVA_VERSION="))
                    .map(line -> Arrays.asList(line.replaceAll("[^0-9.]", "").split("\\."))
                            .get(0))
                    .mapToInt(Integer::parseInt)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return 0;
        }
    }
}
