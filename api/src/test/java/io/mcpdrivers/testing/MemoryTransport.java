package io.mcpdrivers.testing;

import io.mcpdrivers.spi.Envelope;
import io.mcpdrivers.spi.Exchange;
import io.mcpdrivers.spi.OpenOptions;
import io.mcpdrivers.spi.Transport;
import io.mcpdrivers.spi.TransportException;
import io.mcpdrivers.spi.TransportListener;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A transport without a process: one thread takes the client's messages to the server's script, and delivers what that
 * answers. An array that is handed back is filled with rubbish, so that whoever still reads it is found out.
 */
final class MemoryTransport implements Transport {

    private record Sent(@Nullable Envelope envelope, byte[] message) {}

    private static final Sent END = new Sent(null, new byte[0]);
    /** Messages begin behind this many bytes of their array, so that offsets count. */
    private static final int PADDING = 3;

    final OpenOptions options;
    private final boolean exchangePerRequest;
    private final boolean legacyOnly;
    private final ScriptedServer.Session session;
    private final LinkedBlockingQueue<Sent> toServer = new LinkedBlockingQueue<>();
    private final ReentrantLock delivery = new ReentrantLock();
    private final AtomicReference<TransportException> refusal = new AtomicReference<>();
    private final Queue<Runnable> onClose = new ArrayDeque<>();
    private volatile @Nullable TransportListener listener;
    private volatile boolean ended;
    volatile boolean closed;
    volatile Exchange exchange = Exchange.NONE;
    volatile @Nullable Envelope lastEnvelope;
    private volatile @Nullable Thread thread;
    private volatile byte[] spare = {};
    volatile boolean poisons = true;
    volatile Consumer<Envelope> beforeSending = envelope -> {};
    volatile @Nullable Error failsWith;

    MemoryTransport(ScriptedServer server, OpenOptions options) {
        this.options = options;
        this.exchangePerRequest = server.exchangePerRequest;
        this.legacyOnly = server.legacyOnly;
        this.session = new ScriptedServer.Session(server, this);
    }

    ScriptedServer.Session session() {
        return session;
    }

    @Override
    public void start(TransportListener newListener) {
        if (listener != null) {
            throw new IllegalStateException("started already");
        }
        listener = newListener;
        Thread reader = new Thread(this::run, "mcp-memory-" + options.serverName());
        reader.setDaemon(true);
        thread = reader;
        reader.start();
    }

    private void run() {
        try {
            for (Sent sent = toServer.take(); sent != END; sent = toServer.take()) {
                lastEnvelope = sent.envelope();
                session.received(sent.message());
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("Nobody interrupts this thread", e);
        }
    }

    @Override
    public boolean hasExchangePerRequest() {
        return exchangePerRequest;
    }

    @Override
    public Exchange send(Envelope envelope, byte[] message) throws TransportException {
        TransportException reason = refusal.get();
        if (reason != null) {
            throw reason;
        }
        Error error = failsWith;
        if (error != null) {
            throw error;
        }
        if (ended) {
            throw new TransportException(TransportException.Kind.CONNECTION, "the transport has ended");
        }
        beforeSending.accept(envelope);
        toServer.add(new Sent(envelope, message));
        return exchange;
    }

    /** Makes every later message fail to be sent; null to take them again. */
    void refuse(@Nullable TransportException reason) {
        refusal.set(reason);
    }

    void deliver(byte[] message) {
        byte[] padded;
        byte[] reused = spare;
        int needed = PADDING + message.length + 2;
        if (reused.length >= needed) {
            spare = new byte[0];
            padded = reused;
        } else {
            padded = new byte[needed];
        }
        Arrays.fill(padded, 0, PADDING, (byte) '}');
        System.arraycopy(message, 0, padded, PADDING, message.length);
        delivery.lock();
        try {
            TransportListener to = listener;
            if (!ended && to != null) {
                to.onMessage(padded, PADDING, message.length);
            }
        } finally {
            delivery.unlock();
        }
    }

    void deliverResponse(long requestId, byte[] message) {
        delivery.lock();
        try {
            TransportListener to = listener;
            if (!ended && to != null) {
                to.onResponse(requestId, message, 0, message.length);
            }
        } finally {
            delivery.unlock();
        }
    }

    void deliverOversized(String head, String tail, long size) {
        delivery.lock();
        try {
            TransportListener to = listener;
            if (!ended && to != null) {
                to.onOversized(head.getBytes(StandardCharsets.UTF_8), tail.getBytes(StandardCharsets.UTF_8), size);
            }
        } finally {
            delivery.unlock();
        }
    }

    void failRequest(long id, TransportException cause) {
        delivery.lock();
        try {
            TransportListener to = listener;
            if (!ended && to != null) {
                to.onRequestFailed(id, cause);
            }
        } finally {
            delivery.unlock();
        }
    }

    void end(@Nullable TransportException cause) {
        delivery.lock();
        try {
            if (!ended) {
                ended = true;
                TransportListener to = listener;
                if (to != null) {
                    to.onClosed(cause);
                }
            }
        } finally {
            delivery.unlock();
        }
        toServer.add(END);
    }

    /** Has something run when the transport is closed, before {@link #close} returns. */
    void onClose(Runnable task) {
        synchronized (onClose) {
            onClose.add(task);
        }
    }

    @Override
    public boolean isOpen() {
        return !ended;
    }

    @Override
    public boolean isLegacyOnly() {
        return legacyOnly;
    }

    @Override
    public void recycle(byte[] buffer) {
        if (poisons) {
            Arrays.fill(buffer, (byte) 0xFF);
        }
        if (buffer.length >= 32 * 1024) {
            spare = buffer;
        }
    }

    @Override
    public void close() {
        end(null);
        synchronized (onClose) {
            for (Runnable task = onClose.poll(); task != null; task = onClose.poll()) {
                task.run();
            }
        }
        closed = true;
    }

    boolean isThreadAlive() {
        Thread reader = thread;
        return reader != null && reader.isAlive();
    }
}
