package io.mcpdrivers.pool;

import io.mcpdrivers.CallOptions;
import io.mcpdrivers.McpBatch;
import io.mcpdrivers.McpConnectionClosedException;
import io.mcpdrivers.McpException;
import io.mcpdrivers.engine.PhysicalConnection;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
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

    private Call<List<Outcome>> take() {
        List<Item> taken = items;
        items = new ArrayList<>();
        return new Attempt(lease, taken, null, null);
    }

    @Override
    public List<Outcome> execute() {
        return lease.run(take(), CallOptions.defaults());
    }

    @Override
    public CompletableFuture<List<Outcome>> executeAsync() {
        return lease.runAsync(take(), CallOptions.defaults());
    }

    /** The whole batch, or what is left of it to be made once more; gives all outcomes either way. */
    private record Attempt(
            PooledLease lease,
            List<Item> items,
            @Nullable List<Outcome> earlier,
            @Nullable List<Integer> places) implements Call<List<Outcome>> {

        private McpBatch batch(PhysicalConnection connection) {
            McpBatch batch = connection.batch();
            for (Item item : items) {
                batch.add(item.tool, item.arguments, item.options);
            }
            return batch;
        }

        @Override
        public List<Outcome> make(PhysicalConnection connection, CallOptions options) {
            return merged(batch(connection).execute());
        }

        @Override
        public CompletableFuture<List<Outcome>> makeAsync(PhysicalConnection connection, CallOptions options) {
            CompletableFuture<List<Outcome>> made = batch(connection).executeAsync();
            return made.thenApply(this::merged);
        }

        private List<Outcome> merged(List<Outcome> came) {
            List<Outcome> outcomes = came.stream().map(this::ofLease).toList();
            if (earlier == null || places == null) {
                return outcomes;
            }
            List<Outcome> all = new ArrayList<>(earlier);
            for (int i = 0; i < places.size(); i++) {
                all.set(places.get(i), outcomes.get(i));
            }
            return Collections.unmodifiableList(all);
        }

        private Outcome ofLease(Outcome outcome) {
            McpException error = outcome.error();
            return error instanceof McpConnectionClosedException ? new Outcome(null, lease.ofLease(error)) : outcome;
        }

        @Override
        public @Nullable Call<List<Outcome>> again(@Nullable List<Outcome> outcomes, @Nullable Throwable failure) {
            if (outcomes == null) {
                // Nothing was sent: the connection was found closed.
                return lease.policy().allows(failure, false) ? this : null;
            }
            RetryPolicy policy = lease.policy();
            List<Item> rest = new ArrayList<>();
            List<Integer> restPlaces = new ArrayList<>();
            for (int i = 0; i < outcomes.size(); i++) {
                Item item = items.get(i);
                if (policy.allows(outcomes.get(i).error(), policy.isHarmlessTool(item.tool))) {
                    rest.add(item);
                    restPlaces.add(i);
                }
            }
            return rest.isEmpty() ? null : new Attempt(lease, rest, outcomes, restPlaces);
        }
    }
}
