package io.mcpdrivers.driver.stdio;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.spi.TransportException;
import io.mcpdrivers.spi.TransportListener;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Keeps what a transport delivers. */
final class Recorder implements TransportListener {

    private static final long PATIENCE_SECONDS = 20;

    final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
    final BlockingQueue<Long> oversized = new LinkedBlockingQueue<>();
    private final CompletableFuture<Optional<TransportException>> closed = new CompletableFuture<>();
    volatile long closedAtMillis;

    @Override
    public void onMessage(byte[] buffer, int offset, int length) {
        messages.add(new String(buffer, offset, length, StandardCharsets.UTF_8));
    }

    @Override
    public void onOversized(byte[] head, byte[] tail, long size) {
        oversized.add(size);
    }

    @Override
    public void onRequestFailed(long requestId, TransportException cause) {
        messages.add("request " + requestId + " failed: " + cause.getMessage());
    }

    @Override
    public void onClosed(@Nullable TransportException cause) {
        closedAtMillis = System.currentTimeMillis();
        assertThat(closed.complete(Optional.ofNullable(cause)))
                .as("onClosed is called once")
                .isTrue();
    }

    boolean isClosed() {
        return closed.isDone();
    }

    /** The next message, waited for. */
    String message() throws InterruptedException {
        String message = messages.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertThat(message)
                .as(() -> "a message; closed with " + closed.getNow(Optional.empty()))
                .isNotNull();
        return message;
    }

    /** Why the transport has ended, waited for. */
    TransportException end() throws Exception {
        return closed.get(PATIENCE_SECONDS, TimeUnit.SECONDS).orElseThrow();
    }
}
