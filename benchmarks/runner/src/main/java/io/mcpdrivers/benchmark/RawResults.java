package io.mcpdrivers.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Every figure as it was measured: a file with one flat JSON object in each line. */
final class RawResults {

    /**
     * One measurement.
     *
     * @param failure empty if there are values
     */
    record Line(
            String scenario,
            String transport,
            int jdk,
            String peer,
            int round,
            String failure,
            Map<String, Double> values) {}

    private static final Pattern MEMBER = Pattern.compile("\"(\\w+)\":(?:\"([^\"]*)\"|([-+.\\w]+))");

    private final Path file;
    private final List<Line> lines = new ArrayList<>();

    RawResults(Path file) throws IOException {
        this.file = file;
        if (Files.exists(file)) {
            for (String line : Files.readAllLines(file)) {
                lines.add(parse(line));
            }
        }
    }

    List<Line> lines() {
        return lines;
    }

    void removeIf(Predicate<Line> which) throws IOException {
        lines.removeIf(which);
        Files.createDirectories(file.getParent());
        Files.write(file, lines.stream().map(RawResults::print).toList());
    }

    void add(Line line) throws IOException {
        lines.add(line);
        Files.writeString(file, print(line) + "\n", StandardOpenOption.APPEND);
    }

    private static Line parse(String text) {
        Map<String, String> names = new LinkedHashMap<>();
        Map<String, Double> values = new LinkedHashMap<>();
        Matcher member = MEMBER.matcher(text);
        while (member.find()) {
            if (member.group(2) != null) {
                names.put(member.group(1), member.group(2));
            } else {
                values.put(member.group(1), Double.parseDouble(member.group(3)));
            }
        }
        int jdk = values.remove("jdk").intValue();
        int round = values.remove("round").intValue();
        return new Line(
                names.get("case"),
                names.get("transport"),
                jdk,
                names.get("peer"),
                round,
                names.getOrDefault("failure", ""),
                values);
    }

    private static String print(Line line) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("case", line.scenario);
        members.put("transport", line.transport);
        members.put("jdk", line.jdk);
        members.put("peer", line.peer);
        members.put("round", line.round);
        if (!line.failure.isEmpty()) {
            members.put("failure", line.failure.replaceAll("[\"\\\\\\p{Cntrl}]", "'"));
        }
        members.putAll(line.values);
        return Json.flat(members);
    }
}
