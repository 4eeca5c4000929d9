package io.mcpdrivers.integration.soak;

import io.mcpdrivers.McpBatch;
import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpInterruptedException;
import io.mcpdrivers.McpPoolClosedException;
import io.mcpdrivers.pool.McpPool;
import io.mcpdrivers.schema.CallToolResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A thread that borrows connections and makes calls of all kinds, and looks at each answer. */
final class Borrower extends Thread {

    private static final int MOST_THINKING_MILLIS = 150;

    /** What it does at the moment, for whoever looks whether it is stuck. */
    record Doing(String what, long since, Duration bound) {}

    private final int number;
    private final McpPool pool;
    private final List<FleetServer> servers;
    private final Outcomes outcomes;
    private final Random random;
    private final Records records;
    private final Jobs jobs;
    private final ConcurrentMap<Long, Borrower> exclusiveOwners;
    private final AtomicInteger interrupts = new AtomicInteger();
    private int interruptsSeen;
    private volatile @Nullable Doing doing;
    private volatile boolean stopped;
    private volatile boolean closing;
    private volatile int leases;

    Borrower(
            int number,
            McpPool pool,
            List<FleetServer> servers,
            Outcomes outcomes,
            ConcurrentMap<Long, Borrower> exclusiveOwners,
            long seed) {
        super("soak-borrower-" + number);
        setDaemon(true);
        this.number = number;
        this.pool = pool;
        this.servers = servers;
        this.outcomes = outcomes;
        this.exclusiveOwners = exclusiveOwners;
        this.random = new Random(seed);
        this.records = new Records(number);
        this.jobs = new Jobs(random, number, records);
    }

    Records records() {
        return records;
    }

    /** How many leases it has had. */
    int leases() {
        return leases;
    }

    @Nullable
    Doing doing() {
        return doing;
    }

    /** Interrupts it, whatever it does. */
    void disturb() {
        interrupts.incrementAndGet();
        interrupt();
    }

    /** Has it end after what it does now. */
    void finish() {
        stopped = true;
    }

    /** The pool is about to be closed; it goes on until it notices. */
    void poolCloses() {
        closing = true;
    }

    @Override
    public void run() {
        try {
            while (!stopped) {
                try {
                    TimeUnit.MILLISECONDS.sleep(random.nextInt(MOST_THINKING_MILLIS));
                    visit(servers.get(random.nextInt(servers.size())));
                } catch (InterruptedException e) {
                    interruptsSeen++;
                }
                Thread.interrupted();
            }
        } catch (RuntimeException | Error e) {
            outcomes.finding(this + " failed: " + Failures.describe(e));
        }
    }

    private void visit(FleetServer server) {
        McpConnection lease = borrow(server);
        if (lease == null) {
            return;
        }
        leases++;
        Long mine = null;
        try {
            mine = server.isExclusive() && random.nextInt(4) == 0 ? claim(lease, server) : null;
            use(lease, server, mine != null);
        } finally {
            if (mine != null) {
                exclusiveOwners.remove(mine, this);
            }
            begin("close", Duration.ZERO, server.name);
            long start = System.nanoTime();
            lease.close();
            took("close", start, Duration.ZERO, server.name);
        }
        if (!lease.isClosed()) {
            outcomes.finding("A lease of " + server.name + " is open although it was closed");
        }
    }

    private @Nullable McpConnection borrow(FleetServer server) {
        begin("borrow", SoakPlan.MAX_WAIT, server.name);
        long start = System.nanoTime();
        try {
            McpConnection lease = pool.getConnection(server.name);
            outcomes.count(Outcomes.BORROWING + server.name, Outcomes.LEASE);
            return lease;
        } catch (RuntimeException | Error e) {
            if (e instanceof McpPoolClosedException) {
                stopped = true;
            }
            noteInterrupt(e);
            String known = Documented.borrowing(e, closing);
            if (known == null) {
                outcomes.finding("borrow of " + server.name + " is not documented to fail so: " + Failures.describe(e));
            }
            outcomes.count(Outcomes.BORROWING + server.name, known == null ? "! " + Documented.name(e) : known);
            return null;
        } finally {
            took("borrow", start, SoakPlan.MAX_WAIT, server.name);
        }
    }

