package io.mcpdrivers.pool;

import io.mcpdrivers.CallOptions;
import io.mcpdrivers.McpBatch;
import io.mcpdrivers.McpConnectionClosedException;
import io.mcpdrivers.McpException;
import io.mcpdrivers.engine.PhysicalConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A batch on a lease. Its calls are repeated one by one, by the rules for single calls. */
final class PooledBatch implements McpBatch {

    private record Item(String tool, @Nullable Object arguments, CallOptions options) {}

    private final PooledLease lease;
    private List<Item> items = new ArrayList<>();

    PooledBatch(PooledLease lease) {
        this.lease = lease;
    }

    @Override
    public McpBatch add(String name, @Nullable Object arguments, CallOptions options) {
        items.add(new Item(
                Objects.requireNonNull(name, "name"), arguments, lease.route().options(options)));
        return this;
    }

    @Override
    public int size() {
        return items.size();
    }

    private Attempt take() {
        List<Item> taken = items;
        items = new ArrayList<>();
        return new Attempt(lease, taken, System.nanoTime(), null, List.of());
    }

    @Override
    public List<Outcome> execute() {
        Attempt attempt = take();
        return lease.run(attempt, attempt.longest());
    }

    @Override
    public CompletableFuture<List<Outcome>> executeAsync() {
        Attempt attempt = take();
        return lease.runAsync(attempt, attempt.longest());
    }

    /**
     * The whole batch, or what is left of it to be made once more; gives all outcomes either way.
     *
     * @param items the calls
     * @param started when they were made first
     * @param earlier what came of the whole batch before; null if this is the first attempt
     * @param places where in the whole batch these calls stand, if it is not the first attempt
     */
    private record Attempt(
            PooledLease lease,
            List<Item> items,
            long started,
            @Nullable List<Outcome> earlier,
            List<Integer> places) implements Call<List<Outcome>> {

        /** The options of a call that has as much time as the one of these that has most. */
        CallOptions longest() {
            long nanos = 1;
            for (Item item : items) {
                nanos = Math.max(nanos, lease.route().longestNanos(item.options));
            }
            return items.isEmpty() ? CallOptions.defaults() : CallOptions.timeout(Duration.ofNanos(nanos));
        }

        /** Adds the calls to a batch of a connection, but for those whose time is over; gives which they are. */
        private List<Integer> fill(McpBatch batch) {
            List<Integer> filled = new ArrayList<>();
            for (int i = 0; i < items.size(); i++) {
                Item item = items.get(i);
                CallOptions options = earlier == null ? item.options : lease.left(item.options, started);
                if (options != null) {
                    batch.add(item.tool, item.arguments, options);
                    filled.add(i);
                }
            }
            return filled;
        }

        @Override
        public int count() {
            return items.size();
        }

        @Override
        public List<Outcome> make(PhysicalConnection connection, CallOptions options) {
            McpBatch batch = connection.batch();
            List<Integer> filled = fill(batch);
            return merged(filled, batch.execute());
        }

        @Override
        public CompletableFuture<List<Outcome>> makeAsync(PhysicalConnection connection, CallOptions options) {
            McpBatch batch = connection.batch();
            List<Integer> filled = fill(batch);
            return new Merging(batch.executeAsync(), outcomes -> merged(filled, outcomes));
        }

        private List<Outcome> merged(List<Integer> filled, List<Outcome> came) {
            List<Outcome> outcomes = came.stream().map(this::ofLease).toList();
            if (earlier == null) {
                return outcomes;
            }
            List<Outcome> all = new ArrayList<>(earlier);
            for (int i = 0; i < outcomes.size(); i++) {
                all.set(places.get(filled.get(i)), outcomes.get(i));
            }
            return Collections.unmodifiableList(all);
        }

        private Outcome ofLease(Outcome outcome) {
            McpException error = outcome.error();
            return error instanceof McpConnectionClosedException ? new Outcome(null, lease.ofLease(error)) : outcome;
        }

        @Override
        public @Nullable Call<List<Outcome>> again(@Nullable List<Outcome> came, @Nullable Throwable failure) {
            RetryPolicy policy = lease.policy();
            List<Outcome> outcomes = came;
            if (outcomes == null) {
                // Nothing was sent: the connection was found closed.
                if (!(failure instanceof McpException known) || !policy.allows(failure, false)) {
                    return null;
                }
                outcomes = Collections.nCopies(items.size(), new Outcome(null, known));
            }
            List<Item> rest = new ArrayList<>();
            List<Integer> restPlaces = new ArrayList<>();
            for (int i = 0; i < outcomes.size(); i++) {
                Item item = items.get(i);
                if (policy.allows(outcomes.get(i).error(), policy.isHarmlessTool(item.tool))) {
                    rest.add(item);
                    restPlaces.add(i);
                }
            }
            return rest.isEmpty() ? null : new Attempt(lease, rest, started, outcomes, restPlaces);
        }
    }

    /** What comes of a batch, put where it belongs; cancelling it cancels the batch. */
    private static final class Merging extends CompletableFuture<List<Outcome>> {

        private final CompletableFuture<List<Outcome>> batch;

        Merging(CompletableFuture<List<Outcome>> batch, UnaryOperator<List<Outcome>> merge) {
            this.batch = batch;
            var unused = batch.whenComplete((outcomes, failure) -> {
                if (failure == null) {
                    merge(outcomes, merge);
                } else {
                    completeExceptionally(failure);
                }
            });
        }

        @Override
        public boolean cancel(boolean mayInterruptIfRunning) {
            // When this completes, the lease is given back, and what was given up on its connection has to be known by
            // then. The batch completes once it has given up its calls.
            batch.cancel(mayInterruptIfRunning);
            return super.cancel(mayInterruptIfRunning);
        }

        private void merge(List<Outcome> outcomes, UnaryOperator<List<Outcome>> merge) {
            try {
                complete(merge.apply(outcomes));
            } catch (RuntimeException | Error e) {
                completeExceptionally(e);
            }
        }

        @Override
        public <U> CompletableFuture<U> newIncompleteFuture() {
            return new CompletableFuture<>();
        }
    }
}
