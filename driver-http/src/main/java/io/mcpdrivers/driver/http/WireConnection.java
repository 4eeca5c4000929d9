package io.mcpdrivers.driver.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * A socket to a server, with a buffer for what is written at once and for what was read too much. Used by one thread at
 * a time; any other may close it.
 */
final class WireConnection {

    static final int BUFFER = 8192;
    /** How long to wait to see whether the end of a connection has come, where that cannot be seen at once. */
    private static final int GLANCE_MILLIS = 1;

    private static final long LONGEST_CLOSE_NANOS = 1_000_000_000L;
    private static final long UNCHECKED_NANOS = 500_000_000L;

    private volatile boolean closed;
    /** What is closed; below TLS, if there is TLS. Null until there is one. */
    private volatile @Nullable Socket base;

    private @Nullable Socket socket;
    private @Nullable SocketChannel channel;
    private InputStream in = InputStream.nullInputStream();
    private OutputStream out = OutputStream.nullOutputStream();
    private final ByteBuffer probe = ByteBuffer.allocate(1);

    /** What was read stands from {@link #at} to {@link #end}. */
    byte[] buffer = new byte[BUFFER];

    int at;
    int end;
    /** Whether all that fill the buffer have to be over at a time, and whether one was tried. */
    private boolean limited;

    private boolean filled;
    private long fillUntil;

    final long madeAt = System.nanoTime();
    /** How many requests were sent. */
    int requests;
    /** While it is idle: since when, and until when it may be used. */
    long idleSince;

    long idleUntil;

    /** Has a socket from now on that is to be connected; closes it if this was closed meanwhile. */
    void bind(Socket made) throws IOException {
        base = made;
        channel = made.getChannel();
        if (closed) {
            made.close();
            throw new InterruptedIOException("The connection was given up");
        }
    }

    /** Sends and receives by a socket, which is connected: the one it is bound to, or TLS above it. */
    void use(Socket connected) throws IOException {
        socket = connected;
        in = connected.getInputStream();
        out = connected.getOutputStream();
    }

    boolean isClosed() {
        return closed;
    }

    /** Closes it at once: a peer that does not read could hold up a polite end of TLS. */
    void close() {
        closed = true;
        Socket bound = base;
        if (bound == null) {
            return;
        }
        try {
            bound.setSoLinger(true, 0);
        } catch (IOException e) {
            // It is not connected, or closed.
        }
        closeBase();
    }

    private void closeBase() {
        Socket bound = base;
        try {
            if (bound != null) {
                bound.close();
            }
        } catch (IOException e) {
            // It is closed all the same.
        }
    }

    /**
     * Closes it while nobody uses it, without a reset. Never waits: over TLS the word of that to the server, which may
     * neither read it nor answer, is left to another thread, and to the watch that this ends.
     */
    void closePolitely() {
        closed = true;
        Socket used = socket;
        if (!(used instanceof SSLSocket) || !RequestThreads.tryFinish(() -> closeTls(used))) {
            closeBase();
        }
    }

    private void closeTls(Socket used) {
        Ticket limit = ExchangeWatch.limit(LONGEST_CLOSE_NANOS, this::close);
        try {
            used.close();
        } catch (IOException e) {
            // It is closed all the same.
        } finally {
            ExchangeWatch.forget(limit);
            closeBase();
        }
    }

    /** Whether a read without a limit ends when the connection is closed, at the same cost for the one that closes. */
    boolean readsCanBeEnded() {
        return channel != null;
    }

    /** How long a read may take from now on, and all that fill the buffer together; 0 for no limit. */
    void limitReads(int millis) throws IOException {
        limited = millis > 0;
        filled = false;
        fillUntil = limited ? System.nanoTime() + millis * 1_000_000L : 0;
        Socket used = socket;
        if (used != null) {
            used.setSoTimeout(millis);
        }
    }

    /**
     * Whether this idle connection is of no use any more: its end has come, or bytes that nobody has asked for, such as
     * the notice of a server that closes, also over TLS, where that is a record.
     */
    boolean isStale() {
        if (end > at || hasUnseen()) {
            return true;
        }
        // What comes first over TLS, before any request, is not for us to look at.
        if (socket instanceof SSLSocket && requests == 0) {
            return isStaleAfter(GLANCE_MILLIS);
        }
        SocketChannel visible = channel;
        if (visible == null) {
            return System.nanoTime() - idleSince > UNCHECKED_NANOS && isStaleAfter(GLANCE_MILLIS);
        }
        try {
            visible.configureBlocking(false);
            try {
                return visible.read(probe.clear()) != 0;
            } finally {
                visible.configureBlocking(true);
            }
        } catch (IOException e) {
            return true;
        }
    }

    /** Whether bytes are there that the look at the channel does not show: deciphered already, or without a channel. */
    private boolean hasUnseen() {
        try {
            return (socket instanceof SSLSocket || channel == null) && in.available() > 0;
        } catch (IOException e) {
            return true;
        }
    }

    private boolean isStaleAfter(int millis) {
        try {
            return comesWithin(millis);
        } catch (IOException e) {
            return true;
        }
    }

    /** Whether bytes or the end come within a time; the bytes are kept. */
    boolean comesWithin(int millis) throws IOException {
        if (end > at) {
            return true;
        }
        limitReads(millis);
        try {
            int unused = fill();
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        }
    }

    void write(byte[] bytes, int offset, int length) throws IOException {
        out.write(bytes, offset, length);
        out.flush();
    }

    /** Reads what has come behind what is in the buffer, which grows if it is full; -1 at the end. */
    int fill() throws IOException {
        if (at == end) {
            at = 0;
            end = 0;
        } else if (end == buffer.length && at > 0) {
            System.arraycopy(buffer, at, buffer, 0, end - at);
            end -= at;
            at = 0;
        } else if (end == buffer.length) {
            buffer = Arrays.copyOf(buffer, end * 2);
        }
        if (limited && filled && System.nanoTime() - fillUntil >= 0) {
            throw new SocketTimeoutException("Read timed out");
        }
        int read = in.read(buffer, end, buffer.length - end);
        filled = true;
        if (read > 0) {
            end += read;
        }
        return read;
    }

    /** Reads into an array: what is in the buffer, else what has come; -1 at the end. */
    int read(byte[] to, int offset, int length) throws IOException {
        if (at == end) {
            if (length >= buffer.length) {
                return in.read(to, offset, length);
            }
            if (fill() < 0) {
                return -1;
            }
        }
        int count = Math.min(length, end - at);
        System.arraycopy(buffer, at, to, offset, count);
        at += count;
        return count;
    }

    /** Nothing is left of what was read, so that it may be used for another request. */
    boolean isClean() {
        return at == end && !closed && !hasUnseen();
    }

    /** Makes the buffer small again. */
    void rest() {
        at = 0;
        end = 0;
        if (buffer.length > BUFFER) {
            buffer = new byte[BUFFER];
        }
    }
}