    /** An interrupt that nobody has sent, or that is not there to be seen, is an error. */
    private void noteInterrupt(Throwable failure) {
        if (failure instanceof McpInterruptedException) {
            if (++interruptsSeen > interrupts.get()) {
                outcomes.finding(this + " was not interrupted, but: " + Failures.describe(failure));
            }
            if (!Thread.interrupted()) {
                outcomes.finding("The interrupt is not set after: " + Failures.describe(failure));
            }
        }
    }

    /** Asks for the process, which nobody else may have now. */
    private @Nullable Long claim(McpConnection lease, FleetServer server) {
        long start = System.nanoTime();
        begin("pid", SoakPlan.REQUEST_TIMEOUT, server.name);
        Long pid = null;
        String outcome;
        try {
            pid = Long.valueOf(lease.callTool("pid", Map.of()).text());
            outcome = Outcomes.ANSWERED;
        } catch (RuntimeException | Error e) {
            noteInterrupt(e);
            outcome = Documented.calling(e);
            if (outcome == null) {
                outcome = "! " + Documented.name(e);
                outcomes.finding("pid of " + server.name + " failed: " + Failures.describe(e));
            }
        }
        outcomes.count("pid", outcome);
        took("call", start, SoakPlan.REQUEST_TIMEOUT, "pid of " + server.name);
        if (pid != null) {
            Borrower other = exclusiveOwners.putIfAbsent(pid, this);
            if (other != null) {
                outcomes.finding("Process " + pid + " of " + server.name + " was lent to " + this + " and to " + other);
                return null;
            }
        }
        return pid;
    }

    private void use(McpConnection lease, FleetServer server, boolean claimed) {
        int choice = random.nextInt(100);
        if (choice < 70) {
            for (int i = random.nextInt(4); i >= 0; i--) {
                call(lease, server, jobs.next(server));
            }
        } else if (choice < 78) {
            batch(lease, server);
        } else if (choice < 90) {
            callAtOnce(lease, server, claimed);
        } else if (choice < 95) {
            blocking("list tools", server, () -> {
                if (lease.listTools().isEmpty()) {
                    throw new IllegalStateException("no tools");
                }
            });
        } else {
            blocking("ping", server, lease::ping);
        }
    }

    private void call(McpConnection lease, FleetServer server, Job job) {
        begin("call", job.timeout(), server.name + ": " + job);
        long start = System.nanoTime();
        CallToolResult result = null;
        Throwable failure = null;
        try {
            result = lease.callTool(job.tool(), job.arguments(), job.options());
        } catch (RuntimeException | Error e) {
            noteInterrupt(e);
            failure = e;
        }
        took("call", start, job.timeout(), server.name + ": " + job);
        settle(server, job, result, failure);
    }

    private void batch(McpConnection lease, FleetServer server) {
        List<Job> all = new ArrayList<>();
        McpBatch batch = lease.batch();
        for (int i = random.nextInt(8); i >= 0; i--) {
            Job job = jobs.next(server);
            all.add(job);
            batch.add(job.tool(), job.arguments(), job.options());
        }
        Duration longest = longest(all);
        begin("batch", longest, server.name);
        long start = System.nanoTime();
        List<McpBatch.Outcome> came = List.of();
        Throwable failure = null;
        try {
            came = random.nextInt(3) > 0 ? batch.execute() : get(batch.executeAsync(), longest);
        } catch (RuntimeException | Error e) {
            noteInterrupt(e);
            failure = e;
        }
        took("batch", start, longest, server.name + ", " + all.size() + " calls");
        for (int i = 0; i < all.size(); i++) {
            McpBatch.@Nullable Outcome each = failure == null ? came.get(i) : null;
            settle(server, all.get(i), each == null ? null : each.result(), each == null ? failure : each.error());
        }
    }

