package io.mcpdrivers.driver.stdio;

import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The standard output of a server, and what can be seen of the thread that reads it. Read by one thread. */
final class ServerOutput extends InputStream {

    /** How much the JDK's stream buffers; for more at once its questions do not matter. */
    private static final int BUFFERED = 8 * 1024;

    private final InputStream in;
    private final CountDownLatch ended = new CountDownLatch(1);
    /** Odd while a read is under way. */
    private final AtomicInteger reads = new AtomicInteger();

    private volatile @Nullable Thread reader;

    ServerOutput(InputStream in) {
        this.in = in;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (reader == null) {
            reader = Thread.currentThread();
        }
        reads.incrementAndGet();
        int count = -1;
        try {
            count = length <= BUFFERED && in.markSupported()
                    ? readOnce(bytes, offset, length)
                    : in.read(bytes, offset, length);
            return count;
        } finally {
            reads.incrementAndGet();
            if (count < 0) {
                ended.countDown();
            }
        }
    }

    /**
     * Reads what is there with one system call. The JDK's stream buffers, and would ask the system twice more, on the way to
     * whoever waits for the answer, whether there is further input; it does not if it is asked for no more than it has,
     * which only passing it over tells.
     */
    private int readOnce(byte[] bytes, int offset, int length) throws IOException {
        in.mark(BUFFERED);
        if (in.read() < 0) {
            return -1;
        }
        in.reset();
        int there = (int) in.skip(length);
        in.reset();
        return in.read(bytes, offset, there);
    }

    @Override
    public int available() throws IOException {
        return in.available();
    }

    /** A number that changes with every read, odd while one is under way; 0 before the first. */
    int progress() {
        return reads.get();
    }

    /** Whether the end was read, or reading failed. */
    boolean hasEnded() {
        return ended.getCount() == 0;
    }

    /** Waits until the reading thread has come to the end; not if nobody reads, or this thread is the one that does. */
    boolean awaitEnd(long nanos, Waits waits) {
        if (reader == null || reader == Thread.currentThread()) {
            return true;
        }
        return waits.until(nanos, time -> ended.await(time, TimeUnit.NANOSECONDS));
    }
}
