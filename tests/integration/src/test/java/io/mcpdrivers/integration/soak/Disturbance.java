package io.mcpdrivers.integration.soak;

import io.mcpdrivers.pool.McpPool;
import io.mcpdrivers.pool.WarmUpResult;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/** Does to the servers, to the borrowers and to the pool what happens to them in life, only more often. On one thread. */
final class Disturbance implements AutoCloseable {

    private static final int LEAST_PAUSE_MILLIS = 30;
    private static final int MOST_PAUSE_MILLIS = 250;

    private record Later(long at, Runnable what) {}

    private final McpPool pool;
    private final Fleet fleet;
    private final List<Borrower> borrowers;
    private final Outcomes outcomes;
    private final Random random;
    private final Signals signals = new Signals();
    private final PriorityQueue<Later> later = new PriorityQueue<>((a, b) -> Long.signum(a.at - b.at));
    private final Thread thread = new Thread(this::run, "soak-disturbance");
    /** Those that start a server over HTTP again. */
    private final Map<FleetServer, Thread> revivals = new HashMap<>();

    private volatile boolean stopped;
    private boolean suspended;

    Disturbance(McpPool pool, Fleet fleet, List<Borrower> borrowers, Outcomes outcomes, long seed) {
        this.pool = pool;
        this.fleet = fleet;
        this.borrowers = borrowers;
        this.outcomes = outcomes;
        this.random = new Random(seed);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    private void run() {
        try {
            long next = System.nanoTime();
            while (!stopped) {
                Later due = later.peek();
                long now = System.nanoTime();
                if (due != null && due.at - now <= 0) {
                    later.poll();
                    due.what.run();
                } else if (next - now <= 0) {
                    reviveHttp();
                    disturb();
                    next = now + TimeUnit.MILLISECONDS.toNanos(between(LEAST_PAUSE_MILLIS, MOST_PAUSE_MILLIS));
                } else {
                    LockSupport.parkNanos(Math.min(next, due == null ? next : due.at) - now);
                }
            }
        } catch (RuntimeException | Error e) {
            outcomes.finding("The disturbance failed: " + Failures.describe(e));
        }
    }

    private void disturb() {
        FleetServer server = fleet.servers().get(random.nextInt(fleet.servers().size()));
        int choice = random.nextInt(100);
        if (choice < 30) {
            interrupt();
        } else if (choice < 52) {
            killProcess();
        } else if (choice < 62) {
            stopProcess();
        } else if (choice < 67) {
            stopHttp(anyHttp());
        } else if (choice < 73) {
            killHttp(anyHttp());
        } else if (choice < 78) {
            reload("server changed", server, FleetServer::change);
        } else if (choice < 82) {
            reload("setting changed", server, s -> s.changeSetting(s.isExclusive() ? 1 : between(1, 16)));
        } else if (choice < 86) {
            removeForAWhile(server);
        } else if (choice < 90) {
            breakForAWhile(fleet.servers().get(10));
        } else if (choice < 93) {
            softEvict(server);
        } else if (choice < 96) {
            disableForAWhile(server);
        } else if (choice < 98) {
            suspendForAWhile();
        } else {
            warmUp();
        }
    }

    private int between(int least, int most) {
        return least + random.nextInt(most - least + 1);
    }

    private void after(int leastMillis, int mostMillis, Runnable what) {
        later.add(new Later(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(between(leastMillis, mostMillis)), what));
    }

    private void interrupt() {
        for (int i = random.nextInt(4); i >= 0; i--) {
            borrowers.get(random.nextInt(borrowers.size())).disturb();
            outcomes.count("disturbance", "borrower interrupted");
        }
    }

    private ProcessHandle anyStdioProcess() {
        return signals.anyOf(
                random,
                fleet.servers().stream()
                        .map(FleetServer::process)
                        .filter(Objects::nonNull)
                        .toList());
    }

    private void killProcess() {
        ProcessHandle process = anyStdioProcess();
        if (!signals.isNobody(process) && process.destroyForcibly()) {
            outcomes.count("disturbance", "process killed");
        }
    }

    private void stopProcess() {
        ProcessHandle process = anyStdioProcess();
        if (!signals.isNobody(process)) {
            signals.stop(process);
            outcomes.count("disturbance", "process stopped");
            if (random.nextInt(3) > 0) {
                after(100, 5_000, () -> signals.goOn(process));
            }
        }
    }

    private FleetServer anyHttp() {
        List<FleetServer> all =
                fleet.servers().stream().filter(FleetServer::isHttp).toList();
        return all.get(random.nextInt(all.size()));
    }

    private void stopHttp(FleetServer server) {
        ProcessHandle process = server.process();
        if (process != null) {
            signals.stop(process);
            outcomes.count("disturbance", "HTTP server stopped");
            after(100, 4_000, () -> signals.goOn(process));
        }
    }

    private void killHttp(FleetServer server) {
        ProcessHandle process = server.process();
        if (process != null && process.isAlive()) {
            server.kill();
            outcomes.count("disturbance", "HTTP server killed");
        }
    }

    /** Somebody starts a server again that has died, be it that it was killed or that it was told to. */
    private void reviveHttp() {
        for (FleetServer server : fleet.servers()) {
            ProcessHandle process = server.process();
            Thread revival = revivals.get(server);
            if (revival != null && !revival.isAlive()) {
                revivals.remove(server);
                reload("HTTP server started", server, started -> {});
            } else if (revival == null && process != null && !process.isAlive()) {
                int pause = between(0, 1_500);
                Thread starting = new Thread(() -> revive(server, pause), "soak-revival");
                starting.setDaemon(true);
                starting.start();
                revivals.put(server, starting);
            }
        }
    }

    private void revive(FleetServer server, int pauseMillis) {
        try {
            TimeUnit.MILLISECONDS.sleep(pauseMillis);
            server.start();
        } catch (InterruptedException | RuntimeException e) {
            outcomes.finding(server.name + " could not be started again: " + Failures.describe(e));
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join(TimeUnit.SECONDS.toMillis(30));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void reload(String what, FleetServer server, Consumer<FleetServer> change) {
        change.accept(server);
        fleet.write();
        timed("reload", server, pool::reload);
        outcomes.count("disturbance", what);
    }

    private void removeForAWhile(FleetServer server) {
        if (server.isConfigured()) {
            reload("server removed", server, s -> s.setConfigured(false));
            after(200, 2_000, () -> reload("server added", server, s -> s.setConfigured(true)));
        }
    }

    private void breakForAWhile(FleetServer server) {
        if (!server.isBroken()) {
            reload("server broken", server, s -> s.setBroken(true));
            after(500, 4_000, () -> reload("server repaired", server, s -> s.setBroken(false)));
        }
    }

    private void softEvict(FleetServer server) {
        if (server.isConfigured()) {
            timed("softEvict", server, () -> pool.softEvict(server.name));
        }
    }

    private void disableForAWhile(FleetServer server) {
        if (server.isConfigured()) {
            timed("disable", server, () -> pool.disable(server.name));
            after(100, 1_500, () -> {
                if (server.isConfigured()) {
                    timed("enable", server, () -> pool.enable(server.name));
                } else {
                    disabledWhileRemoved(server);
                }
            });
        }
    }

    /** What was said by disable counts when it comes back, and somebody has to take it back. */
    private void disabledWhileRemoved(FleetServer server) {
        after(100, 500, () -> {
            if (server.isConfigured()) {
                timed("enable", server, () -> pool.enable(server.name));
            } else {
                disabledWhileRemoved(server);
            }
        });
    }

    private void suspendForAWhile() {
        if (!suspended) {
            suspended = true;
            timed("suspend", fleet.servers().get(0), pool::suspend);
            after(50, 400, () -> {
                timed("resume", fleet.servers().get(0), pool::resume);
                suspended = false;
            });
        }
    }

    /** None of these waits for a server. */
    private void timed(String what, FleetServer server, Runnable operation) {
        long start = System.nanoTime();
        try {
            operation.run();
        } catch (RuntimeException e) {
            outcomes.finding(what + " of " + server.name + " failed: " + Failures.describe(e));
        }
        outcomes.took(what, start, Duration.ZERO, server.name);
        outcomes.count("operation", what);
    }

    private void warmUp() {
        Thread warming = new Thread(
                () -> {
                    long start = System.nanoTime();
                    try {
                        for (WarmUpResult result : pool.warmUp()) {
                            Throwable failure = result.failure();
                            String known = failure == null ? "warmed up" : Documented.borrowing(failure, stopped);
                            if (known == null) {
                                outcomes.finding("warmUp: " + Failures.describe(Objects.requireNonNull(failure)));
                            } else {
                                outcomes.count("warmUp", known);
                            }
                        }
                    } catch (RuntimeException e) {
                        outcomes.finding("warmUp failed: " + Failures.describe(e));
                    }
                    outcomes.took("warmUp", start, SoakPlan.MAX_WAIT, "");
                },
                "soak-warm-up");
        warming.setDaemon(true);
        warming.start();
    }

    /** Ends it; what is stopped or suspended stays so. */
    @Override
    public void close() {
        stopped = true;
        join(thread);
        revivals.values().forEach(Disturbance::join);
        signals.close();
    }
}