    /** Several calls in flight, some of which are cancelled; now and then the lease is closed before they end. */
    private void callAtOnce(McpConnection lease, FleetServer server, boolean claimed) {
        List<Job> all = new ArrayList<>();
        List<CompletableFuture<CallToolResult>> futures = new ArrayList<>();
        List<Long> starts = new ArrayList<>();
        for (int i = random.nextInt(6); i >= 0; i--) {
            Job job = jobs.next(server);
            begin("make call at once", job.timeout(), server.name + ": " + job);
            long start = System.nanoTime();
            starts.add(start);
            all.add(job);
            futures.add(lease.callToolAsync(job.tool(), job.arguments(), job.options()));
            // It may have to wait for a server that does not read.
            took("make call at once", start, job.timeout(), server.name + ": " + job);
        }
        if (random.nextInt(4) == 0) {
            futures.get(random.nextInt(futures.size())).cancel(true);
        }
        if (!claimed && random.nextInt(3) == 0) {
            lease.close();
        }
        long until = starts.get(0);
        for (int i = 0; i < all.size(); i++) {
            Job job = all.get(i);
            // Those before are waited for first.
            until = Math.max(until, starts.get(i) + job.timeout().toNanos());
            begin("call at once", job.timeout(), server.name + ": " + job);
            CallToolResult result = null;
            Throwable failure = null;
            try {
                result = get(futures.get(i), job.timeout());
            } catch (RuntimeException | Error e) {
                failure = e;
            }
            took("call at once", starts.get(i), Duration.ofNanos(until - starts.get(i)), server.name + ": " + job);
            settle(server, job, result, failure);
        }
    }

    private static Duration longest(List<Job> all) {
        return all.stream().map(Job::timeout).max(Duration::compareTo).orElseThrow();
    }

    /** What a future gives; it is cancelled if this thread is interrupted. */
    private static <T> T get(CompletableFuture<T> future, Duration bound) {
        try {
            return future.get(bound.plus(SoakPlan.SLACK).toMillis() * 3, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw unwrapped(e.getCause());
        } catch (InterruptedException e) {
            future.cancel(true);
            try {
                return future.join();
            } catch (CompletionException late) {
                throw unwrapped(late.getCause());
            }
        } catch (TimeoutException e) {
            throw new IllegalStateException("A future was not completed in time", e);
        }
    }

    private static RuntimeException unwrapped(@Nullable Throwable cause) {
        return cause instanceof RuntimeException known ? known : new CompletionException(cause);
    }

    private void blocking(String kind, FleetServer server, Runnable work) {
        begin("call", SoakPlan.REQUEST_TIMEOUT, kind + " of " + server.name);
        long start = System.nanoTime();
        String outcome;
        try {
            work.run();
            outcome = Outcomes.ANSWERED;
        } catch (RuntimeException | Error e) {
            noteInterrupt(e);
            outcome = Documented.calling(e);
            if (outcome == null) {
                outcome = "! " + Documented.name(e);
                outcomes.finding(kind + " of " + server.name + " failed: " + Failures.describe(e));
            }
        }
        took("call", start, SoakPlan.REQUEST_TIMEOUT, kind + " of " + server.name);
        outcomes.count(kind, outcome);
    }

    private void settle(FleetServer server, Job job, @Nullable CallToolResult result, @Nullable Throwable failure) {
        String outcome = job.outcome(result, failure);
        if (outcome.startsWith("!")) {
            outcomes.finding(server.name + outcome);
            outcome = failure == null ? "! wrong answer" : "! " + Documented.name(failure);
        }
        outcomes.count(job.kind(), outcome);
        if (outcome.equals(Outcomes.ANSWERED)) {
            outcomes.answered(server.name);
        }
        if (job.number() >= 0) {
            if (result != null) {
                records.answered(job.number());
            } else {
                records.failed(job.number(), failure == null || Documented.mayHaveExecuted(failure));
            }
        }
    }

    private void begin(String what, Duration bound, String about) {
        doing = new Doing(what + " " + about, System.nanoTime(), bound);
    }

    private void took(String what, long start, Duration bound, String about) {
        doing = null;
        outcomes.took(what, start, bound, about);
    }

    @Override
    public String toString() {
        return "borrower " + number;
    }
}
