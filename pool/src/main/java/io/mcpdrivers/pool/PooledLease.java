package io.mcpdrivers.pool;

import io.mcpdrivers.CallOptions;
import io.mcpdrivers.McpBatch;
import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpConnectionClosedException;
import io.mcpdrivers.McpException;
import io.mcpdrivers.ServerMetadata;
import io.mcpdrivers.schema.CallToolResult;
import io.mcpdrivers.schema.Tool;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What a caller gets: a connection for a time. One atomic number counts its calls in flight and knows whether it was
 * closed; whoever brings it to "closed, no calls" gives the connection back. Another counts the calls on each connection.
 * If the connection is lost, a call that may be made once more gets the lease another one, see {@link Replacement}.
 */
final class PooledLease implements McpConnection {

    private static final int CLOSED = 1 << 31;

    private static final VarHandle STATE;
    private static final VarHandle REPLACEMENT;
    private static final VarHandle GIVEN_BACK;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            STATE = lookup.findVarHandle(PooledLease.class, "state", int.class);
            REPLACEMENT = lookup.findVarHandle(PooledLease.class, "replacement", Replacement.class);
            GIVEN_BACK = lookup.findVarHandle(Use.class, "givenBack", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Route route;
    /** What is noted of this lease; null if nobody wants to know. */
    private final @Nullable LeaseRecord record;

    private volatile Use use;
    private volatile int state;

    @SuppressWarnings("unused")
    private volatile @Nullable Replacement replacement;

    /** A connection of this lease; its number is how many of its calls are on it. */
    static final class Use extends AtomicInteger {
        private static final long serialVersionUID = 1L;

        final transient PooledSlot slot;

        @SuppressWarnings("unused")
        private volatile boolean givenBack;

        Use(PooledSlot slot) {
            this.slot = slot;
        }
    }

    PooledLease(Route route, PooledSlot slot, @Nullable LeaseRecord record) {
        this.route = route;
        this.use = new Use(slot);
        this.record = record;
    }

    Route route() {
        return route;
    }

    /** The connection that calls are made on now. */
    Use use() {
        return use;
    }

    RetryPolicy policy() {
        return route.server().retryPolicy();
    }

    Executor background() {
        return PoolServices.BACKGROUND;
    }

    // Counting calls.

    /**
     * Counts a call in.
     *
     * @return the connection to make it on, which {@link #exit} is to be told
     */
    private Use enter() {
        while (true) {
            int seen = state;
            if (seen < 0) {
                throw closedException();
            }
            if (STATE.compareAndSet(this, seen, seen + 1)) {
                return join();
            }
        }
    }

    /** Counts a call out, which was on a connection at last. */
    void exit(Use used) {
        leave(used);
        int now = (int) STATE.getAndAdd(this, -1) - 1;
        Replacement pending = replacement;
        if (pending != null) {
            pending.makePlace();
        }
        if (now == CLOSED) {
            giveBack();
        }
    }

    /** Counts a call on the connection that is in use. */
    private Use join() {
        while (true) {
            Use current = use;
            current.incrementAndGet();
            if (current == use) {
                return current;
            }
            // Another one has come in its place, whoever saw to that perhaps without having seen this call.
            leave(current);
        }
    }

    /** Counts a call on a connection no more; the last one gives that back if another has come in its place. */
    private void leave(Use used) {
        if (used.decrementAndGet() == 0 && used != use && GIVEN_BACK.compareAndSet(used, false, true)) {
            used.slot.server.returns().leave(used.slot);
        }
    }

    /** Takes a call that has lost its connection to the one that has come in its place. */
    Use moved(Use lost) {
        if (lost == use) {
            return lost;
        }
        Use now = join();
        leave(lost);
        return now;
    }

    @Override
    public void close() {
        if ((int) STATE.getAndBitwiseOr(this, CLOSED) == 0) {
            giveBack();
        }
    }

    private void giveBack() {
        PooledSlot last = use.slot;
        if (record != null) {
            record.returned();
        }
        last.server.returns().release(last);
    }

    private McpConnectionClosedException closedException() {
        return new McpConnectionClosedException(
                "This connection to server '" + route.server().name()
                        + "' was given back to the pool; get a new one instead of using it after close()",
                null);
    }

    @Override
    public boolean isClosed() {
        return state < 0 || use.slot.connection.isClosed();
    }

    // Making calls.

    <T> T run(Call<T> call, CallOptions given) {
        Use used = enter();
        try {
            CallOptions options = route.options(given);
            long started = System.nanoTime();
            T result = null;
            McpException failure = null;
            try {
                result = call.make(used.slot.connection, options);
            } catch (McpException e) {
                failure = ofLease(e);
            }
            Call<T> again = call.again(result, failure);
            if (again == null) {
                return outcome(result, failure);
            }
            CallOptions left;
            try {
                left = replace(used, again, options, started);
            } catch (McpException e) {
                return outcome(result, withReason(failure, e));
            }
            used = moved(used);
            try {
                return again.make(used.slot.connection, left);
            } catch (McpException e) {
                throw ofLease(e);
            }
        } finally {
            exit(used);
        }
    }

    /** What a failure of the connection is to the holder of this lease, who has not closed it. */
    McpException ofLease(McpException failure) {
        return failure instanceof McpConnectionClosedException closed
                ? Refusals.endedBefore(route.server().name(), closed)
                : failure;
    }

    @SuppressWarnings("NullAway") // A ping has no result, and a call that failed has a failure.
    private static <T> T outcome(@Nullable T result, @Nullable McpException failure) {
        if (failure != null) {
            throw failure;
        }
        return result;
    }

    static @Nullable McpException withReason(@Nullable McpException failure, McpException whyNotRepeated) {
        if (failure != null && failure != whyNotRepeated) {
            failure.addSuppressed(whyNotRepeated);
        }
        return failure;
    }

    <T> CompletableFuture<T> runAsync(Call<T> call, CallOptions given) {
        Use used;
        try {
            used = enter();
        } catch (McpConnectionClosedException e) {
            return CompletableFuture.failedFuture(e);
        }
        LeaseFuture<T> future;
        try {
            future = new LeaseFuture<>(this, call, route.options(given), used);
        } catch (RuntimeException | Error e) {
            // Code of the application was asked what the caller is at.
            exit(used);
            throw e;
        }
        future.start();
        return future;
    }

    /**
     * Gets this lease another connection in place of one that was lost. Blocks; other calls of this lease that have lost
     * the same connection wait for the same one.
     *
     * @param lost the connection that was lost
     * @param again what is to be made once more
     * @param options the options of the call
     * @param started when the call was made
     * @return the options for making it once more, in what is left of its time
     * @throws McpException if there is no time left, or no connection can be had
     */
    CallOptions replace(Use lost, Call<?> again, CallOptions options, long started) {
        long last = started + route.longestNanos(options);
        long inTime = options.progress() == null ? started : System.nanoTime();
        long timeout = inTime + route.timeoutNanos(options);
        long until = timeout - last < 0 ? timeout : last;
        boolean found = false;
        while (!found && use == lost) {
            Replacement seen = replacement;
            Replacement current = seen;
            if (current == null || !current.isFor(lost)) {
                current = new Replacement(this, lost, until);
                if (!REPLACEMENT.compareAndSet(this, seen, current)) {
                    continue;
                }
            }
            found = current.await(until);
            if (!found) {
                REPLACEMENT.compareAndSet(this, current, null);
            }
        }
        route.server().statistics().retried(again.count());
        return withTimeLeft(options, until, last);
    }

    /** The options for making a call once more in what is left of its time; null if nothing is. */
    @Nullable
    CallOptions left(CallOptions options, long started) {
        long last = started + route.longestNanos(options);
        long inTime = options.progress() == null ? started : System.nanoTime();
        long timeout = inTime + route.timeoutNanos(options);
        long until = timeout - last < 0 ? timeout : last;
        return until - System.nanoTime() <= 0 ? null : withTimeLeft(options, until, last);
    }

    private static CallOptions withTimeLeft(CallOptions options, long until, long last) {
        long now = System.nanoTime();
        return options.withTimeout(Duration.ofNanos(Math.max(1, until - now)))
                .withMaxTimeout(Duration.ofNanos(Math.max(1, last - now)));
    }

    /** Forgets a replacement that has ended, so that the next call that needs one tries again. */
    void forget(Replacement ended) {
        REPLACEMENT.compareAndSet(this, ended, null);
    }

    /** Puts another connection in the place of one that was lost, on which a call is still counted. */
    void replaced(PooledSlot fresh) {
        use = new Use(fresh);
    }

    @Override
    public ServerMetadata metadata() {
        Use used = enter();
        try {
            return used.slot.connection.metadata();
        } finally {
            exit(used);
        }
    }

    @Override
    public List<Tool> listTools(CallOptions options) {
        List<Tool> tools = run(Calls.listTools(policy()), options);
        policy().learn(tools);
        return tools;
    }

    @Override
    public CompletableFuture<List<Tool>> listToolsAsync(CallOptions options) {
        CompletableFuture<List<Tool>> tools = runAsync(Calls.listTools(policy()), options);
        var unused = tools.thenAccept(policy()::learn);
        return tools;
    }

    @Override
    public CallToolResult callTool(String name, @Nullable Object arguments, CallOptions options) {
        return run(Calls.tool(policy(), name, arguments), options);
    }

    @Override
    public CompletableFuture<CallToolResult> callToolAsync(
            String name, @Nullable Object arguments, CallOptions options) {
        return runAsync(Calls.tool(policy(), name, arguments), options);
    }

    @Override
    public McpBatch batch() {
        return new PooledBatch(this);
    }

    @Override
    public void ping(CallOptions options) {
        run(Calls.ping(policy()), options);
    }

    @Override
    public CompletableFuture<Void> pingAsync(CallOptions options) {
        return runAsync(Calls.ping(policy()), options);
    }

    @Override
    public JsonNode request(String method, @Nullable Object params, CallOptions options) {
        return run(Calls.request(policy(), method, params), options);
    }

    @Override
    public CompletableFuture<JsonNode> requestAsync(String method, @Nullable Object params, CallOptions options) {
        return runAsync(Calls.request(policy(), method, params), options);
    }

    @Override
    public boolean isValid(Duration timeout) {
        Use used;
        try {
            used = enter();
        } catch (McpConnectionClosedException e) {
            return false;
        }
        try {
            return used.slot.connection.isValid(timeout);
        } finally {
            exit(used);
        }
    }

    @Override
    public boolean isWrapperFor(Class<?> type) {
        // What is behind a lease that was given back is somebody else's by now.
        return type.isInstance(this)
                || state != CLOSED && (type.isInstance(use.slot.connection) || use.slot.connection.isWrapperFor(type));
    }

    @Override
    public <T> T unwrap(Class<T> type) {
        Objects.requireNonNull(type, "type");
        if (type.isInstance(this)) {
            return type.cast(this);
        }
        if (state == CLOSED) {
            throw closedException();
        }
        return use.slot.connection.unwrap(type);
    }

    @Override
    public String toString() {
        return "lease of a connection to server '" + route.server().name() + "'" + (state < 0 ? ", closed" : "");
    }
}
