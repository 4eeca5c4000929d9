package io.mcpdrivers.benchmark;

import java.util.List;

/**
 * A row of the table of what is measured.
 *
 * @param pinned whether client and server run on one CPU, so that the scheduler has no say
 * @param fromJdk the oldest JDK that can run it
 */
record Scenario(String name, String title, List<String> transports, boolean pinned, int fromJdk) {

    private static final List<String> EVERY = List.of("stdio", "json", "sse");

    static final List<Scenario> ALL = List.of(
            new Scenario("one-thread", "One thread, echo of 32 bytes", EVERY, false, 17),
            new Scenario("one-thread-pinned", "One thread, client and server on one CPU", EVERY, true, 17),
            new Scenario("shared-16", "16 threads on one shared connection", EVERY, false, 17));

    /** The figure that peers are compared by. */
    String principal() {
        return "callsPerSecond";
    }

    boolean lessIsBetter() {
        return false;
    }

    static Scenario named(String name) {
        return ALL.stream().filter(s -> s.name.equals(name)).findFirst().orElseThrow();
    }
}
