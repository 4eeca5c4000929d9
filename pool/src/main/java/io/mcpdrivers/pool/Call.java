package io.mcpdrivers.pool;

import io.mcpdrivers.CallOptions;
import io.mcpdrivers.engine.PhysicalConnection;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A call that can be made on one connection and then on another.
 *
 * @param <T> its result
 */
interface Call<T> {

    /** How many calls of the caller it is: more than one for a batch. */
    default int count() {
        return 1;
    }

    /** Makes it. */
    T make(PhysicalConnection connection, CallOptions options);

    /** Makes it without blocking. */
    CompletableFuture<T> makeAsync(PhysicalConnection connection, CallOptions options);

    /**
     * What to make on a fresh connection.
     *
     * @param result what came of it, or null if it failed
     * @param failure what it failed with, or null
     * @return null if it is done
     */
    @Nullable
    Call<T> again(@Nullable T result, @Nullable Throwable failure);
}
