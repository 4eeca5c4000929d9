package io.mcpdrivers.pool;

import io.mcpdrivers.pool.PoolAndModel.Action;
import io.mcpdrivers.pool.PoolAndModel.Sort;
import io.mcpdrivers.pool.PoolAndModel.Step;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
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
    private static final long SHRINKING_NANOS = TimeUnit.SECONDS.toNanos(40);

    @TempDir
    Path folder;

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

    private static List<Step> steps(Sort sort, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < STEPS; i++) {
            steps.add(new Step(sort.actions().get(random.nextInt(sort.actions().size())), random.nextInt(1000)));
        }
        return steps;
    }

    /** What goes wrong, with the number of steps until then; null if nothing does. */
    private String failure(Sort sort, List<Step> steps, boolean inOrder, long patience, int[] done) {
        PoolAndModel run = new PoolAndModel(sort, this, folder, patience);
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
