package io.mcpdrivers.spi;

import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.SoftReference;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a byte stream into lines. Small lines are copied out; a large one is handed over together with the buffer that
 * it was read into, so that it is never copied whole. A line over the limit is passed over without being held.
 *
 * <p>Used by one thread, but for {@link #recycle}.
 */
final class LineReader {

    /** What takes the lines. */
    interface Sink {
        void line(byte[] buffer, int offset, int length);

        void oversized(byte[] head, byte[] tail, long size);

        /** Called with true before, and false after, the lines of one read. */
        void delivering(boolean begin);
    }

    private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGH_BITS = 0x8080808080808080L;
    private static final long LINE_BREAKS = 0x0A0A0A0A0A0A0A0AL;

    private static final int INITIAL_SIZE = 8 * 1024;
    private static final int HAND_OVER_SIZE = 32 * 1024;
    private static final int EXCERPT_SIZE = 4 * 1024;
    /** Room for the line break behind a line of the largest size. */
    private static final int BREAK_SIZE = 2;
    /** A virtual machine makes no larger arrays. */
    private static final int MAX_ARRAY_SIZE = Integer.MAX_VALUE - 16;

    private final InputStream in;
    private final int maxSize;
    private final Sink sink;
    private final AtomicReference<@Nullable SoftReference<byte[]>> spare = new AtomicReference<>();

    private byte[] buffer = new byte[INITIAL_SIZE];
    private int start;
    private int end;
    /** While a line is passed over: its first bytes; the buffer then holds its latest ones. */
    private byte @Nullable [] head;

    private long passedOver;

    LineReader(InputStream in, int maxSize, Sink sink) {
        this.in = in;
        this.maxSize = Math.min(maxSize, MAX_ARRAY_SIZE - BREAK_SIZE);
        this.sink = sink;
    }

    /** Reads until the end of the stream. What stands there without a line break is no message and is dropped. */
    void readAll() throws IOException {
        int scanned = 0;
        while (true) {
            int count = in.read(buffer, end, buffer.length - end);
            if (count < 0) {
                return;
            }
            scanned = end;
            end += count;
            sink.delivering(true);
            try {
                deliverLines(scanned);
            } finally {
                sink.delivering(false);
            }
            makeRoom();
        }
    }

    private void deliverLines(int from) {
        int i = from;
        while (true) {
            // The buffer may be replaced while its lines are delivered, and the positions with it.
            byte[] bytes = buffer;
            int limit = end;
            i = lineBreak(bytes, i, limit);
            if (i == limit) {
                return;
            }
            int next = i + 1;
            i = deliver(i, next);
        }
    }

    /** Where the next line break is, or else the end; sought eight bytes at a time, since messages may be long. */
    private static int lineBreak(byte[] bytes, int from, int end) {
        int at = from;
        while (at + Long.BYTES <= end) {
            long others = (long) WORDS.get(bytes, at) ^ LINE_BREAKS;
            // The high bit of some byte is set if, and only if, one is zero.
            if ((others - ONES & ~others & HIGH_BITS) != 0) {
                break;
            }
            at += Long.BYTES;
        }
        while (at < end && bytes[at] != '\n') {
            at++;
        }
        return at;
    }

    /** Delivers the line that ends before {@code lineEnd}; returns where to search on. */
    private int deliver(int lineEnd, int next) {
        if (head != null) {
            int to = trimmedEnd(lineEnd);
            int tailStart = Math.max(start, to - EXCERPT_SIZE);
            sink.oversized(head, Arrays.copyOfRange(buffer, tailStart, to), passedOver + to - start);
            head = null;
            start = next;
            return next;
        }
        int from = start;
        int to = trimmedEnd(lineEnd);
        while (from < to && isBlank(buffer[from])) {
            from++;
        }
        int length = to - from;
        if (length > maxSize) {
            sink.oversized(
                    Arrays.copyOfRange(buffer, from, from + Math.min(length, EXCERPT_SIZE)),
                    Arrays.copyOfRange(buffer, to - Math.min(length, EXCERPT_SIZE), to),
                    length);
        } else if (length >= HAND_OVER_SIZE && length > buffer.length / 4) {
            byte[] handedOver = buffer;
            int rest = end - next;
            buffer = new byte[(int) Math.min(Math.max(INITIAL_SIZE, rest * 2L), MAX_ARRAY_SIZE)];
            System.arraycopy(handedOver, next, buffer, 0, rest);
            start = 0;
            end = rest;
            sink.line(handedOver, from, length);
            return 0;
        } else if (length > 0) {
            sink.line(Arrays.copyOfRange(buffer, from, to), 0, length);
        }
        start = next;
        return next;
    }

    private int trimmedEnd(int lineEnd) {
        int to = lineEnd;
        while (to > start && isBlank(buffer[to - 1])) {
            to--;
        }
        return to;
    }

    private void makeRoom() {
        if (start == end) {
            start = 0;
            end = 0;
            if (buffer.length > 4 * HAND_OVER_SIZE) {
                buffer = new byte[INITIAL_SIZE];
            }
            return;
        }
        if (end < buffer.length) {
            return;
        }
        int pending = end - start;
        if (head != null) {
            passOver(pending);
        } else if (pending >= (long) maxSize + BREAK_SIZE) {
            head = Arrays.copyOfRange(buffer, start, start + Math.min(pending, EXCERPT_SIZE));
            passedOver = 0;
            passOver(pending);
        } else if (start > 0 && pending <= buffer.length / 2) {
            System.arraycopy(buffer, start, buffer, 0, pending);
            start = 0;
            end = pending;
        } else {
            grow(pending);
        }
    }

    /** Keeps only the latest bytes of a line that is passed over. */
    private void passOver(int pending) {
        int kept = Math.min(pending, EXCERPT_SIZE);
        passedOver += pending - kept;
        byte[] smaller = buffer.length > 4 * INITIAL_SIZE ? new byte[2 * INITIAL_SIZE] : buffer;
        System.arraycopy(buffer, end - kept, smaller, 0, kept);
        buffer = smaller;
        start = 0;
        end = kept;
    }

    private void grow(int pending) {
        int size = (int) Math.min(Math.max(2L * buffer.length, INITIAL_SIZE), (long) maxSize + BREAK_SIZE);
        size = Math.max(size, pending + BREAK_SIZE);
        byte[] larger = takeSpare(size);
        System.arraycopy(buffer, start, larger, 0, pending);
        buffer = larger;
        start = 0;
        end = pending;
    }

    private byte[] takeSpare(int size) {
        if (size >= HAND_OVER_SIZE) {
            SoftReference<byte[]> reference = spare.getAndSet(null);
            byte[] recycled = reference == null ? null : reference.get();
            if (recycled != null && recycled.length >= size) {
                return recycled;
            }
        }
        return new byte[size];
    }

    /** Keeps a large buffer for the next large line. Any thread. */
    void recycle(byte[] used) {
        if (used.length >= HAND_OVER_SIZE) {
            spare.set(new SoftReference<>(used));
        }
    }

    private static boolean isBlank(byte b) {
        return b == '\r' || b == ' ' || b == '\t';
    }
}
