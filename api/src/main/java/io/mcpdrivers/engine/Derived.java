package io.mcpdrivers.engine;

import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A future that others lead to, one after the other; cancelling it cancels the one that is under way. */
final class Derived<T> extends CompletableFuture<T> {

    private volatile @Nullable CompletableFuture<?> current;

    /** Takes the next future into account: its failure is the failure of this one, its result goes to {@code next}. */
    <S> void follow(CompletableFuture<S> step, Consumer<S> next) {
        follow(step, next, failure -> {});
    }

    /** As above; a failure goes to {@code onFailure} first, which may complete this future otherwise. */
    <S> void follow(CompletableFuture<S> step, Consumer<S> next, Consumer<Throwable> onFailure) {
        current = step;
        CompletableFuture<S> unused = step.whenComplete((result, failure) -> {
            try {
                if (failure == null) {
                    next.accept(result);
                } else {
                    onFailure.accept(failure);
                    completeExceptionally(failure);
                }
            } catch (RuntimeException | Error e) {
                completeExceptionally(e);
            }
        });
        if (isCancelled()) {
            step.cancel(true);
        }
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        boolean cancelled = super.cancel(mayInterruptIfRunning);
        CompletableFuture<?> step = current;
        if (cancelled && step != null) {
            step.cancel(mayInterruptIfRunning);
        }
        return cancelled;
    }
}
