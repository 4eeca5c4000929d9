package io.mcpdrivers.spi;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A transport over any pair of byte streams: one message a line, as on stdio. A driver for a Unix socket, TCP or
 * the like opens its channel and wraps the streams with this.
 *
 * <p>One thread reads, for as long as the transport lives. Writing happens on the callers' threads. Blank lines and
 * carriage returns are tolerated; a line that the stream ends in without a line break is no message.
 *
 * @see <a href="https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/stdio">Specification: stdio</a>
 */
public final class StreamTransport implements Transport {

    /** What the streams belong to: a process, a socket. */
    public interface Channel {

        /**
         * Makes reads and writes that are under way on the streams end, without blocking. Called when the peer has
         * stopped reading or has gone; {@link #close} follows.
         */
        void abort();

        /**
         * Frees everything, the peer included if it lives for this channel alone, and returns when that has happened.
         * Called once, perhaps while a read or a write is under way. Every wait in it is bounded.
         */
        void close();

        /**
         * Says why the streams have ended, for the exception that callers get. May wait for 100 ms at most, for
         * instance for an exit code.
         *
         * @param cause what reading or writing failed with; null at the end of the stream
         * @return the exception; its {@link TransportException#mayHaveBeenDelivered()} does not matter
         */
        TransportException describeEnd(@Nullable IOException cause);

        /**
         * See {@link Transport#lastWords()}.
         *
         * @return by default nothing
         */
        default String lastWords() {
            return "";
        }

        /**
         * See {@link Transport#processId()}.
         *
         * @return by default empty
         */
        default OptionalLong processId() {
            return OptionalLong.empty();
        }

        /**
         * Whether a blocking read lets a virtual thread off its carrier, as it does on sockets but not on pipes.
         *
         * @return by default false
         */
        default boolean suitsVirtualThreads() {
            return false;
        }
    }

    private static final long BROKEN_GRACE_NANOS = 100_000_000L;
    /** How long closing waits for a listener that is being called before it takes the streams away from it. */
    private static final long LISTENER_GRACE_NANOS = 500_000_000L;

    /**
     * How the transport has ended: why, with no cause if this side closed it, and what was left with the writer and is
     * not written any more.
     */
    private record End(@Nullable TransportException cause, List<Envelope> undelivered) {}

    private static final Logger log = LoggerFactory.getLogger(StreamTransport.class);

    private final String serverName;
    private final Channel channel;
    private final LineReader reader;
    private final LineWriter writer;
    /** Orders the calls to the listener, and is held during them. Nothing else is waited for by who holds it. */
    private final ReentrantLock delivery = new ReentrantLock();

    /** Set under {@link #delivery}. */
    private @Nullable TransportListener listener;

    /** Whether the listener has heard of the end; under {@link #delivery}. */
    private boolean told;

    private final Object endLock = new Object();
    /** Set once, under {@link #endLock}. */
    private volatile @Nullable End ending;

    /** When a failed write was seen; the reading thread is given a moment to find out why. 0 if there was none. */
    private volatile long brokenSince;

    private volatile @Nullable IOException brokenBy;
    /** What {@link Channel#describeEnd} says of it; asked once, since it may take its time. */
    private volatile @Nullable TransportException brokenReason;

    private final AtomicBoolean closing = new AtomicBoolean();
    private final CountDownLatch closed = new CountDownLatch(1);

    /**
     * Wraps two streams. Reading begins with {@link #start}.
     *
     * @param in what the server writes; read unbuffered
     * @param out what the server reads; each write is one or more whole lines. A write that throws must have left out
     *     at least its last byte
     * @param options the server's name and the message limit
     * @param channel what the streams belong to
     */
    public StreamTransport(InputStream in, OutputStream out, OpenOptions options, Channel channel) {
        this.serverName = options.serverName();
        this.channel = Objects.requireNonNull(channel, "channel");
        this.reader = new LineReader(in, options.maxMessageSize(), new Delivery());
        this.writer = new LineWriter(out, threads("mcp-write-" + serverName), new WriteFailures());
    }

