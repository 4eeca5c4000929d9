package io.mcpdrivers.pool;

import static io.mcpdrivers.pool.PoolTestBase.async;
import static io.mcpdrivers.pool.PoolTestBase.failure;
import static io.mcpdrivers.pool.PoolTestBase.get;
import static io.mcpdrivers.pool.PoolTestBase.legacy;
import static io.mcpdrivers.pool.PoolTestBase.process;
import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpInterruptedException;
import io.mcpdrivers.McpPoolClosedException;
import io.mcpdrivers.McpPoolExhaustedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** A pool and its model, which are told the same and have to stand equal afterwards. */
final class PoolAndModel {

    private static final Duration IDLE_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration MAX_AGE = Duration.ofSeconds(150);

    /** What can be done. What is not possible at a moment is left out there. */
    enum Action {
        BORROW,
        RETURN,
        INTERRUPT,
        TIME_OUT,
        KILL,
        SOFT_EVICT,
        ADVANCE,
        SUSPEND,
        RESUME,
        LIMITS
    }

    /** Something to do; the number chooses with what. */
    record Step(Action action, int number) {}

    /** What sort of pool is tried, and what is done with it. */
    record Sort(int servers, int streams, int limit, int maxTotal, List<Action> actions) {}

    private final PoolModel model;
    final McpPool pool;
    private final List<MemoryServer> servers = new ArrayList<>();
    private final List<Borrower> borrowers = new ArrayList<>();
    private final ManualTicker clock;
    private final Path configuration;
    private final long patience;
    private int callers;

    /**
     * Makes both.
     *
     * @param patience how long to wait until they stand equal, in nanoseconds
     */
    PoolAndModel(Sort sort, PoolTestBase test, Path folder, long patience) {
        this.clock = test.clock;
        this.configuration = folder.resolve("mcp.properties");
        this.patience = patience;
        long maxAge = sort.streams == 1 ? MAX_AGE.toNanos() : 0;
        model = new PoolModel(sort.servers, sort.streams, sort.limit, sort.maxTotal, IDLE_TIMEOUT.toNanos(), maxAge);
        write(sort.limit, sort.maxTotal);
        pool = test.build(test.builder()
                .set("aliveBypass", "1h")
                .set("keepalive", "0")
                .set("streams", String.valueOf(sort.streams))
                .idleTimeout(IDLE_TIMEOUT)
                .maxAge(Duration.ofNanos(maxAge))
                .maxWait(Duration.ofHours(1))
                .properties(configuration));
        for (int i = 0; i < sort.servers; i++) {
            servers.add(legacy());
        }
    }

