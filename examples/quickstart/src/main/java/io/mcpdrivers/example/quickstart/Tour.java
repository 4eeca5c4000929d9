package io.mcpdrivers.example.quickstart;

import io.mcpdrivers.McpBatch;
import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpDrivers;
import io.mcpdrivers.schema.CallToolResult;
import java.io.PrintStream;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Measures the same call made in four ways: with a process of its own, through the pool, and a hundred of them on one
 * connection, one after the other and in a batch.
 */
final class Tour {

    private static final int OWN_PROCESS_CALLS = 5;
    private static final int POOLED_CALLS = 2_000;
    private static final int BATCH_SIZE = 100;
    private static final int ROUNDS = 50;
    /** How long each part may take, so that the tour ends soon on a slow machine too. */
    private static final long PART_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final long WARM_UP_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final Map<String, String> ARGUMENTS = Map.of("message", "hi");

    private final Processes processes = new Processes();
    private final PrintStream out;

    Tour(PrintStream out) {
        this.out = out;
    }

    /** Runs the tour; the process's exit code. */
    int run() {
        processes.reportAtExit(out);
        out.println("The tool 'echo' of the bundled example server, a process that is spoken to over stdio:");
        out.println();
        out.printf("  %-34s %12s %14s%n", "", "median", "calls/s");
        Times ownProcess = ownProcess();
        row("a call with a process of its own", ownProcess, 1);
        Times pooled = pooled();
        row("a pooled call: get, call, close", pooled, 1);
        Times single = new Times();
        Times batch = new Times();
        singleAndBatch(single, batch);
        row(BATCH_SIZE + " calls, one after the other", single, BATCH_SIZE);
        row(BATCH_SIZE + " calls in a batch", batch, BATCH_SIZE);
        out.println();
        print("A pooled call took 1/%,.0f of the time of one with a process of its own.", ownProcess, pooled);
        print("A batch took 1/%,.1f of the time of its calls one after the other.", single, batch);
        out.println("Your own server, and more: ./quickstart --help");
        out.println();
        return 0;
    }

    private Times ownProcess() {
        Times times = new Times();
        // The first one loads the classes of this side, and finds out which revision the server speaks.
        for (int i = -1; i < OWN_PROCESS_CALLS; i++) {
            long start = System.nanoTime();
            try (McpConnection connection = McpDrivers.open(BundledServer.URI)) {
                call(connection);
                long pause = System.nanoTime();
                processes.look();
                start += System.nanoTime() - pause;
            }
            if (i >= 0) {
                times.add(System.nanoTime() - start);
            }
        }
        return times;
    }

    private Times pooled() {
        long begin = System.nanoTime();
        do {
            pooledCall();
        } while (System.nanoTime() - begin < WARM_UP_NANOS);
        processes.look();
        Times times = new Times();
        begin = System.nanoTime();
        for (int i = 0; i < POOLED_CALLS && System.nanoTime() - begin < PART_NANOS; i++) {
            long start = System.nanoTime();
            pooledCall();
            times.add(System.nanoTime() - start);
        }
        return times;
    }

    private static void pooledCall() {
        try (McpConnection connection = McpDrivers.getConnection(BundledServer.URI)) {
            call(connection);
        }
    }

    /** Takes turns, so that whatever else the machine does slows both. */
    private void singleAndBatch(Times single, Times batch) {
        try (McpConnection connection = McpDrivers.getConnection(BundledServer.URI)) {
            processes.look();
            long begin = System.nanoTime();
            do {
                oneByOne(connection);
                batch(connection);
            } while (System.nanoTime() - begin < WARM_UP_NANOS);
            begin = System.nanoTime();
            for (int round = 0; round < ROUNDS && System.nanoTime() - begin < PART_NANOS; round++) {
                long start = System.nanoTime();
                oneByOne(connection);
                long middle = System.nanoTime();
                batch(connection);
                single.add(middle - start);
                batch.add(System.nanoTime() - middle);
            }
        }
    }

    private static void oneByOne(McpConnection connection) {
        for (int i = 0; i < BATCH_SIZE; i++) {
            call(connection);
        }
    }

    private static void batch(McpConnection connection) {
        McpBatch calls = connection.batch();
        for (int i = 0; i < BATCH_SIZE; i++) {
            calls.add("echo", ARGUMENTS);
        }
        calls.execute().forEach(outcome -> check(outcome.get()));
    }

    private static void call(McpConnection connection) {
        check(connection.callTool("echo", ARGUMENTS));
    }

    private static void check(CallToolResult result) {
        if (!result.orThrow().text().equals("hi")) {
            throw new IllegalStateException("Expected 'hi' from echo, got '" + result.text() + "'");
        }
    }

    private void row(String what, Times times, int callsEach) {
        double perSecond = callsEach * 1e9 / times.meanNanos();
        out.printf(
                Locale.ROOT,
                perSecond < 100
                        ? "  %-34s %9.3f ms %,14.1f   (%,d times)%n"
                        : "  %-34s %9.3f ms %,14.0f   (%,d times)%n",
                what,
                times.medianNanos() / 1e6,
                perSecond,
                times.count());
    }

    private void print(String ratio, Times slow, Times fast) {
        out.printf(Locale.ROOT, ratio + "%n", slow.medianNanos() / fast.medianNanos());
    }
}
