package io.mcpdrivers.engine;

import io.mcpdrivers.CallOptions;
import io.mcpdrivers.McpException;
import io.mcpdrivers.McpInterruptedException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * A call for which the current thread waits, sent again for as long as the server wants that or a {@link Remedy} helps.
 * The time in which the application answers questions of the server does not count.
 */
final class AwaitedCall<R> {

    private final Caller caller;
    private final RpcChannel channel;
    private final CallOptions options;
    private final ResultReader<R> reader;
    private final PendingCall first;
    private final boolean atOnce;

    private PendingCall current;
    /** What the server's questions are answered to: the last one that was sent without answers. */
    private @Nullable PendingCall asked;

    private List<Remedy> tried = List.of();
    private int round;
    private long deadlineNanos;
    private long lastDeadlineNanos;
    /** For how long the time may still stand for the server's questions. */
    private long holdNanos;

    private long askedNanos;
    private @Nullable InputRequired question;
    private @Nullable Gathering gathering;
    private @Nullable R result;

    /**
     * Follows a call up.
     *
     * @param first the call as it was sent by this thread
     * @param atOnce whether the thread does nothing but wait for it
     */
    AwaitedCall(
            Caller caller,
            RpcChannel channel,
            PendingCall first,
            CallOptions options,
            ResultReader<R> reader,
            boolean atOnce) {
        this.caller = caller;
        this.channel = channel;
        this.first = first;
        this.current = first;
        this.asked = first;
        this.options = options;
        this.reader = reader;
        this.atOnce = atOnce;
    }

    /**
     * Waits for the result, whatever it takes.
     *
     * @param others calls of the same thread whose progress is to be reported meanwhile
     */
    R finish(List<PendingCall> others) {
        while (!advance(others)) {
            // There was a question, which is being answered, or a failure, after which it was sent again.
        }
        return Objects.requireNonNull(result);
    }

    /**
     * Waits for what is due: the answers that the application is to give, then those of the server.
     *
     * @return false if the server has questions, which the application is asked from now on, or if the call failed and was
     *     sent again; true if there is a result
     */
    boolean advance(List<PendingCall> others) {
        if (result != null) {
            return true;
        }
        Gathering answers = gathering;
        if (answers != null) {
            gathering = null;
            ObjectNode given = await(answers);
            long taken = Math.min(System.nanoTime() - askedNanos, holdNanos);
            holdNanos -= taken;
            deadlineNanos += taken;
            lastDeadlineNanos += taken;
            sendAgain(Objects.requireNonNull(question), given);
        }
        while (true) {
            try {
                result = Replies.await(current, others, channel, reader);
                return true;
            } catch (InputRequired again) {
                round++;
                caller.checkRounds(round, first.request);
                takeTime();
                InputRequests questions = again.questions(channel);
                if (!questions.isEmpty()) {
                    question = again;
                    askedNanos = System.nanoTime();
                    gathering = questions.gather(holdNanos);
                    return false;
                }
                pause(Math.min(Caller.pauseNanos(round), deadlineNanos - System.nanoTime()));
                sendAgain(again, null);
            } catch (McpException failure) {
                heal(failure);
                // Not to be waited for here, since the other calls of a batch may need the same.
                return false;
            }
        }
    }

    private void heal(McpException failure) {
        Remedy remedy = caller.remedy(current, failure, tried);
        if (remedy == null) {
            throw Failures.afterRounds(failure, round);
        }
        tried = Caller.with(remedy, tried);
        Request next;
        try {
            next = Caller.apply(remedy, current, failure);
        } catch (McpException e) {
            throw Failures.afterRounds(e, round);
        }
        takeTime();
        asked = null;
        send(next);
    }

    private void takeTime() {
        holdNanos = current.holdNanos();
        deadlineNanos = current.deadlineNanos;
        lastDeadlineNanos = current.lastDeadlineNanos;
    }

    private void sendAgain(InputRequired again, @Nullable ObjectNode answers) {
        try {
            send(again.retry(Objects.requireNonNull(asked), answers));
        } catch (McpException e) {
            throw Failures.afterRounds(e, round);
        }
    }

    private void send(Request next) {
        if (deadlineNanos - System.nanoTime() <= 0) {
            throw channel.timedOut(current);
        }
        current = caller.send(next, options, first.timeoutNanos, deadlineNanos, lastDeadlineNanos, holdNanos, atOnce);
        asked = asked == null ? current : asked;
    }

    private ObjectNode await(Gathering answers) {
        try {
            return answers.get();
        } catch (InterruptedException e) {
            answers.cancel(true);
            Thread.currentThread().interrupt();
            throw new McpInterruptedException("Interrupted while a question of the server was being answered", e);
        } catch (ExecutionException | CancellationException e) {
            throw channel.lost(e);
        }
    }

    private static void pause(long nanos) {
        long until = System.nanoTime() + nanos;
        for (long left = nanos; left > 0; left = until - System.nanoTime()) {
            if (Thread.currentThread().isInterrupted()) {
                throw new McpInterruptedException("Interrupted before the request was sent again", null);
            }
            LockSupport.parkNanos(left);
        }
    }

    /** The call as it is under way now. */
    PendingCall current() {
        return current;
    }

    /** Wants no result any more. */
    void giveUp(String reason) {
        channel.drop(current, reason);
        Gathering answers = gathering;
        if (answers != null) {
            answers.cancel(true);
        }
    }
}
