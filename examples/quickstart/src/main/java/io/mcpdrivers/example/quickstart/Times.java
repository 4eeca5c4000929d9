package io.mcpdrivers.example.quickstart;

import java.util.Arrays;

/** How long something took, each time it was done. */
final class Times {

    private long[] nanos = new long[64];
    private int count;

    void add(long duration) {
        if (count == nanos.length) {
            nanos = Arrays.copyOf(nanos, count * 2);
        }
        nanos[count++] = duration;
    }

    int count() {
        return count;
    }

    double medianNanos() {
        long[] sorted = Arrays.copyOf(nanos, count);
        Arrays.sort(sorted);
        return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2.0;
    }

    double meanNanos() {
        return Arrays.stream(nanos, 0, count).average().orElse(Double.NaN);
    }
}
