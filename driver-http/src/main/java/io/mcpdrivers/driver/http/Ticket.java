package io.mcpdrivers.driver.http;

import io.mcpdrivers.spi.Exchange;
import java.io.IOException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Something under way that can be abandoned: a request with all its attempts and streams, or a standing stream. */
final class Ticket implements Exchange {

    /** The end of what was abandoned; nobody wants to hear of it. */
    static final class Abandoned extends IOException {
        private static final long serialVersionUID = 1L;

        Abandoned() {
            super("abandoned");
        }
    }

    static final long NO_DEADLINE = Long.MAX_VALUE;
    private static final long LONGEST_READ_NANOS = 86_400_000_000_000L;

    final long deadlineNanos;
    /** Until when the beginning of the answer is worth waiting for. */
    private volatile long answerByNanos;

    private volatile boolean endless;
    private final boolean cancelTells;
    private final long requestId;
    private volatile boolean watched;
    private volatile boolean cancelled;
    private volatile boolean expired;
    private volatile @Nullable Cancellable current;
    private volatile @Nullable Thread pausing;
    /** Whether some attempt was handed over whole to the system, and not refused for now. */
    volatile boolean sent;

    private volatile boolean answered;

    private Ticket(long deadlineNanos, boolean endless, boolean cancelTells, long requestId) {
        this.requestId = requestId;
        this.deadlineNanos = deadlineNanos;
        this.answerByNanos = deadlineNanos;
        this.endless = endless;
        this.cancelTells = cancelTells;
    }

    /**
     * Something that is given up at a time.
     *
     * @param cancelTells whether the server learns of the cancelling by the end of the stream
     * @param requestId the request whose response ends it
     */
    static Ticket until(long deadlineNanos, boolean cancelTells, long requestId) {
        return new Ticket(deadlineNanos, false, cancelTells, requestId);
    }

    static Ticket until(long deadlineNanos) {
        return new Ticket(deadlineNanos, false, false, 0);
    }

    static Ticket within(long nanos) {
        return until(System.nanoTime() + nanos);
    }

    /** What ends a thing after a time. */
    static Ticket limit(long nanos, Cancellable what) {
        Ticket limit = within(nanos);
        limit.current = what;
        return limit;
    }

    static Ticket endless() {
        return new Ticket(0, true, false, 0);
    }

    @Override
    public boolean cancel() {
        cancelled = true;
        stop();
        return cancelTells;
    }

    /** The request that it is about; 0 if none. */
    long requestId() {
        return requestId;
    }

    /** Its time is over: ends what is still under way. */
    void expire() {
        expired = true;
        stop();
    }

    /** Makes a stream that has begun in time last as long as it wants. */
    void becomeEndless() {
        endless = true;
    }

    private void stop() {
        Cancellable running = current;
        if (running != null) {
            running.cancel();
        }
        LockSupport.unpark(pausing);
    }

    boolean isCancelled() {
        return cancelled;
    }

    /** Whether it was cancelled, its time is over, or the thread that carries it was interrupted. */
    boolean isOver() {
        return cancelled
                || expired
                || remaining() <= 0
                || Thread.currentThread().isInterrupted();
    }

    long remaining() {
        return endless ? NO_DEADLINE : deadlineNanos - System.nanoTime();
    }

    /** The answer has to begin by a time before the end; what belongs to it may take until then. */
    void answerBy(long nanos) {
        answerByNanos = nanos;
    }

    /** How long a pause may be, so that the answer still begins in time. */
    long remainingUntilAnswer() {
        return endless ? NO_DEADLINE : answerByNanos - System.nanoTime();
    }

    /** The answer has begun; whatever becomes of the requests for its rest, the server has had the request. */
    void answerBegins() {
        answered = true;
        answerByNanos = deadlineNanos;
    }

    boolean hasDeadline() {
        return !endless;
    }

    /** From now on, this is what cancelling ends. */
    void begin(Cancellable attempt) throws Abandoned {
        current = attempt;
        checkWanted();
    }

    /** Whether the time was over before a request was handed over whole. */
    boolean endedUnsent() {
        return !cancelled && !sent && !answered && remaining() <= 0;
    }

    void checkWanted() throws Abandoned {
        if (isOver()) {
            throw new Abandoned();
        }
    }

    /** The watch sees to it that this ends when its time is over. */
    void isWatched() {
        watched = true;
    }

    /**
     * How long the next read may take, in milliseconds; 0 for no limit. A read without one costs less; then it is the
     * watch that ends it, if it is sure to look at this before.
     */
    int readMillis(boolean canBeEnded) {
        long left = remaining();
        if (endless || canBeEnded && watched && left > ExchangeWatch.SURELY_SEEN_NANOS) {
            return 0;
        }
        return (int) Math.max(1, Math.min(left, LONGEST_READ_NANOS) / 1_000_000 + 1);
    }

    /** Waits, at the longest until it is over. */
    void pause(long nanos) throws Abandoned {
        long until = System.nanoTime() + nanos;
        pausing = Thread.currentThread();
        try {
            checkWanted();
            for (long left = nanos; left > 0; left = until - System.nanoTime()) {
                LockSupport.parkNanos(Math.min(left, Math.max(1, remaining())));
                checkWanted();
            }
        } finally {
            pausing = null;
        }
    }
}
