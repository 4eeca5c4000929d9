package io.mcpdrivers.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpException;
import io.mcpdrivers.McpInterruptedException;
import io.mcpdrivers.McpPoolExhaustedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Everything at once, against an oracle: who has which process, and how many processes there are. */
class PoolStressTest extends PoolTestBase {

    private static final int THREAD_COUNT = 32;
    private static final int MAX_TOTAL = 10;
    private static final int MAX_PER_SERVER = 3;
    /** How often a connection is borrowed at least, however slow the machine is. */
    private static final int LEAST_BORROWED = 1_000;

    private static final long LONGEST_WAIT_SECONDS = 30;

    private final AtomicInteger mostLive = new AtomicInteger();
    private final AtomicLong borrowed = new AtomicLong();
    private final AtomicLong exhausted = new AtomicLong();
    private final AtomicLong interrupted = new AtomicLong();
    private final Queue<String> violations = new ConcurrentLinkedQueue<>();

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void no_connection_is_lent_twice_no_limit_is_exceeded_and_nothing_is_lost(long seed) throws Exception {
        List<MemoryServer> servers = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            servers.add(i % 3 == 2 ? modern() : legacy());
        }
        McpPool pool = build(McpPool.builder()
                .set("jmxEnabled", "false")
                .set("timeBetweenEvictionRuns", "7ms")
                .set("idleTimeout", "5ms")
                .set("maxAge", "300ms")
                .set("aliveBypass", "3ms")
                .set("validationTimeout", "2s")
                .set("keepalive", "4ms")
                .set("backoff", "1ms")
                .set("maxBackoff", "5ms")
                .maxTotal(MAX_TOTAL)
                .maxTotalPerKey(MAX_PER_SERVER)
                .shutdownTimeout(Duration.ofSeconds(5)));
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(3);
        List<Thread> threads = new ArrayList<>();
        List<CompletableFuture<Void>> workers = new ArrayList<>();
        for (int i = 0; i < THREAD_COUNT; i++) {
            SplittableRandom random = new SplittableRandom(seed * 1000 + i);
            CompletableFuture<Thread> thread = new CompletableFuture<>();
            workers.add(async(() -> {
                thread.complete(Thread.currentThread());
                work(pool, servers, random, until);
                return null;
            }));
            threads.add(get(thread));
        }
        SplittableRandom random = new SplittableRandom(seed);
        while (goesOn(until)) {
            disturb(servers, threads, random);
            int live = servers.stream().mapToInt(server -> server.live.get()).sum();
            mostLive.accumulateAndGet(live, Math::max);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
        for (CompletableFuture<Void> worker : workers) {
            get(worker);
        }
        System.out.printf(
                "stress: %d borrowed, %d exhausted, %d interrupted, at most %d processes, %d starts%n",
                borrowed.get(),
                exhausted.get(),
                interrupted.get(),
                mostLive.get(),
                servers.stream().mapToInt(server -> server.startAttempts.get()).sum());
        assertThat(violations).isEmpty();
        assertThat(mostLive.get()).isLessThanOrEqualTo(MAX_TOTAL);
        assertThat(servers)
                .allSatisfy(server -> assertThat(server.mostLive.get()).isLessThanOrEqualTo(MAX_PER_SERVER));
        assertThat(borrowed.get()).isGreaterThanOrEqualTo(LEAST_BORROWED);
        fullCapacityIsLeft(pool, servers.get(0));
    }

    private boolean goesOn(long until) {
        long late = System.nanoTime() - until;
        return late < 0 || borrowed.get() < LEAST_BORROWED && late < SOON.toNanos();
    }

    private void work(McpPool pool, List<MemoryServer> servers, SplittableRandom random, long until) {
        while (goesOn(until)) {
            MemoryServer server = servers.get(random.nextInt(servers.size()));
            String wait = random.nextInt(5) == 0 ? "1ms" : random.nextInt(3) == 0 ? "0" : LONGEST_WAIT_SECONDS + "s";
            try (McpConnection c = pool.getConnection(server.uri() + "?maxWait=" + wait)) {
                borrowed.incrementAndGet();
                use(server, c, random);
            } catch (McpPoolExhaustedException e) {
                exhausted.incrementAndGet();
                if (wait.equals(LONGEST_WAIT_SECONDS + "s")) {
                    violations.add("A caller starved: " + e.getMessage());
                }
            } catch (McpInterruptedException e) {
                interrupted.incrementAndGet();
            } catch (McpException e) {
                // A start that failed as told, or a process that was killed.
            } catch (RuntimeException e) {
                violations.add("Unexpected: " + e);
            }
            if (random.nextInt(3) == 0) {
                Thread.interrupted();
            }
        }
    }

    private void use(MemoryServer server, McpConnection c, SplittableRandom random) {
        MemoryProcess process = process(c);
        if (process.server != server) {
            violations.add("Wrong server");
        }
        int users = process.users.incrementAndGet();
        if (users > 1 && !server.modern) {
            violations.add("Lent " + users + " times: " + process);
        }
        try {
            switch (random.nextInt(8)) {
                case 0 -> LockSupport.parkNanos(random.nextInt(300_000));
                case 1 -> process.kill();
                case 2 -> {
                    if (!server.modern && random.nextInt(2) == 0) {
                        // The oracle cannot see past a replacement, so only ask.
                        c.isValid(Duration.ofSeconds(1));
                    }
                }
                default -> {}
            }
        } finally {
            process.users.decrementAndGet();
        }
    }

    private static void disturb(List<MemoryServer> servers, List<Thread> threads, SplittableRandom random) {
        switch (random.nextInt(4)) {
            case 0 -> threads.get(random.nextInt(threads.size())).interrupt();
            case 1 -> servers.get(random.nextInt(servers.size())).failingStarts.set(random.nextInt(2));
            case 2 -> {
                List<MemoryProcess> processes = servers.get(random.nextInt(servers.size())).processes;
                if (!processes.isEmpty()) {
                    processes.get(processes.size() - 1).kill();
                }
            }
            default -> {}
        }
    }

    private static void fullCapacityIsLeft(McpPool pool, MemoryServer server) {
        server.failingStarts.set(0);
        assertThat(pool.status().waiting()).isZero();
        assertThat(pool.status().leases()).isZero();
        List<McpConnection> all = new ArrayList<>();
        long until = System.nanoTime() + SOON.toNanos();
        while (all.size() < MAX_PER_SERVER) {
            try {
                all.add(pool.getConnection(server.uri()));
            } catch (McpException e) {
                assertThat(System.nanoTime() - until).as("still failing: " + e).isNegative();
            }
        }
        assertThat(all).extracting(PoolTestBase::process).doesNotHaveDuplicates();
        assertThat(all.get(0).callTool("echo", Map.of("message", "x")).text()).isEqualTo("x");
        all.forEach(McpConnection::close);
    }
}
