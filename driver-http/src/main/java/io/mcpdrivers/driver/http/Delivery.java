package io.mcpdrivers.driver.http;

import io.mcpdrivers.spi.TransportException;
import io.mcpdrivers.spi.TransportListener;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Calls the listener, from any number of threads, and after the end not any more. */
final class Delivery {

    private static final long LONGEST_WAIT_NANOS = 5_000_000_000L;

    private static final Logger log = LoggerFactory.getLogger(Delivery.class);

    private final String serverName;
    private volatile @Nullable TransportListener listener;
    private final AtomicInteger inside = new AtomicInteger();
    private final AtomicBoolean ended = new AtomicBoolean();

    Delivery(String serverName) {
        this.serverName = serverName;
    }

    synchronized void start(TransportListener newListener) {
        if (listener != null) {
            throw new IllegalStateException("The transport of '" + serverName + "' was started already");
        }
        listener = newListener;
    }

    void message(byte[] buffer, int length) {
        call(to -> to.onMessage(buffer, 0, length));
    }

    /** A response to a request that does not say so by its id. */
    void response(long requestId, byte[] buffer, int length) {
        call(to -> to.onResponse(requestId, buffer, 0, length));
    }

    void oversized(byte[] head, byte[] tail, long size) {
        call(to -> to.onOversized(head, tail, size));
    }

    void failed(long requestId, TransportException cause) {
        call(to -> to.onRequestFailed(requestId, cause));
    }

    private void call(Consumer<TransportListener> call) {
        TransportListener to = listener;
        if (to == null) {
            return;
        }
        inside.incrementAndGet();
        try {
            if (!ended.get()) {
                call.accept(to);
            }
        } catch (RuntimeException | Error e) {
            log.error("The listener of the connection to server '{}' failed", serverName, e);
        } finally {
            inside.decrementAndGet();
        }
    }

    /** Tells of the end, once, when no other call is under way any more. */
    void end(@Nullable TransportException cause) {
        if (!ended.compareAndSet(false, true)) {
            return;
        }
        long until = System.nanoTime() + LONGEST_WAIT_NANOS;
        while (inside.get() > 0 && System.nanoTime() - until < 0) {
            LockSupport.parkNanos(100_000);
        }
        TransportListener to = listener;
        if (to == null) {
            return;
        }
        try {
            to.onClosed(cause);
        } catch (RuntimeException | Error e) {
            log.error("The listener failed when it heard that the connection to server '{}' has ended", serverName, e);
        }
    }

    boolean hasEnded() {
        return ended.get();
    }
}
