package io.mcpdrivers.spi.test;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.spi.TransportException;
import io.mcpdrivers.spi.TransportListener;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Keeps what a transport delivers, and notes what breaks the listener's contract. */
final class Recorder implements TransportListener {

    static final long WAIT_SECONDS = 20;

    private final BlockingQueue<byte[]> messages = new LinkedBlockingQueue<>();
    private final BlockingQueue<Long> oversized = new LinkedBlockingQueue<>();
    private final Collection<Long> failedRequests = new ConcurrentLinkedQueue<>();
    private final Collection<String> violations = new ConcurrentLinkedQueue<>();
    private final AtomicInteger closes = new AtomicInteger();
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile @Nullable TransportException cause;

    @Override
    public void onMessage(byte[] buffer, int offset, int length) {
        record("onMessage", () -> {
            if (length < 1 || offset < 0 || offset + length > buffer.length) {
                violations.add("onMessage of offset " + offset + " and length " + length + " in " + buffer.length);
            } else {
                messages.add(Arrays.copyOfRange(buffer, offset, offset + length));
            }
        });
    }

    @Override
    public void onOversized(byte[] head, byte[] tail, long size) {
        record("onOversized", () -> {
            if (head.length > 4096 || tail.length > 4096) {
                violations.add("onOversized with excerpts of " + head.length + " and " + tail.length + " bytes");
            }
            oversized.add(size);
        });
    }

    @Override
    public void onRequestFailed(long requestId, TransportException failure) {
        record("onRequestFailed", () -> failedRequests.add(requestId));
    }

    @Override
    public void onClosed(@Nullable TransportException reason) {
        record("onClosed", () -> {
            cause = reason;
            closes.incrementAndGet();
            closed.countDown();
        });
    }

    private void record(String what, Runnable recording) {
        if (closes.get() > 0) {
            violations.add(what + " was called after onClosed");
        }
        recording.run();
    }

    byte[] awaitMessage() throws InterruptedException {
        byte[] message = messages.poll(WAIT_SECONDS, TimeUnit.SECONDS);
        assertThat(message).as("a message within %d s; %s", WAIT_SECONDS, this).isNotNull();
        return message;
    }

    List<byte[]> awaitMessages(int count) throws InterruptedException {
        List<byte[]> received = new ArrayList<>(count);
        while (received.size() < count) {
            received.add(awaitMessage());
        }
        return received;
    }

    long awaitOversized() throws InterruptedException {
        Long size = oversized.poll(WAIT_SECONDS, TimeUnit.SECONDS);
        assertThat(size).as("onOversized within %d s; %s", WAIT_SECONDS, this).isNotNull();
        return size;
    }

    /** Waits for {@code onClosed} and gives its cause. */
    @Nullable
    TransportException awaitClosed() throws InterruptedException {
        assertThat(closed.await(WAIT_SECONDS, TimeUnit.SECONDS))
                .as("onClosed within %d s; %s", WAIT_SECONDS, this)
                .isTrue();
        return cause;
    }

    int closes() {
        return closes.get();
    }

    Collection<Long> failedRequests() {
        return Collections.unmodifiableCollection(failedRequests);
    }

    Collection<String> violations() {
        return Collections.unmodifiableCollection(violations);
    }

    @Override
    public String toString() {
        return "so far " + messages.size() + " messages waiting, " + oversized.size() + " oversized, "
                + failedRequests.size() + " failed, " + closes + " closes, last cause " + cause;
    }
}
