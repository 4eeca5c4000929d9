package io.mcpdrivers.integration.soak;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * The calls that must not be carried out twice. Each leaves its number in a file of the server's, before anything else
 * happens there; in the end the files are compared with what the callers were told. Each borrower's are its own.
 */
final class Records {

    private static final byte UNSETTLED = 0;
    private static final byte NEVER = 1;
    private static final byte ONCE = 2;
    private static final byte AT_MOST_ONCE = 3;

    private final int borrower;
    private byte[] expected = new byte[1024];
    private int size;

    Records(int borrower) {
        this.borrower = borrower;
    }

    /** A number for a call that is about to be made. */
    synchronized int next() {
        if (size == expected.length) {
            expected = Arrays.copyOf(expected, size * 2);
        }
        return size++;
    }

    String text(int number) {
        return "record " + borrower + " " + number;
    }

    synchronized void answered(int number) {
        expected[number] = ONCE;
    }

    synchronized void failed(int number, boolean mayHaveExecuted) {
        expected[number] = mayHaveExecuted ? AT_MOST_ONCE : NEVER;
    }

    /** The totals of all. */
    record Totals(long calls, long carriedOut, long lostAnswers, long twice, long unsettled, long wrong) {}

    /** Compares what the servers did with what the callers know. */
    static Totals verify(List<Records> all, Path folder, Outcomes outcomes) throws IOException {
        byte[][] seen = new byte[all.size()][];
        for (int i = 0; i < seen.length; i++) {
            seen[i] = new byte[all.get(i).size];
        }
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file :
                    files.filter(file -> file.toString().endsWith(".records")).toList()) {
                try (Stream<String> lines = Files.lines(file)) {
                    lines.map(line -> line.split(" "))
                            .forEach(parts -> seen[Integer.parseInt(parts[1])][Integer.parseInt(parts[2])]++);
                }
            }
        }
        long calls = 0;
        long carriedOut = 0;
        long lostAnswers = 0;
        long twice = 0;
        long unsettled = 0;
        long wrong = 0;
        for (int i = 0; i < seen.length; i++) {
            Records records = all.get(i);
            for (int number = 0; number < records.size; number++) {
                int times = seen[i][number];
                byte known = records.expected[number];
                calls++;
                carriedOut += times > 0 ? 1 : 0;
                lostAnswers += known == AT_MOST_ONCE && times > 0 ? 1 : 0;
                twice += times > 1 ? 1 : 0;
                unsettled += known == UNSETTLED ? 1 : 0;
                boolean right = times <= 1 && !(known == ONCE && times != 1) && !(known == NEVER && times != 0);
                if (!right || known == UNSETTLED) {
                    wrong++;
                    outcomes.finding("'" + records.text(number) + "' was carried out " + times
                            + " times, and its caller was told "
                            + List.of("nothing", "that it was not", "its answer", "that it may have been")
                                    .get(known));
                }
            }
        }
        return new Totals(calls, carriedOut, lostAnswers, twice, unsettled, wrong);
    }
}
