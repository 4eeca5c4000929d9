package io.mcpdrivers.pool;

import io.mcpdrivers.McpException;
import io.mcpdrivers.McpInterruptedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;

/** Makes sure that there is a connection to each server, for many servers at once. */
final class WarmUp {

    /** Servers that are tried at the same time. */
    static final int MOST_AT_ONCE = 32;

    private final PoolServices services;
    private final Consumer<String> borrowAndReturn;

    /**
     * Creates it.
     *
     * @param borrowAndReturn takes a lease on a server of this name and gives it back
     */
    WarmUp(PoolServices services, Consumer<String> borrowAndReturn) {
        this.services = services;
        this.borrowAndReturn = borrowAndReturn;
    }

    /**
     * Tries all servers.
     *
     * @return one result for each, in the order of the names
     * @throws McpInterruptedException if the thread is interrupted; what was begun goes on
     */
    List<WarmUpResult> run(List<String> names) {
        List<WarmUpResult> results = new ArrayList<>();
        for (CompletableFuture<WarmUpResult> each :
                new AtOnce(services.background(), MOST_AT_ONCE).map(names, this::warm)) {
            try {
                results.add(each.get());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new McpInterruptedException("Interrupted while the pool was warmed up", e);
            } catch (ExecutionException e) {
                throw new McpException("Warming up failed: " + e.getCause(), e);
            }
        }
        return List.copyOf(results);
    }

    private WarmUpResult warm(String name) {
        long begun = System.nanoTime();
        McpException failure = null;
        try {
            borrowAndReturn.accept(name);
        } catch (McpException e) {
            failure = e;
        } catch (RuntimeException e) {
            failure = new McpException("Server '" + name + "' cannot be warmed up: " + e, e);
        }
        return new WarmUpResult(name, Duration.ofNanos(System.nanoTime() - begun), failure);
    }
}
