package io.mcpdrivers.spi;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
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
         * Whether a blocking read lets a virtual thread off its carrier, as it does on sockets but not on pipes.
         *
         * @return by default false
         */
        default boolean suitsVirtualThreads() {
            return false;
        }
    }

    private static final long BROKEN_GRACE_NANOS = 100_000_000L;

    private static final Logger log = LoggerFactory.getLogger(StreamTransport.class);

    private final String serverName;
    private final Channel channel;
    private final LineReader reader;
    private final LineWriter writer;
    /** Orders the calls to the listener: held by the reading thread while it delivers, and to end the transport. */
    private final ReentrantLock delivery = new ReentrantLock();

    private final CountDownLatch closed = new CountDownLatch(1);
    private @Nullable TransportListener listener;
    /** Set once, under {@link #delivery}. */
    private volatile boolean ended;
    /** When a failed write was seen; the reading thread is given a moment to find out why. 0 if there was none. */
    private volatile long brokenSince;

    private final AtomicBoolean closing = new AtomicBoolean();

    /**
     * Wraps two streams. Reading begins with {@link #start}.
     *
     * @param in what the server writes; read unbuffered
     * @param out what the server reads; each write is one or more whole lines
     * @param options the server's name and the message limit
     * @param channel what the streams belong to
     */
    public StreamTransport(InputStream in, OutputStream out, OpenOptions options, Channel channel) {
        this.serverName = options.serverName();
        this.channel = Objects.requireNonNull(channel, "channel");
        this.reader = new LineReader(in, options.maxMessageSize(), new Delivery());
        this.writer = new LineWriter(out, new WriteFailures());
    }

    @Override
    public void start(TransportListener newListener) {
        delivery.lock();
        try {
            if (listener != null) {
                throw new IllegalStateException("The transport of '" + serverName + "' was started already");
            }
            listener = Objects.requireNonNull(newListener, "listener");
        } finally {
            delivery.unlock();
        }
        String name = "mcp-read-" + serverName;
        (channel.suitsVirtualThreads() ? DaemonThreads.light(name) : DaemonThreads.platform(name))
                .newThread(this::read)
                .start();
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
        if (!ended) {
            end(channel.describeEnd(cause));
        }
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
            TransportException reason = channel.describeEnd(e);
            return new TransportException(reason.kind(), String.valueOf(reason.getMessage()), false, e);
        }
        return new TransportException(
                TransportException.Kind.CONNECTION,
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
        if (finish(cause)) {
            channel.abort();
        }
    }

    /** Tells the listener that this is the end; false if it was told before. */
    private boolean finish(@Nullable TransportException cause) {
        delivery.lock();
        try {
            if (ended) {
                return false;
            }
            ended = true;
            writer.close(new IOException(cause == null ? "it was closed" : cause.getMessage(), cause));
            if (listener != null) {
                listener.onClosed(cause);
            }
            return true;
        } finally {
            delivery.unlock();
            StreamWatch.remove(this);
        }
    }

    @Override
    public boolean isOpen() {
        return !ended && brokenSince == 0;
    }

    @Override
    public String lastWords() {
        return channel.lastWords();
    }

    @Override
    public void recycle(byte[] buffer) {
        reader.recycle(buffer);
    }

    @Override
    public void close() {
        if (closing.compareAndSet(false, true)) {
            try {
                finish(null);
                channel.close();
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
        if (writer.isStuck(now)) {
            end(new TransportException(
                    TransportException.Kind.CONNECTION,
                    "Server '" + serverName
                            + "' has stopped reading what is written to it; its connection is given up"));
        } else if (brokenSince != 0 && now - brokenSince > BROKEN_GRACE_NANOS) {
            end(channel.describeEnd(null));
        }
    }

    /** Hands what was read to the listener, one read's worth at a time. */
    private final class Delivery implements LineReader.Sink {
        @Override
        public void delivering(boolean begin) {
            if (begin) {
                delivery.lock();
            } else {
                delivery.unlock();
            }
        }

        @Override
        public void line(byte[] buffer, int offset, int length) {
            if (!ended) {
                Objects.requireNonNull(listener).onMessage(buffer, offset, length);
            }
        }

        @Override
        public void oversized(byte[] head, byte[] tail, long size) {
            if (!ended) {
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
                if (!ended) {
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
            brokenSince = LineWriter.nonZero(System.nanoTime());
        }
    }
}
