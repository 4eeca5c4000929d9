package io.mcpdrivers.integration.soak;

import io.mcpdrivers.McpTelemetry;
import io.mcpdrivers.integration.Await;
import io.mcpdrivers.integration.Leftovers;
import io.mcpdrivers.pool.McpPool;
import io.mcpdrivers.pool.PoolBuilder;
import io.mcpdrivers.pool.PoolStatus;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;

/** A pool, its servers, its borrowers and what disturbs them, from the beginning to the last descriptor. */
final class Soak {

    /** How long borrowers may need to end, beside the bounds of what they do. */
    private static final Duration END = Duration.ofSeconds(60);

    private final SoakPlan plan;
    private final Path folder;
    private final Pulse pulse = new Pulse();
    private final Outcomes outcomes = new Outcomes(pulse);
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final Ledger ledger = new Ledger();
    private final Remains remains = new Remains(outcomes);
    private final List<Borrower> borrowers = new ArrayList<>();
    private final ConcurrentMap<Long, Borrower> exclusiveOwners = new ConcurrentHashMap<>();

    Soak(SoakPlan plan, Path folder) {
        this.plan = plan;
        this.folder = folder;
    }

    /** Does it all. */
    SoakResult run() throws IOException {
        double loadBefore = SoakResult.load();
        int descriptorsBefore = descriptorsOnceWarm();
        long began = System.nanoTime();
        Duration closing;
        long pooled;
        try (Fleet fleet = new Fleet(folder);
                McpPool pool = pool(fleet)
                        .listener(ledger)
                        .telemetry(McpTelemetry.of(meters))
                        .build()) {
            Random random = new Random(plan.seed());
            for (int i = 0; i < SoakPlan.THREADS; i++) {
                borrowers.add(new Borrower(i, pool, fleet.servers(), outcomes, exclusiveOwners, random.nextLong()));
            }
            try (Disturbance disturbance = new Disturbance(pool, fleet, borrowers, outcomes, random.nextLong())) {
                borrowers.forEach(Thread::start);
                disturbance.start();
                watch(pool, began + plan.duration().toNanos());
            }
            pooled = Remains.metersOfPools(meters);
            closing = end(pool);
            remains.ofMeters(meters);
            remains.ofPool(pool, ledger, outcomes.count(Outcomes.LEASE) + outcomes.count("warmed up"));
        }
        Duration took = Duration.ofNanos(System.nanoTime() - began);
        if (pooled == 0) {
            outcomes.finding("The pool had no meters while it was open");
        }
        Records.Totals records =
                Records.verify(borrowers.stream().map(Borrower::records).toList(), folder, outcomes);
        remains.ofSystem(descriptorsBefore);
        pulse.close();
        Leftovers.kill();
        return new SoakResult(plan, outcomes, ledger, remains, records, pulse, took, closing, loadBefore);
    }

    private static PoolBuilder pool(Fleet fleet) {
        return McpPool.builder()
                .load(fleet.file())
                .maxTotal(SoakPlan.MAX_TOTAL)
                .maxTotalPerKey(4)
                .maxWait(SoakPlan.MAX_WAIT)
                .idleTimeout(Duration.ofSeconds(5))
                .maxAge(Duration.ofSeconds(20))
                .shutdownTimeout(SoakPlan.SHUTDOWN_TIMEOUT)
                .set("timeBetweenEvictionRuns", "500ms")
                .set("validationTimeout", "2s")
                .set("maxBackoff", "2s")
                .set("leakThreshold", "1m");
    }

    /** What the JVM holds open for good was opened once everything has been used once. */
    private int descriptorsOnceWarm() throws IOException {
        Path warm = java.nio.file.Files.createDirectory(folder.resolve("warm"));
        try (Fleet fleet = new Fleet(warm);
                McpPool pool = pool(fleet).build();
                Signals signals = new Signals()) {
            signals.anyOf(new Random(0), List.of());
            for (String server : List.of("s01", "s02", "h13", "h14", "h16")) {
                pool.getConnection(server).close();
            }
        }
        Await.within(
                END,
                () -> Leftovers.threads().isEmpty() && Leftovers.processes().isEmpty());
        return Leftovers.descriptors();
    }

    /** Looks at the pool, and for who is stuck, until it is time. */
    private void watch(McpPool pool, long until) {
        List<Borrower> stuck = new ArrayList<>();
        while (System.nanoTime() - until < 0) {
            Await.within(Duration.ofMillis(200), () -> System.nanoTime() - until >= 0);
            long start = System.nanoTime();
            PoolStatus status = pool.status();
            boolean unused = pool.health().healthy();
            outcomes.took("status, health", start, Duration.ZERO, unused ? "healthy" : "");
            outcomes.count("operation", "status");
            if (status.connections() > SoakPlan.MAX_TOTAL
                    || status.leases() < 0
                    || status.leases() > SoakPlan.THREADS * 2) {
                outcomes.finding("The status is impossible: " + status);
            }
            lookForStuck(stuck);
        }
    }

    private void lookForStuck(List<Borrower> known) {
        for (Borrower borrower : borrowers) {
            Borrower.Doing doing = borrower.doing();
            if (doing != null
                    && outcomes.isTooLong(doing.since(), System.nanoTime() - doing.since(), doing.bound())
                    && !known.contains(borrower)) {
                known.add(borrower);
                outcomes.finding(borrower + " has been stuck for "
                        + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - doing.since()) + " ms in: " + doing.what()
                        + Failures.stack(borrower));
            }
        }
    }

    /** Half of the borrowers end, the others go on while the pool is closed. How long that took. */
    private Duration end(McpPool pool) {
        for (Borrower borrower : borrowers) {
            borrower.poolCloses();
        }
        borrowers.subList(0, borrowers.size() / 2).forEach(Borrower::finish);
        long start = System.nanoTime();
        pool.close();
        Duration bound = SoakPlan.SHUTDOWN_TIMEOUT.plus(SoakPlan.PROCESS_END);
        outcomes.took("pool closed", start, bound, "");
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        boolean ended = Await.within(END, () -> borrowers.stream().noneMatch(Thread::isAlive));
        for (Borrower borrower : borrowers) {
            if (!ended && borrower.isAlive()) {
                outcomes.finding(borrower + " goes on after the pool was closed" + Failures.stack(borrower));
                borrower.finish();
            }
        }
        return took;
    }
}