    private ThreadFactory threads(String name) {
        return channel.suitsVirtualThreads() ? DaemonThreads.light(name) : DaemonThreads.platform(name);
    }

    @Override
    public void start(TransportListener newListener) {
        delivery.lock();
        try {
            if (listener != null) {
                throw new IllegalStateException("The transport of '" + serverName + "' was started already");
            }
            listener = Objects.requireNonNull(newListener, "listener");
            if (hasEnded()) {
                tellOfEnd();
                return;
            }
        } finally {
            delivery.unlock();
        }
        threads("mcp-read-" + serverName).newThread(this::read).start();
        StreamWatch.add(this);
    }

    private void read() {
        IOException cause = null;
        try {
            reader.readAll();
        } catch (IOException e) {
            cause = e;
        } catch (RuntimeException | Error e) {
            log.error("Reading from server '{}' failed; its connection ends", serverName, e);
            cause = new IOException("reading failed: " + e, e);
        }
        if (!hasEnded()) {
            end(describeEnd(cause));
        }
    }

    private TransportException describeEnd(@Nullable IOException cause) {
        try {
            return channel.describeEnd(cause);
        } catch (RuntimeException e) {
            log.error("The driver cannot tell why the connection to server '{}' has ended", serverName, e);
            return new TransportException(
                    TransportException.Kind.CONNECTION,
                    "The connection to server '" + serverName + "' has ended"
                            + (cause == null ? "" : ": " + cause.getMessage()),
                    false,
                    cause);
        }
    }

    private TransportException brokenReason() {
        TransportException reason = brokenReason;
        if (reason == null) {
            reason = describeEnd(brokenBy);
            brokenReason = reason;
        }
        return reason;
    }

    @Override
    public Exchange send(Envelope envelope, byte[] message) throws TransportException {
        try {
            writer.write(envelope, message);
            return Exchange.NONE;
        } catch (IOException e) {
            throw notDelivered(e);
        }
    }

    private TransportException notDelivered(IOException e) {
        if (e.getCause() instanceof TransportException reason) {
            return new TransportException(reason.kind(), String.valueOf(reason.getMessage()), false, reason);
        }
        if (brokenSince != 0) {
            TransportException reason = brokenReason();
            return new TransportException(reason.kind(), String.valueOf(reason.getMessage()), false, e);
        }
        return new TransportException(
                e instanceof LineWriter.NoRoomException
                        ? TransportException.Kind.TIMEOUT
                        : TransportException.Kind.CONNECTION,
                "Cannot write to server '" + serverName + "': " + e.getMessage(),
                false,
                e);
    }

    /**
     * Ends the transport because the channel has ended, for reasons that the streams do not show, such as the exit of
     * a process whose children hold its streams. Does nothing if it has ended already.
     *
     * @param cause why
     */
    public void end(TransportException cause) {
        if (!begin(cause)) {
            return;
        }
        // The listener may be in a call that is stuck in a write: then that has to end first.
        boolean heard = tell(0);
        channel.abort();
        if (!heard) {
            tell(Long.MAX_VALUE);
        }
    }

    /** Makes this the end; false if there was one before. */
    private boolean begin(@Nullable TransportException cause) {
        synchronized (endLock) {
            if (ending != null) {
                return false;
            }
            ending = new End(
                    cause, writer.close(new IOException(cause == null ? "it was closed" : cause.getMessage(), cause)));
        }
        StreamWatch.remove(this);
        return true;
    }

    /** Tells the listener of the end, unless it knows; false if it is being called for longer than the given time. */
    private boolean tell(long nanos) {
        if (!lockDelivery(nanos)) {
            return false;
        }
        try {
            tellOfEnd();
            return true;
        } finally {
            delivery.unlock();
        }
    }

