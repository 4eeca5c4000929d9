package io.mcpdrivers.benchmark;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Callers that make the same call again and again: first to warm up, then, without a pause, to be measured. */
final class Load {

    private static final int SAMPLES = 4_000_000;
    private static final long WARM_CALLS = 20_000;

    /** One call. True if the answer was right. */
    interface Operation {
        boolean run() throws Exception;
    }

    private final Operation operation;
    private final List<Caller> callers = new ArrayList<>();
    private final AtomicInteger shown = new AtomicInteger();
    private volatile boolean measuring;
    private volatile boolean stopped;

    Load(Operation operation) {
        this.operation = operation;
    }

    private final class Caller implements Runnable {
        final AtomicLong calls = new AtomicLong();
        final AtomicLong errors = new AtomicLong();
        final int[] latencies;
        volatile int samples;
        final CountDownLatch ended = new CountDownLatch(1);

        Caller(int room) {
            latencies = new int[room];
        }

        @Override
        public void run() {
            while (!stopped) {
                boolean counts = measuring;
                long begin = System.nanoTime();
                boolean right = false;
                try {
                    right = operation.run();
                } catch (Exception e) {
                    if (shown.incrementAndGet() <= 3) {
                        e.printStackTrace();
                    }
                }
                int took = (int) Math.min(Integer.MAX_VALUE, System.nanoTime() - begin);
                if (!right) {
                    errors.incrementAndGet();
                } else {
                    calls.lazySet(calls.get() + 1);
                    int index = samples;
                    if (counts && index < latencies.length) {
                        latencies[index] = took;
                        samples = index + 1;
                    }
                }
            }
            ended.countDown();
        }
    }

    /**
     * Runs it.
     *
     * @param warmNanos the least time to warm up; goes on for up to three times that, for 20,000 calls to be made
     */
    void run(int threads, boolean virtual, long warmNanos, long nanos, Measures into) throws Exception {
        for (int i = 0; i < threads; i++) {
            Caller caller = new Caller(SAMPLES / threads);
            callers.add(caller);
            Threads.start(virtual, "caller-" + i, caller);
        }
        long begin = System.nanoTime();
        while (System.nanoTime() - begin < warmNanos
                || (calls() < WARM_CALLS && System.nanoTime() - begin < 3 * warmNanos)) {
            Thread.sleep(10);
        }
        measuring = true;
        long callsBefore = calls();
        long errorsBefore = errors();
        Counters before = new Counters();
        Thread.sleep(nanos / 1_000_000);
        Counters after = new Counters();
        long calls = calls() - callsBefore;
        measuring = false;
        int busy = Threads.count();
        stopped = true;
        into.put("errors", errors() - errorsBefore + stuck());
        double per = Math.max(1, calls);
        into.put("callsPerSecond", calls * 1e9 / (after.nanos - before.nanos));
        into.put("cpuUs", (after.cpuNanos - before.cpuNanos) / 1000.0 / per);
        into.put("bytes", after.allocatedSince(before) / per);
        into.put("systemCalls", (after.systemCalls - before.systemCalls) / per);
        into.put("threads", busy);
        int[] all = callers.stream()
                .flatMapToInt(c -> Arrays.stream(c.latencies, 0, c.samples))
                .sorted()
                .toArray();
        if (all.length > 0) {
            into.put("p50Us", all[all.length / 2] / 1000.0);
            into.put("p99Us", all[(int) (all.length * 0.99)] / 1000.0);
        }
    }

    private long calls() {
        return callers.stream().mapToLong(c -> c.calls.get()).sum();
    }

    private long errors() {
        return callers.stream().mapToLong(c -> c.errors.get()).sum();
    }

    /** How many callers are still waiting for their answer three seconds after everybody should have it. */
    private int stuck() throws InterruptedException {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(3);
        int stuck = 0;
        for (Caller caller : callers) {
            if (!caller.ended.await(Math.max(0, until - System.nanoTime()), TimeUnit.NANOSECONDS)) {
                stuck++;
            }
        }
        return stuck;
    }
}
