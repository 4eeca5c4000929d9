package io.mcpdrivers.spi;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.ClosedByInterruptException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
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
    /** How long a sender writes what others have left, before a thread made for it takes over. */
    private static final long HELP_NANOS = 10_000_000L;

    /** How long waiting for the messages of others may take, for each that has come; callers need about a tenth of it. */
    private static final long GATHERING_NANOS = 50_000L;
    /** How long it may take at all, before a thread made for it writes. */
    private static final long LONGEST_GATHERING_NANOS = 50_000_000L;
    /** For how many times as long nobody waits once it has taken longer. */
    private static final long GATHERING_REST = 5;

    /** A message; compared by identity. */
    private static final class Message {
        final Envelope envelope;
        final byte[] bytes;
        /** Since when its sender has waited for the messages of others; guarded by the lock. */
        long gatheringSince;

        Message(Envelope envelope, byte[] bytes) {
            this.envelope = envelope;
            this.bytes = bytes;
        }
    }

    /** The outcome of a failed write: first that it failed, then which messages certainly were not delivered. */
    interface FailureSink {
        void broken(IOException cause);

        void notDelivered(Envelope envelope, IOException cause);
    }

    /** The time of a message ran out while it waited for room. */
    static final class NoRoomException extends IOException {
        private static final long serialVersionUID = 1L;

        NoRoomException(long waiting) {
            super("the server does not read: " + waiting + " bytes wait to be written");
        }
    }

    private final OutputStream out;
    private final FailureSink failures;
    private final ThreadFactory helpers;
    private final Runnable yielding;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition room = lock.newCondition();
    private final ArrayDeque<Message> queue = new ArrayDeque<>();
    private long queuedBytes;
    private boolean writing;
    private @Nullable IOException broken;
    /** The lines of one write, and its bytes; they belong to the thread that set {@link #writing}. */
    private final List<Message> batch = new ArrayList<>();

    private byte[] buffer = new byte[1024];
    /** Until when nobody waits for the messages of others. */
    private long noGatheringBefore = System.nanoTime();
    /** The first message, if its sender waits for those of others; then nobody writes. */
    private @Nullable Message gatherer;

    private volatile boolean company;

    /** When the write that is under way must have ended; 0 if none is. Read by the watch. */
    private volatile long writeDeadline;

    @SuppressWarnings("ThreadPriorityCheck") // What depends on the scheduler is the speed alone.
    LineWriter(OutputStream out, ThreadFactory helpers, FailureSink failures) {
        this(out, helpers, failures, Thread::yield);
    }

    /**
     * Writes to a stream.
     *
     * @param yielding lets other threads go ahead
     */
    LineWriter(OutputStream out, ThreadFactory helpers, FailureSink failures, Runnable yielding) {
        this.out = out;
        this.helpers = helpers;
        this.failures = failures;
        this.yielding = yielding;
    }

    /**
     * Writes a message, or leaves it with the thread that writes.
     *
     * @throws IOException if it was not written and never will be
     */
    void write(Envelope envelope, byte[] bytes) throws IOException {
        Message own = new Message(envelope, bytes);
        boolean gathers;
        lock.lock();
        try {
            awaitRoom(envelope, bytes.length);
            if (broken != null) {
                throw broken;
            }
            if (isWritten(own)) {
                return;
            }
            gathers = gatherer == own;
        } finally {
            lock.unlock();
        }
        if (!gathers || gather(own)) {
            drain(own);
        }
    }

    /** Whether another thread writes the message; else this one does, at once or after having gathered others. */
    private boolean isWritten(Message own) {
        if (!writing && gatherer == null && !company) {
            writing = true;
            batch.add(own);
            return false;
        }
        queue.add(own);
        queuedBytes += own.bytes.length;
        if (writing) {
            return true;
        }
        long now = System.nanoTime();
        if (gatherer != null && now - gatherer.gatheringSince < GATHERING_NANOS * queue.size()) {
            return true;
        }
        if (gatherer == null && now - noGatheringBefore >= 0) {
            gatherer = own;
            own.gatheringSince = now;
        } else {
            // Who has begun to gather is busy elsewhere; nobody is to wait for that.
            gatherer = null;
            boolean unused = fillBatch();
        }
        return false;
    }

    /**
     * Lets others leave their messages, unless it was found lately that the processor then goes to other work for long.
     *
     * @return false if another thread has written the message meanwhile
     */
    private boolean gather(Message own) {
        yielding.run();
        lock.lock();
        try {
            long end = System.nanoTime();
            boolean mine = gatherer == own;
            if (mine) {
                gatherer = null;
                boolean unused = fillBatch();
            }
            long took = end - own.gatheringSince;
            if (took > GATHERING_NANOS * (mine ? batch.size() : 1)) {
                noGatheringBefore = end + GATHERING_REST * took;
            }
            return mine;
        } finally {
            lock.unlock();
        }
    }

    /** Has another thread write for one that has begun to gather and finds no processor, or no carrier if it is virtual. */
    void watch(long now) {
        boolean stuck;
        lock.lock();
        try {
            stuck = gatherer != null && now - gatherer.gatheringSince > LONGEST_GATHERING_NANOS;
        } finally {
            lock.unlock();
        }
        if (stuck) {
            boolean unused = start(this::takeOver);
        }
    }

    private void takeOver() throws IOException {
        lock.lock();
        try {
            if (gatherer == null) {
                return;
            }
            gatherer = null;
            boolean unused = fillBatch();
        } finally {
            lock.unlock();
        }
        drain(null);
    }

    /**
     * Says whether several callers were woken just now. They are likely to send again, so the first of them lets the others
     * go ahead and then writes for all: a write, and all that it makes the kernel and the server do, costs more than what
     * a caller does in between.
     */
    void expectCompany(boolean expected) {
        company = expected;
    }

    /**
     * Waits while others wait already and the message does not fit behind them; one that is too large for the bound
     * itself waits until it is the first. Whoever takes from the queue wakes those that wait here.
     */
    private void awaitRoom(Envelope envelope, int size) throws IOException {
        while (broken == null && !queue.isEmpty() && queuedBytes + size > MAX_QUEUED_BYTES) {
            long nanos = envelope.deadlineNanos() - System.nanoTime();
            if (nanos <= 0) {
                throw new NoRoomException(queuedBytes);
            }
            try {
                long unused = room.awaitNanos(nanos);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while " + queuedBytes + " bytes waited to be written", e);
            }
        }
    }

    /**
     * Writes the batch, and then what other threads have left meanwhile, until nothing is left.
     *
     * @param own the message of this thread, null on one that was made to write
     */
    private void drain(@Nullable Message own) throws IOException {
        // A channel of java.nio would close itself on an interrupted thread, and it serves others, too.
        boolean interrupted = Thread.interrupted();
        try {
            long began = System.nanoTime();
            long now = began;
            while (true) {
                if (own != null && hasHelpedEnough(now - began, now, own) && handOver()) {
                    return;
                }
                try {
                    writeBatch(own, now);
                } catch (IOException | RuntimeException | Error e) {
                    fail(e, own);
                    return;
                }
                if (!takeBatch()) {
                    return;
                }
                now = System.nanoTime();
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Whether a sender has written for others for long enough. Its own message is always written by itself. */
    private boolean hasHelpedEnough(long helped, long now, Message own) {
        return batch.get(0) != own && (helped > HELP_NANOS || now - own.envelope.deadlineNanos() > 0);
    }

    /** Lets another thread write on; false if there is none to be had. */
    private boolean handOver() {
        return start(() -> drain(null));
    }

    private interface Writing {
        void run() throws IOException;
    }

    private boolean start(Writing task) {
        try {
            helpers.newThread(() -> {
                        try {
                            task.run();
                        } catch (IOException e) {
                            throw new AssertionError("a thread without a message of its own cannot fail to send it", e);
                        }
                    })
                    .start();
            return true;
        } catch (OutOfMemoryError e) {
            return false;
        }
    }

    /** Takes the next lines that fit one write; false if there are none, and others may write. */
    private boolean takeBatch() {
        batch.clear();
        return fillBatch();
    }

    /** Adds the lines that still fit the same write; false if there is nothing to write, and others may. */
    private boolean fillBatch() {
        lock.lock();
        try {
            long length = 0;
            for (Message message : batch) {
                length += message.bytes.length + 1;
            }
            Message next = queue.peek();
            while (next != null && (batch.isEmpty() || length + next.bytes.length + 1 <= BUFFER_SIZE)) {
                length += next.bytes.length + 1;
                queuedBytes -= next.bytes.length;
                batch.add(queue.remove());
                next = queue.peek();
            }
            writing = !batch.isEmpty();
            room.signalAll();
            return writing;
        } finally {
            lock.unlock();
        }
    }

    private void writeBatch(@Nullable Message own, long now) throws IOException {
        Message first = batch.get(0);
        long left = first.envelope.deadlineNanos() - now;
        if (own != null) {
            left = Math.min(left, own.envelope.deadlineNanos() - now);
        }
        writeDeadline = nonZero(now + Math.max(left, MIN_WRITE_NANOS));
        try {
            if (first.bytes.length >= BUFFER_SIZE) {
                out.write(first.bytes);
                out.write('\n');
            } else {
                int length = fillBuffer();
                out.write(buffer, 0, length);
            }
            out.flush();
        } finally {
            writeDeadline = 0;
        }
    }

    private int fillBuffer() {
        int length = 0;
        for (Message message : batch) {
            length += message.bytes.length + 1;
        }
        if (length > buffer.length) {
            buffer = new byte[Math.min(BUFFER_SIZE, Math.max(length, buffer.length * 2))];
        }
        int end = 0;
        for (Message message : batch) {
            System.arraycopy(message.bytes, 0, buffer, end, message.bytes.length);
            end += message.bytes.length;
            buffer[end++] = '\n';
        }
        return end;
    }

    /**
     * A write failed. A line without its end is no message, so the last one of the write certainly did not arrive,
     * nor did what was still to be written; of the lines before it in the same write, some may have. An interrupt is
     * the exception: a channel reports it even if it has written everything.
     */
    private void fail(Throwable failure, @Nullable Message own) throws IOException {
        List<Message> undelivered = new ArrayList<>();
        if (!(failure instanceof ClosedByInterruptException)) {
            undelivered.add(batch.get(batch.size() - 1));
        }
        IOException cause;
        lock.lock();
        try {
            if (broken == null) {
                broken =
                        failure instanceof IOException io ? io : new IOException("writing failed: " + failure, failure);
            }
            cause = broken;
            writing = false;
            batch.clear();
            undelivered.addAll(queue);
            queue.clear();
            queuedBytes = 0;
            room.signalAll();
        } finally {
            lock.unlock();
        }
        boolean ownUndelivered = own != null && undelivered.remove(own);
        failures.broken(cause);
        for (Message message : undelivered) {
            failures.notDelivered(message.envelope, cause);
        }
        if (ownUndelivered) {
            throw cause;
        }
    }

    /**
     * Refuses every later message, and gives up those that wait.
     *
     * @return the messages that waited, in their order; they certainly were not delivered
     */
    List<Envelope> close(IOException reason) {
        lock.lock();
        try {
            if (broken == null) {
                broken = reason;
            }
            List<Envelope> waiting =
                    queue.stream().map(message -> message.envelope).toList();
            gatherer = null;
            queue.clear();
            queuedBytes = 0;
            room.signalAll();
            return waiting;
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
