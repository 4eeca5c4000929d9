package io.mcpdrivers.pool;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes what happens to those who listen, on a thread of its own. Without listeners it does nothing. Thread-safe. */
final class PoolEvents {

    /** How many events may wait for slow listeners. */
    static final int MOST_WAITING = 10_000;

    private static final Logger log = LoggerFactory.getLogger(PoolEvents.class);

    private final List<PoolListener> listeners;
    private final @Nullable PoolMeters meters;
    private final BlockingQueue<PoolEvent> queue = new ArrayBlockingQueue<>(MOST_WAITING);
    /** Those that have failed; of the thread that tells alone. */
    private final Set<PoolListener> failing = Collections.newSetFromMap(new IdentityHashMap<>());

    private final AtomicLong lost = new AtomicLong();
    private final SingleFlight telling;

    /**
     * Nothing has happened yet.
     *
     * @param meters what measures, on the thread on which something happens; null if nothing does
     */
    PoolEvents(List<PoolListener> listeners, @Nullable PoolMeters meters, Executor executor) {
        this.listeners = List.copyOf(listeners);
        this.meters = meters;
        this.telling = new SingleFlight(executor, this::tellAll);
    }

    /** Whether anybody listens or measures. */
    boolean isOn() {
        return meters != null || !listeners.isEmpty();
    }

    /** Measures the servers that there are, and no longer those that have gone. */
    void updateMeters(Collection<ServerPool> servers) {
        if (meters != null) {
            meters.update(servers);
        }
    }

    /** The pool is closed: nothing is measured any more. */
    void closeMeters() {
        if (meters != null) {
            meters.close();
        }
    }

    void created(ServerPool server, long nanos) {
        if (meters != null) {
            meters.created(server, nanos);
        }
        note(PoolEvent.Type.CREATED, server, nanos, null, null);
    }

    void borrowed(ServerPool server, long nanos) {
        if (meters != null) {
            meters.borrowed(server, nanos);
        }
        note(PoolEvent.Type.BORROWED, server, nanos, null, null);
    }

    void returned(ServerPool server, long nanos) {
        if (meters != null) {
            meters.returned(server, nanos);
        }
        note(PoolEvent.Type.RETURNED, server, nanos, null, null);
    }

    void evicted(ServerPool server, long nanos, EvictionReason reason) {
        note(PoolEvent.Type.EVICTED, server, nanos, reason, null);
    }

    void failed(ServerPool server, Throwable failure) {
        note(PoolEvent.Type.FAILED, server, -1, null, String.valueOf(failure.getMessage()));
    }

    void leaked(ServerPool server, long nanos) {
        if (meters != null) {
            meters.leaked(server);
        }
        note(PoolEvent.Type.LEAKED, server, nanos, null, null);
    }

    private void note(
            PoolEvent.Type type,
            ServerPool server,
            long nanos,
            @Nullable EvictionReason reason,
            @Nullable String message) {
        if (listeners.isEmpty()) {
            return;
        }
        Duration duration = nanos < 0 ? null : Duration.ofNanos(nanos);
        if (queue.offer(new PoolEvent(type, server.name(), Instant.now(), duration, reason, message))) {
            telling.request();
        } else {
            lost.incrementAndGet();
        }
    }

    private void tellAll() {
        PoolEvent event;
        while ((event = queue.poll()) != null) {
            for (PoolListener listener : listeners) {
                tell(listener, event);
            }
        }
        long missed = lost.getAndSet(0);
        if (missed > 0) {
            log.warn("The listeners of the pool are too slow: {} events were lost", missed);
        }
    }

    private void tell(PoolListener listener, PoolEvent event) {
        try {
            listener.onEvent(event);
        } catch (RuntimeException | Error e) {
            if (failing.add(listener)) {
                log.warn("A listener of the pool failed with {}; further failures are logged at debug level", event, e);
            } else {
                log.debug("A listener of the pool failed with {}", event, e);
            }
        }
    }
}