    /** Under {@link #delivery}. */
    private void tellOfEnd() {
        End end = ending;
        if (end == null || listener == null || told) {
            return;
        }
        told = true;
        try {
            for (Envelope envelope : end.undelivered()) {
                if (envelope.kind() == Envelope.Kind.REQUEST) {
                    listener.onRequestFailed(envelope.id(), notSent(end));
                }
            }
            listener.onClosed(end.cause());
        } catch (RuntimeException | Error e) {
            log.error("The listener failed when it heard that the connection to server '{}' has ended", serverName, e);
        }
    }

    private TransportException notSent(End end) {
        TransportException cause = end.cause();
        return new TransportException(
                cause == null ? TransportException.Kind.CONNECTION : cause.kind(),
                cause == null
                        ? "The connection to server '" + serverName + "' was closed before the message was written"
                        : String.valueOf(cause.getMessage()),
                false,
                cause);
    }

    private boolean lockDelivery(long nanos) {
        long deadline = System.nanoTime() + nanos;
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return delivery.tryLock() || delivery.tryLock(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    boolean hasEnded() {
        return ending != null;
    }

    @Override
    public boolean isOpen() {
        return !hasEnded() && brokenSince == 0;
    }

    @Override
    public String lastWords() {
        return channel.lastWords();
    }

    @Override
    public OptionalLong processId() {
        return channel.processId();
    }

    @Override
    public void recycle(byte[] buffer) {
        reader.recycle(buffer);
    }

    @Override
    public void close() {
        if (closing.compareAndSet(false, true)) {
            try {
                begin(null);
                boolean heard = tell(LISTENER_GRACE_NANOS);
                channel.close();
                if (!heard) {
                    tell(Long.MAX_VALUE);
                }
            } finally {
                closed.countDown();
            }
            return;
        }
        boolean interrupted = false;
        while (closed.getCount() > 0) {
            try {
                closed.await();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Called by the watch now and then. */
    void watch(long now) {
        writer.watch(now);
        if (writer.isStuck(now)) {
            end(new TransportException(
                    TransportException.Kind.CONNECTION,
                    "Server '" + serverName
                            + "' has stopped reading what is written to it; its connection is given up"));
        } else if (brokenSince != 0 && now - brokenSince > BROKEN_GRACE_NANOS) {
            end(brokenReason());
        }
    }

    /** Hands what was read to the listener, one read's worth at a time. */
    private final class Delivery implements LineReader.Sink {
        /** How many lines this read has brought. */
        private int lines;

        @Override
        public void delivering(boolean begin) {
            if (begin) {
                delivery.lock();
                lines = 0;
            } else {
                delivery.unlock();
                writer.expectCompany(lines > 1);
            }
        }

        @Override
        public void line(byte[] buffer, int offset, int length) {
            lines++;
            if (!hasEnded()) {
                Objects.requireNonNull(listener).onMessage(buffer, offset, length);
            }
        }

        @Override
        public void oversized(byte[] head, byte[] tail, long size) {
            if (!hasEnded()) {
                Objects.requireNonNull(listener).onOversized(head, tail, size);
            }
        }
    }

    private final class WriteFailures implements LineWriter.FailureSink {
        @Override
        public void notDelivered(Envelope envelope, IOException cause) {
            if (envelope.kind() != Envelope.Kind.REQUEST) {
                return;
            }
            TransportException failure = StreamTransport.this.notDelivered(cause);
            delivery.lock();
            try {
                if (!told) {
                    Objects.requireNonNull(listener).onRequestFailed(envelope.id(), failure);
                }
            } finally {
                delivery.unlock();
            }
        }

        @Override
        public void broken(IOException cause) {
            // What the server wrote before it went may still be unread: the reading thread ends the transport when
            // it has read it, the watch does if that takes long.
            brokenBy = cause;
            brokenSince = LineWriter.nonZero(System.nanoTime());
        }
    }
}
