package io.mcpdrivers.benchmark;

import java.util.List;

/**
 * A row of the table of what is measured.
 *
 * @param principal the figure that peers are compared by
 * @param lessIsBetter of that figure
 * @param pinned whether client and server run on one CPU, so that the scheduler has no say
 * @param fromJdk the oldest JDK that can run it
 */
record Scenario(
        String name,
        String title,
        List<String> transports,
        String principal,
        boolean lessIsBetter,
        boolean pinned,
        int fromJdk) {

    private static final List<String> EVERY = List.of("stdio", "json", "sse");
    private static final List<String> TWO = List.of("stdio", "json");
    private static final String CALLS = "callsPerSecond";

    static final List<Scenario> ALL = List.of(
            new Scenario(
                    "one-thread-pinned",
                    "One thread, echo of 32 bytes, client and server on one CPU",
                    EVERY,
                    CALLS,
                    false,
                    true,
                    17),
            new Scenario("one-thread", "One thread, echo of 32 bytes", EVERY, CALLS, false, false, 17),
            new Scenario("shared-16", "16 threads on one shared connection", EVERY, CALLS, false, false, 17),
            new Scenario("pool-16x4", "16 threads on a pool of 4 exclusive connections", TWO, CALLS, false, false, 17),
            new Scenario("virtual-1000", "1,000 virtual threads on one connection", TWO, CALLS, false, false, 21),
            new Scenario("batch-100", "A batch of 100 against 100 calls", TWO, "batchUs", true, false, 17),
            new Scenario("blob-64k", "Results of 64 KB", EVERY, "mbPerSecond", false, false, 17),
            new Scenario("blob-1m", "Results of 1 MB", EVERY, "mbPerSecond", false, false, 17),
            new Scenario("blob-8m", "Results of 8 MB", EVERY, "mbPerSecond", false, false, 17),
            new Scenario("connect", "Connecting, with the handshake", TWO, "connectMs", true, false, 17),
            new Scenario("idle", "A connection held idle", TWO, "heapEach", true, false, 17),
            new Scenario("first-call", "First call of a fresh JVM", TWO, "wholeMs", true, false, 17),
            new Scenario(
                    "real-server",
                    "A real server (`everything`, from npm)",
                    List.of("stdio"),
                    "ownProcessMs",
                    true,
                    false,
                    17));

    static Scenario named(String name) {
        return ALL.stream().filter(s -> s.name.equals(name)).findFirst().orElseThrow();
    }
}
