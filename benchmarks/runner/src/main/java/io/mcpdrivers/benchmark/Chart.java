package io.mcpdrivers.benchmark;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Horizontal bars in SVG, a group of them for each transport; the length is the median, the line the range. */
final class Chart {

    private static final int WIDTH = 760;
    private static final int LABELS = 190;
    private static final int BARS = WIDTH - LABELS - 110;
    private static final int ROW = 22;
    private static final Map<String, String> TRANSPORTS =
            Map.of("stdio", "stdio", "json", "HTTP, JSON", "sse", "HTTP, SSE");

    private Chart() {}

    /** Empty if nothing was measured of it. */
    static String draw(Summary summary, String scenario, int jdk, String figure, String title) {
        StringBuilder body = new StringBuilder();
        double most = 0;
        for (String transport : Scenario.named(scenario).transports()) {
            for (Summary.Row row : rows(summary, scenario, transport, jdk, figure)) {
                most = Math.max(most, row.get(figure).most());
            }
        }
        int y = 52;
        for (String transport : Scenario.named(scenario).transports()) {
            List<Summary.Row> rows = rows(summary, scenario, transport, jdk, figure);
            if (rows.isEmpty()) {
                continue;
            }
            body.append(text(8, y, "start", "bold", "#333", TRANSPORTS.get(transport)));
            y += 8;
            for (Summary.Row row : rows) {
                body.append(bar(y, row, figure, most));
                y += ROW;
            }
            y += 24;
        }
        if (body.length() == 0) {
            return "";
        }
        return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + WIDTH + " " + y + "\" width=\"" + WIDTH
                + "\" height=\"" + y + "\" font-family=\"sans-serif\" font-size=\"12\" role=\"img\">\n<title>" + title
                + "</title>\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
                + text(8, 22, "start", "bold", "#111", title + ", JDK " + jdk) + body + "</svg>\n";
    }

    private static List<Summary.Row> rows(Summary summary, String scenario, String transport, int jdk, String figure) {
        return summary.rows.getOrDefault(new Summary.Key(scenario, transport, jdk), List.of()).stream()
                .filter(row -> row.get(figure) != null && !row.peer().equals("mcp-drivers-2025"))
                .toList();
    }

    private static String bar(int y, Summary.Row row, String figure, double most) {
        Summary.Range range = row.get(figure);
        String color =
                row.peer().equals(Contender.SELF) ? "#1a6fb5" : row.peer().startsWith("limit") ? "#c9c9c9" : "#e08a3c";
        double scale = BARS / most;
        int middle = y + ROW / 2;
        return text(
                        LABELS - 8,
                        middle + 4,
                        "end",
                        "normal",
                        "#333",
                        Contender.named(row.peer()).title().replace("*", ""))
                + String.format(
                        Locale.ROOT,
                        "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>%n"
                                + "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\" stroke=\"#333\"/>%n",
                        LABELS,
                        y + 3,
                        Math.max(1, range.median() * scale),
                        ROW - 6,
                        color,
                        LABELS + range.least() * scale,
                        LABELS + range.most() * scale,
                        middle,
                        middle)
                + text(
                        (int) (LABELS + range.most() * scale) + 8,
                        middle + 4,
                        "start",
                        "normal",
                        "#333",
                        Tables.number(range.median()));
    }

    private static String text(int x, int y, String anchor, String weight, String color, String text) {
        return "<text x=\"" + x + "\" y=\"" + y + "\" text-anchor=\"" + anchor + "\" font-weight=\"" + weight
                + "\" fill=\"" + color + "\">" + text.replace("&", "&amp;").replace("<", "&lt;") + "</text>\n";
    }
}
