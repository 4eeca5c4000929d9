package io.mcpdrivers.spi;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Keeps what a transport tells, and what it must not do. */
class RecordingListener implements TransportListener {

    final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
    final Map<Long, TransportException> failed = new ConcurrentHashMap<>();
    final AtomicInteger closes = new AtomicInteger();
    final CountDownLatch closed = new CountDownLatch(1);
    final Collection<String> violations = new ConcurrentLinkedQueue<>();
    volatile @Nullable TransportException cause;
    private final AtomicInteger inside = new AtomicInteger();

    @Override
    public void onMessage(byte[] buffer, int offset, int length) {
        enter("onMessage");
        messages.add(new String(buffer, offset, length, StandardCharsets.UTF_8));
        inside.decrementAndGet();
    }

    @Override
    public void onOversized(byte[] head, byte[] tail, long size) {
        enter("onOversized");
        inside.decrementAndGet();
    }

    @Override
    public void onRequestFailed(long requestId, TransportException failure) {
        enter("onRequestFailed");
        if (failed.put(requestId, failure) != null) {
            violations.add("request " + requestId + " failed twice");
        }
        inside.decrementAndGet();
    }

    @Override
    public void onClosed(@Nullable TransportException reason) {
        enter("onClosed");
        cause = reason;
        closes.incrementAndGet();
        closed.countDown();
        inside.decrementAndGet();
    }

    private void enter(String what) {
        if (inside.incrementAndGet() > 1) {
            violations.add(what + " during another call");
        }
        if (closes.get() > 0) {
            violations.add(what + " after onClosed");
        }
    }

    @Nullable
    TransportException awaitClosed() throws InterruptedException {
        assertThat(closed.await(20, TimeUnit.SECONDS))
                .as("onClosed within 20 s")
                .isTrue();
        return cause;
    }

    void assertClosedOnce() throws InterruptedException {
        awaitClosed();
        assertThat(closes).hasValue(1);
        assertThat(violations).isEmpty();
    }
}
