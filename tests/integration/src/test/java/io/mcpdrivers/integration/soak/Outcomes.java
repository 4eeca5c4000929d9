package io.mcpdrivers.integration.soak;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** What came of everything that was done, and what must not have come. Thread-safe. */
final class Outcomes {

    static final String ANSWERED = "own answer";
    static final String LEASE = "lease";
    /** How the kinds begin that are for borrowing from a server, whose name follows. */
    static final String BORROWING = "borrow ";

    private static final int MOST_FINDINGS = 40;

    /** By how much something lasted longer than promised, and what it was. */
    record Excess(long nanos, String about) {
        long millis() {
            return TimeUnit.NANOSECONDS.toMillis(nanos);
        }
    }

    private final Pulse pulse;
    private final Map<String, Map<String, LongAdder>> counts = new ConcurrentSkipListMap<>();
    private final Map<String, Excess> worst = new ConcurrentSkipListMap<>();
    private final Map<String, LongAdder> answeredByServer = new ConcurrentSkipListMap<>();
    private final List<String> findings = new ArrayList<>();
    private final AtomicLong found = new AtomicLong();

    Outcomes(Pulse pulse) {
        this.pulse = pulse;
    }

    void count(String kind, String outcome) {
        counts.computeIfAbsent(kind, any -> new ConcurrentSkipListMap<>())
                .computeIfAbsent(outcome, any -> new LongAdder())
                .increment();
    }

    void answered(String server) {
        answeredByServer.computeIfAbsent(server, any -> new LongAdder()).increment();
    }

    /**
     * Notes how long something took that ends now.
     *
     * @param what what it is, for the table of durations
     * @param start when it began
     * @param bound what is promised of it
     * @param about what it was in particular
     */
    void took(String what, long start, Duration bound, String about) {
        long nanos = System.nanoTime() - start;
        Excess excess = new Excess(nanos - bound.toNanos(), about);
        Excess known = worst.get(what);
        if (known == null || excess.nanos > known.nanos) {
            worst.merge(what, excess, (one, other) -> one.nanos > other.nanos ? one : other);
        }
        if (isTooLong(start, nanos, bound)) {
            finding(what + " took " + TimeUnit.NANOSECONDS.toMillis(nanos) + " ms instead of at most "
                    + bound.toMillis() + ": " + about);
        }
    }

    boolean isTooLong(long start, long nanos, Duration bound) {
        long limit = bound.plus(SoakPlan.SLACK).toNanos();
        return nanos > limit && nanos > limit + 2 * pulse.since(start);
    }

    /** Notes what must not be. */
    void finding(String text) {
        found.incrementAndGet();
        synchronized (findings) {
            if (findings.size() < MOST_FINDINGS) {
                findings.add(text);
            }
        }
    }

    /** What must not be, the first of it in words. */
    List<String> findings() {
        synchronized (findings) {
            List<String> all = new ArrayList<>(findings);
            if (found.get() > all.size()) {
                all.add("and " + (found.get() - all.size()) + " more");
            }
            return all;
        }
    }

    /** How often each thing had each outcome. */
    SortedMap<String, SortedMap<String, Long>> counts() {
        SortedMap<String, SortedMap<String, Long>> all = new TreeMap<>();
        counts.forEach((kind, outcomes) -> {
            SortedMap<String, Long> numbers = new TreeMap<>();
            outcomes.forEach((outcome, count) -> numbers.put(outcome, count.sum()));
            all.put(kind, numbers);
        });
        return all;
    }

    long count(String outcome) {
        return counts.values().stream()
                .map(outcomes -> outcomes.get(outcome))
                .mapToLong(count -> count == null ? 0 : count.sum())
                .sum();
    }

    /** By how much each kind of thing exceeded what is promised at worst; below 0 if it did not. */
    Map<String, Excess> worst() {
        return worst;
    }

    Map<String, Long> answeredByServer() {
        Map<String, Long> all = new TreeMap<>();
        answeredByServer.forEach((server, count) -> all.put(server, count.sum()));
        return all;
    }
}
