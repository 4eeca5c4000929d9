package io.mcpdrivers.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpDrivers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;

/** Pools over servers in memory; at the end of each test nothing is left of them. */
abstract class PoolTestBase {

    private static final MemoryDriver DRIVER = new MemoryDriver();
    private static final AtomicInteger NAMES = new AtomicInteger();

    static final Duration SOON = Duration.ofSeconds(90);
    /** Each task on a thread of its own. */
    static final Executor THREADS = task -> {
        Thread thread = new Thread(task, "test-borrower");
        thread.setDaemon(true);
        thread.start();
    };

    final ManualTicker clock = new ManualTicker();
    private final List<McpPool> pools = new ArrayList<>();

    @BeforeAll
    static void registerDriver() {
        McpDrivers.register(DRIVER);
    }

    @AfterAll
    static void deregisterDriver() {
        McpDrivers.deregister(DRIVER);
    }

    @AfterEach
    void nothingIsLeft() {
        MemoryServer.releaseAll();
        for (McpPool pool : pools) {
            pool.close();
            assertThat(pool.services().permits().used()).as("permits").isZero();
            assertThat(pool.status().waiting()).as("waiting callers").isZero();
        }
        eventually(() -> MemoryServer.liveInAll() == 0);
        MemoryServer.forgetAll();
    }

    /** A name for a server that no other test uses. */
    static String freshName() {
        return "server" + NAMES.incrementAndGet();
    }

    static MemoryServer legacy() {
        return MemoryServer.of(freshName());
    }

    static MemoryServer modern() {
        return MemoryServer.modern(freshName());
    }

    /** A pool with the test's clock, whose own thread does nothing by itself. */
    PoolBuilder builder() {
        return McpPool.builder()
                .ticker(clock)
                .random(() -> 0)
                .set("jmxEnabled", "false")
                .set("timeBetweenEvictionRuns", "1h")
                .set("shutdownTimeout", "100ms");
    }

    McpPool build(PoolBuilder builder) {
        McpPool pool = builder.build();
        pools.add(pool);
        return pool;
    }

    McpPool pool() {
        return build(builder());
    }

    static MemoryProcess process(McpConnection lease) {
        return lease.unwrap(MemoryProcess.class);
    }

    static ServerStatus status(McpPool pool, MemoryServer server) {
        return pool.status().servers().get(server.name);
    }

    static <T> CompletableFuture<T> async(Callable<T> task) {
        CompletableFuture<T> future = new CompletableFuture<>();
        THREADS.execute(() -> {
            try {
                future.complete(task.call());
            } catch (Throwable e) {
                future.completeExceptionally(e);
            }
        });
        return future;
    }

    static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(SOON.toSeconds(), TimeUnit.SECONDS);
    }

    /** What a future fails with. */
    static Throwable failure(CompletableFuture<?> future) throws Exception {
        try {
            Object result = future.get(SOON.toSeconds(), TimeUnit.SECONDS);
            throw new AssertionError("It did not fail, but gave " + result);
        } catch (ExecutionException e) {
            return e.getCause();
        }
    }

    static void eventually(BooleanSupplier condition) {
        long until = System.nanoTime() + SOON.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - until > 0) {
                throw new AssertionError("It did not become true within " + SOON);
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await(SOON.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    static void awaitWaiting(McpPool pool, MemoryServer server, int count) {
        eventually(() -> status(pool, server) != null && status(pool, server).waiting() == count);
    }
}
