package io.mcpdrivers.driver.http;

import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import org.jspecify.annotations.Nullable;

/** Reads bodies that are one message, and lends buffers to read streams with. */
final class Bodies {

    private static final int EXCERPT = 4096;
    private static final int FIRST_SIZE = 4096;
    private static final int PIECE = 8192;
    private static final ArrayBlockingQueue<byte[]> PIECES = new ArrayBlockingQueue<>(64);

    private Bodies() {}

    static byte[] borrowPiece() {
        byte[] piece = PIECES.poll();
        return piece == null ? new byte[PIECE] : piece;
    }

    static void returnPiece(byte[] piece) {
        // If there are enough, it is garbage.
        boolean unused = PIECES.offer(piece);
    }

    /** A message in the first bytes of an array. */
    static final class Message {
        final byte[] buffer;
        final int length;

        Message(byte[] buffer, int length) {
            this.buffer = buffer;
            this.length = length;
        }
    }

    /** A message is so far over the limit that its end is not awaited. */
    static final class Endless extends IOException {
        private static final long serialVersionUID = 1L;

        Endless(long size, int maxSize) {
            super("at least " + size + " bytes, far over the maxMessageSize of " + maxSize);
        }
    }

    /** How much of a message over the limit is skipped: enough for most, so that the listener learns their size. */
    static long mostSkipped(int maxSize) {
        return Math.max(4L * maxSize, 4 << 20);
    }

    /**
     * Reads a body to its end.
     *
     * @throws Endless if it is far over the limit
     * @return null if it is over the limit: then it was skipped, and the listener was told
     */
    static @Nullable Message read(Answer answer, int maxSize, Delivery delivery) throws IOException {
        long exact = answer.exactLength();
        byte[] buffer = new byte[exact >= 0 && exact <= maxSize ? (int) exact : Math.min(FIRST_SIZE, maxSize)];
        int length = 0;
        while (true) {
            if (length == buffer.length) {
                byte[] one = length == exact ? new byte[1] : Bodies.borrowPiece();
                int read = answer.read(one, 0, one.length);
                if (read < 0) {
                    return new Message(buffer, length);
                }
                if (length + (long) read > maxSize) {
                    skip(answer, maxSize, buffer, length, one, read, delivery);
                    return null;
                }
                buffer = Arrays.copyOf(buffer, (int) Math.min(maxSize, Math.max(length * 2L, length + read)));
                System.arraycopy(one, 0, buffer, length, read);
                length += read;
                if (one.length == PIECE) {
                    Bodies.returnPiece(one);
                }
                continue;
            }
            int read = answer.read(buffer, length, buffer.length - length);
            if (read < 0) {
                return new Message(buffer, length);
            }
            length += read;
        }
    }

    private static void skip(
            Answer answer, int maxSize, byte[] buffer, int length, byte[] piece, int read, Delivery delivery)
            throws IOException {
        long exact = answer.exactLength();
        if (exact > mostSkipped(maxSize)) {
            throw new Endless(exact, maxSize);
        }
        byte[] head = Arrays.copyOf(buffer, Math.min(EXCERPT, length + read));
        if (length < head.length) {
            System.arraycopy(piece, 0, head, length, head.length - length);
        }
        int kept = Math.min(length, EXCERPT);
        byte[] tail = Arrays.copyOfRange(buffer, length - kept, length);
        long size = length;
        int more = read;
        byte[] next = piece;
        while (more >= 0) {
            tail = lastOf(tail, next, more);
            size += more;
            if (size > mostSkipped(maxSize)) {
                throw new Endless(size, maxSize);
            }
            if (next.length < PIECE) {
                next = new byte[PIECE];
            }
            more = answer.read(next, 0, next.length);
        }
        delivery.oversized(head, tail, size);
    }

    private static byte[] lastOf(byte[] tail, byte[] piece, int length) {
        int fromPiece = Math.min(length, EXCERPT);
        int fromTail = Math.min(tail.length, EXCERPT - fromPiece);
        byte[] last = new byte[fromTail + fromPiece];
        System.arraycopy(tail, tail.length - fromTail, last, 0, fromTail);
        System.arraycopy(piece, length - fromPiece, last, fromTail, fromPiece);
        return last;
    }
}
