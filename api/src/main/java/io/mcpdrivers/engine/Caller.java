package io.mcpdrivers.engine;

import io.mcpdrivers.CallOptions;
import io.mcpdrivers.McpException;
import io.mcpdrivers.McpInterruptedException;
import io.mcpdrivers.McpProtocolException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Makes calls, in the blocking form and in the other: sends the request, waits, and reads the typed result. */
final class Caller {

    /** The pause before a request is sent again because the server wanted it so; it doubles each time. */
    private static final long FIRST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private static final long LONGEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final RpcChannel channel;
    private final CurrentSession sessions;
    private final List<Remedy> remedies;

    /**
     * Makes calls over a channel.
     *
     * @param remedies what can be done about failed calls
     */
    Caller(RpcChannel channel, CurrentSession sessions, List<Remedy> remedies) {
        this.channel = channel;
        this.sessions = sessions;
        this.remedies = remedies;
    }

    long timeoutNanos(CallOptions options) {
        Duration timeout = options.timeout();
        return timeout == null ? channel.target().requestTimeout().toNanos() : nanos(timeout);
    }

    /** How long a call may take if progress arrives; at least its timeout. */
    long longestNanos(CallOptions options) {
        Duration longest = options.maxTimeout();
        return Math.max(
                timeoutNanos(options),
                longest == null ? channel.target().maxRequestTimeout().toNanos() : nanos(longest));
    }

    private static long nanos(Duration duration) {
        return duration.compareTo(Duration.ofDays(36_500)) > 0
                ? Duration.ofDays(36_500).toNanos()
                : duration.toNanos();
    }

    <R> R call(Request request, CallOptions options, ResultReader<R> reader) {
        return finish(send(request, options, true), options, reader, List.of());
    }

    /**
     * Sends a request for which the current thread will wait.
     *
     * @param atOnce whether it will do nothing else before
     */
    PendingCall send(Request request, CallOptions options, boolean atOnce) {
        long timeoutNanos = timeoutNanos(options);
        long now = System.nanoTime();
        return send(request, options, timeoutNanos, now + timeoutNanos, now + longestNanos(options), atOnce);
    }

    private PendingCall send(
            Request request, CallOptions options, long timeoutNanos, long deadline, long lastDeadline, boolean atOnce) {
        PendingCall call = PendingCall.awaited(channel.nextId(), request, timeoutNanos, deadline, options.progress())
                .postponable(lastDeadline, longestNanos(options));
        // Progress is reported on the waiting thread, which for that has to be free.
        channel.send(call, sessions.get(), options, atOnce && options.progress() == null);
        return call;
    }

    /**
     * Waits for a call that the current thread has sent, and sends it again for as long as the server wants that.
     *
     * @param others calls of the same thread whose progress is to be reported meanwhile
     */
    <R> R finish(PendingCall first, CallOptions options, ResultReader<R> reader, List<PendingCall> others) {
        PendingCall call = first;
        // What the server's questions are answered to: the last one that was sent without answers.
        @Nullable PendingCall asked = first;
        List<Remedy> tried = List.of();
        int round = 0;
        while (true) {
            Request next;
            try {
                return Replies.read(channel.await(call, others), call.request, channel, reader);
            } catch (InputRequired again) {
                round++;
                checkRounds(round, first.request);
                pause(Math.min(pauseNanos(round), call.deadlineNanos - System.nanoTime()));
                next = again.retry(Objects.requireNonNull(asked));
            } catch (McpException failure) {
                Remedy remedy = remedy(call, failure, tried);
                if (remedy == null) {
                    throw failure;
                }
                tried = with(remedy, tried);
                next = apply(remedy, call, failure);
                asked = null;
            }
            if (call.deadlineNanos - System.nanoTime() <= 0) {
                throw channel.timedOut(call);
            }
            call = send(next, options, call.timeoutNanos, call.deadlineNanos, call.lastDeadlineNanos, true);
            asked = asked == null ? call : asked;
        }
    }

    private @Nullable Remedy remedy(PendingCall failed, McpException failure, List<Remedy> tried) {
        for (Remedy remedy : remedies) {
            if (!tried.contains(remedy) && remedy.helps(failed, failure)) {
                return remedy;
            }
        }
        return null;
    }

    private static List<Remedy> with(Remedy remedy, List<Remedy> tried) {
        List<Remedy> more = new ArrayList<>(tried);
        more.add(remedy);
        return more;
    }

    private static Request apply(Remedy remedy, PendingCall failed, McpException failure) {
        try {
            return remedy.apply(failed, failure);
        } catch (McpInterruptedException e) {
            throw e;
        } catch (McpException e) {
            throw remedy.reason(failure, e);
        }
    }

    void abandon(PendingCall call, String reason) {
        channel.abandon(call, reason);
    }

    private void checkRounds(int round, Request request) {
        if (round >= InputRequired.MOST_ROUNDS) {
            throw new McpProtocolException(
                    "Server '" + channel.target().name() + "' has asked " + round + " times for " + request.method()
                            + " to be sent again",
                    null);
        }
    }

