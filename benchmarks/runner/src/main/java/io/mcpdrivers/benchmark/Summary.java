package io.mcpdrivers.benchmark;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Medians and ranges over the rounds. */
final class Summary {

    /** What rounds gave. */
    record Range(double median, double least, double most) {

        static Range of(List<Double> values) {
            List<Double> sorted = values.stream().sorted().toList();
            int half = sorted.size() / 2;
            double median = sorted.size() % 2 == 1 ? sorted.get(half) : (sorted.get(half - 1) + sorted.get(half)) / 2;
            return new Range(median, sorted.get(0), sorted.get(sorted.size() - 1));
        }
    }

    /** A case over a transport on a JDK: the figures of each peer. */
    record Key(String scenario, String transport, int jdk) {}

    /**
     * One peer in one case.
     *
     * @param errors of all rounds together
     * @param ratio its principal figure by this library's, the median of the quotients of each round: of
     *     calls per second or the like, so that more is better; null where there is nothing to divide
     */
    record Row(String peer, int rounds, Map<String, Range> values, double errors, Range ratio, String failure) {

        Range get(String name) {
            return values.get(name);
        }
    }

    final Map<Key, List<Row>> rows = new LinkedHashMap<>();

    Summary(RawResults raw) {
        for (int jdk : raw.lines().stream()
                .map(RawResults.Line::jdk)
                .distinct()
                .sorted()
                .toList()) {
            for (Scenario scenario : Scenario.ALL) {
                for (String transport : scenario.transports()) {
                    Key key = new Key(scenario.name(), transport, jdk);
                    List<RawResults.Line> lines = raw.lines().stream()
                            .filter(l -> key.equals(new Key(l.scenario(), l.transport(), l.jdk())))
                            .toList();
                    if (!lines.isEmpty()) {
                        rows.put(key, rows(scenario, lines));
                    }
                }
            }
        }
    }

    private static List<Row> rows(Scenario scenario, List<RawResults.Line> lines) {
        Map<Integer, Double> own = new TreeMap<>();
        for (RawResults.Line line : lines) {
            if (line.peer().equals(Contender.SELF)) {
                own.put(line.round(), principal(scenario, line));
            }
        }
        List<Row> rows = new ArrayList<>();
        for (Contender contender : Contender.ALL) {
            List<RawResults.Line> those = lines.stream()
                    .filter(l -> l.peer().equals(contender.name()))
                    .toList();
            if (!those.isEmpty()) {
                rows.add(row(scenario, contender.name(), those, own));
            }
        }
        return rows;
    }

    private static Row row(Scenario scenario, String peer, List<RawResults.Line> lines, Map<Integer, Double> own) {
        Map<String, List<Double>> values = new LinkedHashMap<>();
        List<Double> ratios = new ArrayList<>();
        String failure = "";
        double errors = 0;
        for (RawResults.Line line : lines) {
            if (!line.failure().isEmpty()) {
                failure = line.failure();
                errors++;
            }
            errors += line.values().getOrDefault("errors", 0.0);
            line.values()
                    .forEach((name, value) -> values.computeIfAbsent(name, any -> new ArrayList<>())
                            .add(value));
            double ratio = principal(scenario, line) / own.getOrDefault(line.round(), Double.NaN);
            if (Double.isFinite(ratio)) {
                ratios.add(scenario.lessIsBetter() ? 1 / ratio : ratio);
            }
        }
        Map<String, Range> ranges = new LinkedHashMap<>();
        values.forEach((name, all) -> ranges.put(name, Range.of(all)));
        return new Row(peer, lines.size(), ranges, errors, ratios.isEmpty() ? null : Range.of(ratios), failure);
    }

    private static double principal(Scenario scenario, RawResults.Line line) {
        return line.values().getOrDefault(scenario.principal(), Double.NaN);
    }

    /** For {@code summary.json}. */
    Collection<Object> toJson() {
        List<Object> list = new ArrayList<>();
        rows.forEach((key, peers) -> {
            for (Row row : peers) {
                Map<String, Object> members = new LinkedHashMap<>();
                members.put("case", key.scenario());
                members.put("transport", key.transport());
                members.put("jdk", key.jdk());
                members.put("peer", row.peer());
                members.put("forks", row.rounds());
                if (!row.failure().isEmpty()) {
                    members.put("failure", row.failure());
                }
                members.put("errors", row.errors());
                if (row.ratio() != null) {
                    members.put("ratioToMcpDrivers", range(row.ratio()));
                }
                row.values().forEach((name, range) -> {
                    if (!name.equals("errors") && !name.equals("load")) {
                        members.put(name, range(range));
                    }
                });
                list.add(members);
            }
        });
        return list;
    }

    static Map<String, Object> range(Range range) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("median", range.median());
        members.put("min", range.least());
        members.put("max", range.most());
        return members;
    }
}
