package io.mcpdrivers.spi;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Writes messages as lines. A thread that finds another one writing leaves its message with it and goes on, so that
 * many callers share one system call instead of queueing for a lock. The lock is never held while writing.
 */
final class LineWriter {

    private static final int BUFFER_SIZE = 64 * 1024;
    /** The bytes that may wait behind a write before senders have to wait, too. */
    private static final long MAX_QUEUED_BYTES = 4L * 1024 * 1024;
    /** The least time that a server is given to read what is written, however short the request's own. */
    private static final long MIN_WRITE_NANOS = 1_000_000_000L;

    /** A message; compared by identity. */
    private static final class Message {
        final Envelope envelope;
        final byte[] bytes;

        Message(Envelope envelope, byte[] bytes) {
            this.envelope = envelope;
            this.bytes = bytes;
        }
    }

    /** The outcome of a failed write: which messages certainly were not delivered, and why. */
    interface FailureSink {
        void notDelivered(Envelope envelope, IOException cause);

        void broken(IOException cause);
    }

    private final OutputStream out;
    private final FailureSink failures;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition room = lock.newCondition();
    private List<Message> queue = new ArrayList<>();
    private long queuedBytes;
    private boolean writing;
    private @Nullable IOException broken;
    /** What is being written, and the bytes of one write; they belong to the thread that set {@link #writing}. */
    private List<Message> batch = new ArrayList<>();

    private byte[] buffer = new byte[1024];

    /** When the write that is under way must have ended; 0 if none is. Read by the watch. */
    private volatile long writeDeadline;

    LineWriter(OutputStream out, FailureSink failures) {
        this.out = out;
        this.failures = failures;
    }

    /**
     * Writes a message, or leaves it with the thread that writes.
     *
     * @throws IOException if it was not written and never will be
     */
    void write(Envelope envelope, byte[] bytes) throws IOException {
        Message own = new Message(envelope, bytes);
        lock.lock();
        try {
            awaitRoom(envelope, bytes.length);
            if (broken != null) {
                throw broken;
            }
            if (writing) {
                queue.add(own);
                queuedBytes += bytes.length;
                return;
            }
            writing = true;
            batch.add(own);
        } finally {
            lock.unlock();
        }
        drain(own);
    }

    private void awaitRoom(Envelope envelope, int size) throws IOException {
        boolean interrupted = false;
        try {
            while (broken == null && writing && queuedBytes + size > MAX_QUEUED_BYTES) {
                long nanos = envelope.deadlineNanos() - System.nanoTime();
                if (nanos <= 0) {
                    throw new IOException("the server does not read: " + queuedBytes + " bytes wait to be written");
                }
                try {
                    room.awaitNanos(nanos);
                } catch (InterruptedException e) {
                    interrupted = true;
                    throw new IOException("interrupted while " + queuedBytes + " bytes waited to be written", e);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Writes the batch, and then what other threads have left meanwhile, until nothing is left. */
    private void drain(Message own) throws IOException {
        while (true) {
            long now = System.nanoTime();
            long allowed = Math.max(batch.get(0).envelope.deadlineNanos() - now, MIN_WRITE_NANOS);
            writeDeadline = nonZero(now + allowed);
            int done = 0;
            try {
                while (done < batch.size()) {
                    int end = writeEnd(batch, done);
                    writeTogether(done, end);
                    done = end;
                }
            } catch (IOException e) {
                fail(e, done, own);
                return;
            } finally {
                writeDeadline = 0;
            }
            batch.clear();
            lock.lock();
            try {
                if (queue.isEmpty()) {
                    writing = false;
                    return;
                }
                List<Message> left = queue;
                queue = batch;
                batch = left;
                queuedBytes = 0;
                room.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    /** How many messages of the batch are written once those from {@code from} that fit one write are. */
    private static int writeEnd(List<Message> batch, int from) {
        long length = batch.get(from).bytes.length + 1L;
        int end = from + 1;
        while (end < batch.size() && length + batch.get(end).bytes.length + 1 <= BUFFER_SIZE) {
            length += batch.get(end).bytes.length + 1;
            end++;
        }
        return end;
    }

    private void writeTogether(int from, int end) throws IOException {
        byte[] first = batch.get(from).bytes;
        if (first.length >= BUFFER_SIZE) {
            out.write(first);
            out.write('\n');
        } else {
            int length = 0;
            for (int i = from; i < end; i++) {
                byte[] bytes = batch.get(i).bytes;
                ensureCapacity(length + bytes.length + 1, length);
                System.arraycopy(bytes, 0, buffer, length, bytes.length);
                length += bytes.length;
                buffer[length++] = '\n';
            }
            out.write(buffer, 0, length);
        }
        out.flush();
    }

    private void ensureCapacity(int needed, int used) {
        if (needed > buffer.length) {
            byte[] larger = new byte[Math.min(BUFFER_SIZE, Math.max(needed, buffer.length * 2))];
            System.arraycopy(buffer, 0, larger, 0, used);
            buffer = larger;
        }
    }

    /**
     * A write failed. A line without its end is no message, so what was written last, or was still to be written,
     * certainly did not arrive; of lines that shared a write, the earlier ones may have.
     */
    private void fail(IOException cause, int done, Message own) throws IOException {
        List<Message> undelivered = new ArrayList<>(batch.subList(writeEnd(batch, done) - 1, batch.size()));
        lock.lock();
        try {
            broken = cause;
            writing = false;
            undelivered.addAll(queue);
            queue.clear();
            batch.clear();
            queuedBytes = 0;
            room.signalAll();
        } finally {
            lock.unlock();
        }
        boolean ownUndelivered = undelivered.remove(own);
        for (Message message : undelivered) {
            failures.notDelivered(message.envelope, cause);
        }
        failures.broken(cause);
        if (ownUndelivered) {
            throw cause;
        }
    }

    /** Refuses every later message. */
    void close(IOException reason) {
        lock.lock();
        try {
            if (broken == null) {
                broken = reason;
            }
            room.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Zero means none, and a time may be any number. */
    static long nonZero(long nanoTime) {
        return nanoTime == 0 ? 1 : nanoTime;
    }

    /** Whether a write has been under way for longer than it may. */
    boolean isStuck(long now) {
        long deadline = writeDeadline;
        return deadline != 0 && now - deadline > 0;
    }
}
