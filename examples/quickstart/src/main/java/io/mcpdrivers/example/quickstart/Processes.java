package io.mcpdrivers.example.quickstart;

import java.io.PrintStream;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The processes that this one has started, and what became of them. */
final class Processes {

    /** More than a server that resists every request to end is given. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Set<ProcessHandle> seen = new LinkedHashSet<>();

    /** Notes who is running below this process now. */
    synchronized void look() {
        ProcessHandle.current().descendants().forEach(seen::add);
    }

    /**
     * Has the JVM say at its exit how many processes there were and whether one is left. The pool closes its
     * connections in another shutdown hook at the same time, so this one waits for the processes to end.
     */
    void reportAtExit(PrintStream out) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> report(out), "quickstart-report"));
    }

    private synchronized void report(PrintStream out) {
        look();
        CompletableFuture<?>[] ends = seen.stream().map(ProcessHandle::onExit).toArray(CompletableFuture[]::new);
        try {
            CompletableFuture.allOf(ends).get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            // Who is left is counted below.
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        look();
        List<Long> left = seen.stream()
                .filter(ProcessHandle::isAlive)
                .map(ProcessHandle::pid)
                .toList();
        out.printf(
                "%d server processes were started, %d are left%s%n",
                seen.size(), left.size(), left.isEmpty() ? "." : ": " + left);
        if (!left.isEmpty()) {
            Runtime.getRuntime().halt(1);
        }
    }
}
