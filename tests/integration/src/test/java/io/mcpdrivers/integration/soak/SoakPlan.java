package io.mcpdrivers.integration.soak;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * What is to be done, and the bounds that the pool is given.
 *
 * @param seed what all decisions follow from; when each is carried out is up to the machine
 * @param duration how long the load lasts
 * @param page where the result is written to; null for nowhere
 */
record SoakPlan(long seed, Duration duration, @Nullable Path page) {

    static final int THREADS = 200;
    static final int MAX_TOTAL = 48;
    static final Duration MAX_WAIT = Duration.ofSeconds(5);
    static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(6);
    static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(3);
    static final Duration SHUTDOWN_TIMEOUT = Duration.ofSeconds(4);
    /** What the end of one process may take: three steps of 5, 2 and 2 s. */
    static final Duration PROCESS_END = Duration.ofSeconds(9);
    /** What a machine with other work may add to any bound, beside the pauses that are measured. */
    static final Duration SLACK = Duration.ofSeconds(4);

    private static final int DEFAULT_SECONDS = 60;

    /** As the system properties {@code soak.seconds}, {@code soak.seed} and {@code soak.page} say. */
    static SoakPlan fromSystemProperties() {
        String page = System.getProperty("soak.page", "");
        return new SoakPlan(
                Long.getLong("soak.seed", ThreadLocalRandom.current().nextLong(1_000_000)),
                Duration.ofSeconds(Integer.getInteger("soak.seconds", DEFAULT_SECONDS)),
                page.isEmpty() ? null : Path.of(page));
    }
}