    private static long pauseNanos(int round) {
        return Math.min(FIRST_PAUSE_NANOS << Math.min(round - 1, 20), LONGEST_PAUSE_NANOS);
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

    <R> CompletableFuture<R> callAsync(Request request, CallOptions options, ResultReader<R> reader) {
        Follow<R> follow = new Follow<>(request, options, reader);
        follow.send(request);
        return follow;
    }

    /** A call in the other form, which completes itself. */
    private final class Follow<R> extends CompletableFuture<R> {
        private final Request request;
        private final CallOptions options;
        private final ResultReader<R> reader;
        private final long timeoutNanos;
        private final long lastDeadlineNanos;
        private volatile long deadlineNanos;
        private int round;
        private List<Remedy> tried = List.of();
        /** What the server's questions are answered to: the last one that was sent without answers. */
        private volatile @Nullable PendingCall asked;

        private volatile @Nullable PendingCall current;

        Follow(Request request, CallOptions options, ResultReader<R> reader) {
            this.request = request;
            this.options = options;
            this.reader = reader;
            this.timeoutNanos = timeoutNanos(options);
            long now = System.nanoTime();
            this.deadlineNanos = now + timeoutNanos;
            this.lastDeadlineNanos = now + longestNanos(options);
        }

        void send(Request next) {
            PendingCall call = PendingCall.followed(
                            channel.nextId(),
                            next,
                            timeoutNanos,
                            deadlineNanos,
                            options.progress(),
                            this::ended,
                            Background.CONTINUATIONS)
                    .postponable(lastDeadlineNanos, longestNanos(options));
            asked = asked == null ? call : asked;
            current = call;
            try {
                channel.send(call, sessions.get(), options, false);
            } catch (RuntimeException e) {
                call.fail(() -> e);
            } catch (Error e) {
                completeExceptionally(e);
                throw e;
            }
            if (isDone()) {
                abandonCurrent();
            } else if (!call.isDone()) {
                // Not before it was sent: what is not pending yet cannot be given up.
                startTimer(call);
            }
        }

        private void startTimer(PendingCall call) {
            Future<?> timer =
                    Background.after(Math.max(1, call.deadlineNanos - System.nanoTime()), () -> timeOut(call));
            call.timer = timer;
            if (call.isDone()) {
                timer.cancel(false);
            }
        }

        private void timeOut(PendingCall call) {
            if (call.deadlineNanos - System.nanoTime() > 0) {
                startTimer(call);
            } else if (channel.abandon(call, "timeout")) {
                call.fail(() -> channel.timedOut(call));
            }
        }

        private void ended(PendingCall call) {
            Future<?> timer = call.timer;
            if (timer != null) {
                timer.cancel(false);
            }
            call.endProgress();
            deadlineNanos = call.deadlineNanos;
            try {
                complete(Replies.read(call.reply(), call.request, channel, reader));
            } catch (InputRequired again) {
                try {
                    round++;
                    checkRounds(round, request);
                    sendAgain(again.retry(Objects.requireNonNull(asked)));
                } catch (RuntimeException | Error e) {
                    completeExceptionally(e);
                }
            } catch (McpException failure) {
                Remedy remedy = remedy(call, failure, tried);
                if (remedy == null) {
                    completeExceptionally(failure);
                } else {
                    tried = with(remedy, tried);
                    Background.BLOCKING.execute(() -> heal(remedy, call, failure));
                }
            } catch (RuntimeException | Error e) {
                completeExceptionally(e);
            }
        }

        private void heal(Remedy remedy, PendingCall failed, McpException failure) {
            try {
                Request next = apply(remedy, failed, failure);
                asked = null;
                sendUnlessLate(next);
            } catch (RuntimeException | Error e) {
                completeExceptionally(e);
            }
        }

        private void sendAgain(Request retry) {
            Future<?> unused = Background.after(
                    Math.max(0, Math.min(pauseNanos(round), deadlineNanos - System.nanoTime())),
                    () -> Background.BLOCKING.execute(() -> sendUnlessLate(retry)));
        }

        private void sendUnlessLate(Request next) {
            if (deadlineNanos - System.nanoTime() <= 0) {
                completeExceptionally(channel.timedOut(Objects.requireNonNull(current)));
            } else if (!isDone()) {
                send(next);
            }
        }

        /** Cancels the request, too. */
        @Override
        public boolean cancel(boolean mayInterruptIfRunning) {
            PendingCall call = current;
            if (call != null && !isDone()) {
                // Before those who follow this future learn of its end.
                call.endProgress();
            }
            boolean cancelled = super.cancel(mayInterruptIfRunning);
            if (cancelled) {
                abandonCurrent();
            }
            return cancelled;
        }

        private void abandonCurrent() {
            PendingCall call = current;
            if (call != null && channel.abandon(call, "cancelled")) {
                call.fail(() -> new McpInterruptedException("The call was cancelled", null));
            }
        }
    }
}
