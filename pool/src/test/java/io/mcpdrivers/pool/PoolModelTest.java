package io.mcpdrivers.pool;

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
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A pool and a {@link PoolModel} are told the same at random, one thing after the other, and have to stand equal after each:
 * numbers, who waits, and who has which connection. A sequence that fails is cut down before it is shown.
 */
class PoolModelTest extends PoolTestBase {

    /** How many sequences; {@code -DargLine=-Dmodel.seeds=1000} tries more. */
    private static final int SEEDS = Integer.getInteger("model.seeds", 25);

    private static final int STEPS = 60;
    private static final Duration IDLE_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration MAX_AGE = Duration.ofSeconds(150);
    private static final long SHRINKING_NANOS = TimeUnit.SECONDS.toNanos(40);

    @TempDir
    Path folder;

    /** What can be done. What is not possible at a moment is left out there. */
    private enum Action {
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
    private record Step(Action action, int number) {}

    /** What sort of pool is tried. */
    private record Sort(int servers, int streams, int limit, int maxTotal, List<Action> actions) {}

    private static final List<Action> ONE_SERVER = List.of(
            Action.BORROW,
            Action.BORROW,
            Action.BORROW,
            Action.BORROW,
            Action.RETURN,
            Action.RETURN,
            Action.RETURN,
            Action.INTERRUPT,
            Action.TIME_OUT,
            Action.KILL,
            Action.SOFT_EVICT,
            Action.ADVANCE,
            Action.SUSPEND,
            Action.RESUME,
            Action.RESUME);
    private static final List<Action> LIMITS_CHANGE = plus(ONE_SERVER, Action.LIMITS);
    // The order in which servers are resumed is nobody's business, so that is left out.
    private static final List<Action> MANY_SERVERS = ONE_SERVER.stream()
            .filter(action -> action != Action.SUSPEND && action != Action.RESUME)
            .toList();

    private static List<Action> plus(List<Action> actions, Action more) {
        List<Action> all = new ArrayList<>(actions);
        all.add(more);
        return all;
    }

    /** A pool and its model. */
    private final class Run {
        final Sort sort;
        final PoolModel model;
        final McpPool pool;
        final List<MemoryServer> servers = new ArrayList<>();
        final List<Borrower> borrowers = new ArrayList<>();
        final long patience;
        int callers;

        Run(Sort sort, long patience) {
            this.sort = sort;
            this.patience = patience;
            long maxAge = sort.streams == 1 ? MAX_AGE.toNanos() : 0;
            model = new PoolModel(
                    sort.servers, sort.streams, sort.limit, sort.maxTotal, IDLE_TIMEOUT.toNanos(), maxAge);
            write(sort.limit, sort.maxTotal);
            pool = build(builder()
                    .set("aliveBypass", "1h")
                    .set("keepalive", "0")
                    .set("streams", String.valueOf(sort.streams))
                    .idleTimeout(IDLE_TIMEOUT)
                    .maxAge(Duration.ofNanos(maxAge))
                    .maxWait(Duration.ofHours(1))
                    .properties(folder.resolve("mcp.properties")));
            for (int i = 0; i < sort.servers; i++) {
                servers.add(legacy());
            }
        }

        private void write(int limit, int maxTotal) {
            try {
                Files.writeString(
                        folder.resolve("mcp.properties"),
                        "mcp.pool.maxTotalPerKey=" + limit + "\nmcp.pool.maxTotal=" + maxTotal);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        /** One who has asked for a connection, in the model and in the pool. */
        final class Borrower {
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
                        pool.softEvict(
                                servers.get(model.servers.indexOf(server)).uri());
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

    private static List<Step> steps(Sort sort, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < STEPS; i++) {
            steps.add(new Step(sort.actions.get(random.nextInt(sort.actions.size())), random.nextInt(1000)));
        }
        return steps;
    }

    /** What goes wrong, with the number of steps until then; null if nothing does. */
    private String failure(Sort sort, List<Step> steps, boolean inOrder, long patience, int[] done) {
        Run run = new Run(sort, patience);
        try {
            for (done[0] = 0; done[0] < steps.size(); done[0]++) {
                run.perform(steps.get(done[0]));
            }
            run.end(inOrder);
            return null;
        } catch (Exception | AssertionError e) {
            run.pool.close();
            return String.valueOf(e);
        }
    }

    private void stands_as_its_model(Sort sort) {
        for (long seed = 1; seed <= SEEDS; seed++) {
            List<Step> steps = steps(sort, seed);
            boolean inOrder = seed % 2 == 0;
            int[] done = new int[1];
            String failure = failure(sort, steps, inOrder, SOON.toNanos(), done);
            if (failure != null) {
                List<Step> shortest = shrink(sort, steps.subList(0, Math.min(done[0] + 1, STEPS)), inOrder);
                throw new AssertionError("With " + sort + " and seed " + seed + ", at step " + done[0] + ": " + failure
                        + "\nThese steps fail, too:\n" + shortest);
            }
        }
    }

    /** Leaves out what can be left out, as long as there is time. */
    private List<Step> shrink(Sort sort, List<Step> failing, boolean inOrder) {
        long until = System.nanoTime() + SHRINKING_NANOS;
        List<Step> shortest = new ArrayList<>(failing);
        for (int i = shortest.size() - 1; i >= 0 && System.nanoTime() - until < 0; i--) {
            List<Step> shorter = new ArrayList<>(shortest);
            shorter.remove(i);
            if (failure(sort, shorter, inOrder, TimeUnit.SECONDS.toNanos(1), new int[1]) != null) {
                shortest = shorter;
            }
        }
        return shortest;
    }

    @Test
    void one_server_with_exclusive_connections() {
        stands_as_its_model(new Sort(1, 1, 3, 10, ONE_SERVER));
    }

    @Test
    void one_server_with_a_shared_connection() {
        stands_as_its_model(new Sort(1, 3, 1, 10, ONE_SERVER));
    }

    @Test
    void one_server_with_limits_that_change() {
        stands_as_its_model(new Sort(1, 1, 2, 3, LIMITS_CHANGE));
    }

    @Test
    void servers_that_compete_for_a_few_connections() {
        stands_as_its_model(new Sort(3, 1, 2, 3, MANY_SERVERS));
    }
}