    private void write(int limit, int maxTotal) {
        try {
            Files.writeString(configuration, "mcp.pool.maxTotalPerKey=" + limit + "\nmcp.pool.maxTotal=" + maxTotal);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** One who has asked for a connection, in the model and in the pool. */
    private final class Borrower {
        final PoolModel.Caller caller;
        final CompletableFuture<Thread> thread = new CompletableFuture<>();
        final CompletableFuture<McpConnection> lease;
        boolean served;

        Borrower(PoolModel.Server server, String parameters) {
            caller = new PoolModel.Caller(server, callers++);
            String uri = servers.get(model.servers.indexOf(server)).uri() + parameters;
            lease = async(() -> {
                thread.complete(Thread.currentThread());
                return pool.getConnection(uri);
            });
        }
    }

    void perform(Step step) throws Exception {
        PoolModel.Server server = model.servers.get(step.number % model.servers.size());
        List<Borrower> holding =
                borrowers.stream().filter(b -> b.caller.given != null).toList();
        List<Borrower> waiting =
                borrowers.stream().filter(b -> b.caller.given == null).toList();
        switch (step.action) {
            case BORROW -> {
                if (waiting.size() < 6) {
                    Borrower borrower = new Borrower(server, "");
                    model.borrow(borrower.caller);
                    borrowers.add(borrower);
                }
            }
            case RETURN -> {
                if (!holding.isEmpty()) {
                    Borrower borrower = holding.get(step.number % holding.size());
                    borrowers.remove(borrower);
                    model.giveBack(borrower.caller.given);
                    get(borrower.lease).close();
                }
            }
            case INTERRUPT -> {
                if (!waiting.isEmpty()) {
                    Borrower borrower = waiting.get(step.number % waiting.size());
                    borrowers.remove(borrower);
                    model.giveUp(borrower.caller);
                    get(borrower.thread).interrupt();
                    assertThat(failure(borrower.lease)).isInstanceOf(McpInterruptedException.class);
                }
            }
            case TIME_OUT -> {
                if (model.isInVain(server)) {
                    server.timeouts++;
                    assertThat(failure(new Borrower(server, "?maxWait=0").lease))
                            .isInstanceOf(McpPoolExhaustedException.class);
                }
            }
            case KILL -> {
                if (!server.connections.isEmpty()) {
                    PoolModel.Connection victim = server.connections.get(step.number % server.connections.size());
                    model.kill(victim);
                    victim.process.kill();
                }
            }
            case SOFT_EVICT -> {
                if (isUsed(server)) {
                    model.softEvict(server);
                    pool.softEvict(servers.get(model.servers.indexOf(server)).uri());
                }
            }
            case ADVANCE -> {
                advance(Duration.ofSeconds(20 + step.number % 30));
                model.tend();
                pool.tend();
            }
            case SUSPEND -> {
                model.suspend();
                pool.suspend();
            }
            case RESUME -> {
                model.resume();
                pool.resume();
            }
            case LIMITS -> {
                model.limits(1 + step.number % 4, 1 + step.number / 4 % 4);
                write(model.limit, model.maxTotal);
                pool.reload();
            }
        }
        settle();
        advance(Duration.ofMillis(1));
    }

    private void advance(Duration time) {
        clock.advance(time);
        model.now += time.toNanos();
    }

    private boolean isUsed(PoolModel.Server server) {
        return server.hits + server.misses > 0;
    }

    /** Waits until the pool stands as the model does. */
    void settle() {
        await(this::expected, this::actual);
        List<Borrower> served = new ArrayList<>();
        for (Borrower borrower : borrowers) {
            if (borrower.caller.given == null) {
                assertThat(borrower.lease).as("one who waits").isNotDone();
            } else if (!borrower.served) {
                await(() -> "given", () -> borrower.lease.isDone() ? "given" : "waiting");
                borrower.served = true;
                served.add(borrower);
            }
        }
        recognize(served);
    }

    /** Those who were served in one step may have come to each other's connections, but to no others. */
    private void recognize(List<Borrower> served) {
        List<PoolModel.Connection> given = new ArrayList<>();
        served.forEach(borrower -> given.add(borrower.caller.given));
        for (Borrower borrower : served) {
            MemoryProcess process = process(borrower.lease.join());
            PoolModel.Connection connection = given.stream()
                    .filter(c -> c.process == process)
                    .findFirst()
                    .or(() -> given.stream().filter(c -> c.process == null).findFirst())
                    .orElseThrow(() -> new AssertionError(process + " was given, but is not to be lent"));
            assertThat(process.server).isSameAs(servers.get(model.servers.indexOf(connection.server)));
            given.remove(connection);
            connection.process = process;
            borrower.caller.given = connection;
        }
    }

    private void await(Supplier<String> expected, Supplier<String> actual) {
        long until = System.nanoTime() + patience;
        while (!actual.get().equals(expected.get())) {
            if (System.nanoTime() - until > 0) {
                throw new AssertionError("expected " + expected.get() + "\nbut is   " + actual.get());
            }
            LockSupport.parkNanos(50_000);
        }
    }

    private String expected() {
        return model.servers + ", permits " + model.used;
    }

    private String actual() {
        List<String> all = new ArrayList<>();
        PoolStatus status = pool.status();
        for (MemoryServer server : servers) {
            ServerStatus s = status.servers().get(server.name);
            all.add(
                    s == null
                            ? PoolModel.describe(0, 0, 0, 0, 0, 0, 0, 0)
                            : PoolModel.describe(
                                            s.leases(),
                                            s.connections(),
                                            s.active(),
                                            s.idle(),
                                            s.waiting(),
                                            s.hits(),
                                            s.misses(),
                                            s.timeouts())
                                    + (s.starting() > 0 ? ", starting " + s.starting() : "")
                                    + (s.closing() > 0 ? ", closing " + s.closing() : ""));
        }
        return all + ", permits " + pool.services().permits().used();
    }

    /** Gives everything back, so that whoever waits is served; or closes the pool under them all. */
    void end(boolean inOrder) throws Exception {
        if (inOrder) {
            perform(new Step(Action.RESUME, 0));
            while (borrowers.stream().anyMatch(b -> b.caller.given != null)) {
                perform(new Step(Action.RETURN, 0));
            }
            assertThat(borrowers).as("those who still wait").isEmpty();
        }
        pool.close();
        for (Borrower borrower : borrowers) {
            if (borrower.caller.given == null) {
                assertThat(failure(borrower.lease)).isInstanceOf(McpPoolClosedException.class);
            }
        }
        for (MemoryServer server : servers) {
            await(() -> "live 0", () -> "live " + server.live.get());
        }
    }
}
