package io.mcpdrivers.engine;

import io.mcpdrivers.McpConnection;
import java.util.concurrent.CompletableFuture;

/** What the pool knows of a connection beside what everybody knows; {@link RealConnection} is the one that exists. */
public interface PhysicalConnection extends McpConnection {

    /**
     * What it is connected to.
     *
     * @return the target it was opened for
     */
    ServerTarget target();

    /**
     * Whether unrelated callers may use this connection at once, since its protocol revision has no sessions that could
     * keep state for one of them.
     *
     * @return true from revision 2026-07-28
     */
    boolean isSharable();

    /**
     * Requests whose answer is awaited.
     *
     * @return their number now
     */
    int inFlight();

    /**
     * Requests that were given up, by timeout or cancellation, and whose answer may still come.
     *
     * @return their number now
     */
    int abandoned();

    /**
     * When a message of the server last arrived.
     *
     * @return the time, as {@link System#nanoTime()} gives it
     */
    long lastReceivedNanos();

    /**
     * Whether the server has rejected a request as one that it does not understand, without a word of the protocol, and has
     * answered none since: it may have been replaced by another one, so that the connection is to be checked.
     *
     * @return false if not, or if it was only too busy
     */
    boolean isInDoubt();

    /**
     * Has a task run once the connection was lost or closed; at once if that has happened. It runs on a thread of the
     * library, never on one that reads.
     *
     * @param task what to run
     */
    void onEnd(Runnable task);

    /**
     * Has a task run each time the server says that its list of tools has changed.
     *
     * @param task what to run, in place of an earlier one; runs on a thread that reads, so it must not block
     */
    void onToolsChanged(Runnable task);

    /**
     * Asks a server of revision 2026-07-28 to tell of changes of its tools ({@code subscriptions/listen}), for as long as the
     * connection lasts; {@link #inFlight} does not count it. Older servers tell unasked. Does not wait.
     *
     * @param begun what to run when the server has acknowledged it, before which it tells of nothing; runs on a thread that
     *     reads, so it must not block
     * @return completes when the server tells no more, exceptionally if it refused or the connection was lost; is complete
     *     if there was nothing to ask
     */
    CompletableFuture<Void> followTools(Runnable begun);

    /**
     * Closes without waiting.
     *
     * @return completes when the server's process or session has ended
     */
    CompletableFuture<Void> closeAsync();
}
