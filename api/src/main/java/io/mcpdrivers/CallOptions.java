package io.mcpdrivers;

import io.mcpdrivers.schema.Progress;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** How one call is made. Immutable; the methods that change something give a copy. */
public final class CallOptions {

    private static final CallOptions DEFAULTS = new CallOptions(null, null, null, Map.of());

    private final @Nullable Duration timeout;
    private final @Nullable Duration maxTimeout;
    private final @Nullable Consumer<Progress> progress;
    private final Map<String, Object> meta;

    private CallOptions(
            @Nullable Duration timeout,
            @Nullable Duration maxTimeout,
            @Nullable Consumer<Progress> progress,
            Map<String, Object> meta) {
        this.timeout = timeout;
        this.maxTimeout = maxTimeout;
        this.progress = progress;
        this.meta = meta;
    }

    /**
     * The options of a call that says nothing of them: the connection's {@code requestTimeout}, no progress.
     *
     * @return the defaults
     */
    public static CallOptions defaults() {
        return DEFAULTS;
    }

    /**
     * The defaults with a timeout.
     *
     * @param timeout how long to wait for the answer; positive
     * @return the options
     * @throws IllegalArgumentException if it is not positive
     */
    public static CallOptions timeout(Duration timeout) {
        return DEFAULTS.withTimeout(timeout);
    }

    /**
     * A copy with a timeout. If a listener is told of progress, each notification of it starts the timeout anew, see
     * {@link #withMaxTimeout}.
     *
     * @param newTimeout how long to wait for the answer; positive
     * @return the copy
     * @throws IllegalArgumentException if it is not positive
     */
    public CallOptions withTimeout(Duration newTimeout) {
        return new CallOptions(positive("timeout", newTimeout), maxTimeout, progress, meta);
    }

    /**
     * A copy with a limit to what progress does to the timeout. It counts for calls with a progress listener only: the
     * arrival of progress starts their timeout anew, but they are given up when this time has passed since they were
     * made, whatever arrives. Only questions of the server that the application answers add to it, at most
     * {@link ConnectionOptions#withElicitationTimeout} in all.
     *
     * @param newMaxTimeout how long to wait for the answer at the longest; positive; if it is shorter than the timeout,
     *     the timeout counts
     * @return the copy
     * @throws IllegalArgumentException if it is not positive
     */
    public CallOptions withMaxTimeout(Duration newMaxTimeout) {
        return new CallOptions(timeout, positive("longest timeout", newMaxTimeout), progress, meta);
    }

    private static Duration positive(String what, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException("The " + what + " must be positive, but is " + value);
        }
        return value;
    }

    /**
     * A copy that asks the server for progress notifications. Their arrival starts the call's timeout anew, within the
     * limit of {@link #withMaxTimeout}.
     *
     * <p>For a blocking call the listener runs on the calling thread, while it waits; for the other form on a thread of
     * the library. It is called for one notification at a time, in their order, and never after the call has ended. If
     * it is slow and 1,000 notifications wait for it, the oldest are dropped.
     *
     * @param listener is told of each notification; what it throws is logged
     * @return the copy
     */
    public CallOptions withProgress(Consumer<Progress> listener) {
        return new CallOptions(timeout, maxTimeout, Objects.requireNonNull(listener, "listener"), meta);
    }

    /**
     * A copy that sends an entry in the request's {@code _meta}.
     *
     * @param key the key, as the specification allows it, for example {@code com.example/trace}
     * @param value what Jackson can write; may be null
     * @return the copy
     * @throws IllegalArgumentException if the key is one that the protocol engine fills in itself
     */
    public CallOptions withMeta(String key, @Nullable Object value) {
        if (key.equals("progressToken")
                || key.equals("io.modelcontextprotocol/protocolVersion")
                || key.equals("io.modelcontextprotocol/clientInfo")
                || key.equals("io.modelcontextprotocol/clientCapabilities")) {
            throw new IllegalArgumentException("_meta key '" + key + "' is filled in by the connection itself");
        }
        Map<String, @Nullable Object> changed = new LinkedHashMap<>(meta);
        changed.put(Objects.requireNonNull(key, "key"), value);
        return new CallOptions(timeout, maxTimeout, progress, Collections.unmodifiableMap(changed));
    }

    /**
     * How long to wait for the answer.
     *
     * @return the timeout, or null for the connection's {@code requestTimeout}
     */
    public @Nullable Duration timeout() {
        return timeout;
    }

    /**
     * How long to wait at the longest if the server reports progress.
     *
     * @return the limit, or null for the connection's {@code maxRequestTimeout}
     */
    public @Nullable Duration maxTimeout() {
        return maxTimeout;
    }

    /**
     * Who is told of progress.
     *
     * @return the listener, or null if none
     */
    public @Nullable Consumer<Progress> progress() {
        return progress;
    }

    /**
     * What is sent in {@code _meta} beside what the connection fills in.
     *
     * @return the entries; not modifiable
     */
    public Map<String, Object> meta() {
        return meta;
    }
}
