package io.mcpdrivers.engine;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Measures one request, from before it is written until its answer was read. Must not throw, but for what it runs. */
abstract class OperationMeter {

    /** What is to be written to the {@code _meta} of the request, for whoever traces it further. */
    abstract Map<String, String> meta();

    /** Runs what sends the request, with the operation as the current one of the thread. */
    abstract void sending(Runnable task);

    /**
     * The request has its outcome. Only the first counts. Called by the thread that made the call or one that may run user
     * code, never by one that reads.
     *
     * @param result the result; null if there is none
     * @param failure what failed; null if nothing did
     */
    abstract void ended(@Nullable Object result, @Nullable Throwable failure);
}
