package io.mcpdrivers;

import io.mcpdrivers.schema.CallToolResult;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Tool calls that are in flight at once on one connection: the counterpart of {@code addBatch} and {@code executeBatch}.
 * They are independent: the server may carry them out in any order, and one that fails does not keep the others from
 * succeeding. Not thread-safe.
 */
public interface McpBatch {

    /**
     * Adds a call.
     *
     * @param name the tool's name
     * @param arguments its arguments by name; null for none
     * @return this batch
     */
    default McpBatch add(String name, @Nullable Map<String, ?> arguments) {
        return add(name, (Object) arguments, CallOptions.defaults());
    }

    /**
     * Adds a call.
     *
     * @param name the tool's name
     * @param arguments a {@code Map}, {@code JsonNode} or any object that Jackson writes as a JSON object; null for none
     * @param options how to make the call
     * @return this batch
     */
    McpBatch add(String name, @Nullable Object arguments, CallOptions options);

    /**
     * How many calls were added.
     *
     * @return the number of calls that {@link #execute()} would make
     */
    int size();

    /**
     * Makes the calls and waits for all of them. The batch is empty afterwards and may be filled again.
     *
     * @return one outcome per call, in the order in which they were added
     * @throws McpInterruptedException if the thread was interrupted; the calls still in flight are cancelled
     * @throws McpConnectionClosedException if the connection was closed before
     */
    List<Outcome> execute();

    /**
     * As {@link #execute()}, without blocking.
     *
     * @return one outcome per call, in the order in which they were added
     */
    CompletableFuture<List<Outcome>> executeAsync();

    /**
     * What came of one call: a result or an exception.
     *
     * @param result the result; null if the call failed
     * @param error why the call failed; null if it did not
     */
    record Outcome(
            @Nullable CallToolResult result, @Nullable McpException error) {

        /** Checks that it is one of the two. */
        public Outcome {
            if ((result == null) == (error == null)) {
                throw new IllegalArgumentException("An outcome is either a result or an error");
            }
        }

        /**
         * The result.
         *
         * @return the result of the call
         * @throws McpException what the call failed with
         */
        public CallToolResult get() {
            if (result != null) {
                return result;
            }
            throw java.util.Objects.requireNonNull(error);
        }
    }
}
