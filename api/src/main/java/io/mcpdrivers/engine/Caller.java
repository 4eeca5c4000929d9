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
        return send(request, options, reader, true).finish(List.of());
    }

    /**
     * Sends a request for which the current thread will wait.
     *
     * @param atOnce whether it will do nothing else before
     */
    <R> AwaitedCall<R> send(Request request, CallOptions options, ResultReader<R> reader, boolean atOnce) {
        long timeoutNanos = timeoutNanos(options);
        long now = System.nanoTime();
        PendingCall first = send(
                request,
                options,
                timeoutNanos,
                now + timeoutNanos,
                now + longestNanos(options),
                channel.features().timeoutNanos(),
                atOnce);
        return new AwaitedCall<>(this, channel, first, options, reader, atOnce);
    }

    PendingCall send(
            Request request,
            CallOptions options,
            long timeoutNanos,
            long deadline,
            long lastDeadline,
            long holdNanos,
            boolean atOnce) {
        PendingCall call = PendingCall.awaited(channel.nextId(), request, timeoutNanos, deadline, options.progress())
                .postponable(lastDeadline, longestNanos(options))
                .holdable(holdNanos);
        // Progress is reported on the waiting thread, which for that has to be free.
        channel.send(call, sessions.get(), options, atOnce && options.progress() == null);
        return call;
    }

    @Nullable
    Remedy remedy(PendingCall failed, McpException failure, List<Remedy> tried) {
        for (Remedy remedy : remedies) {
            if (!tried.contains(remedy) && remedy.helps(failed, failure)) {
                return remedy;
            }
        }
        return null;
    }

    static List<Remedy> with(Remedy remedy, List<Remedy> tried) {
        List<Remedy> more = new ArrayList<>(tried);
        more.add(remedy);
        return more;
    }

    static Request apply(Remedy remedy, PendingCall failed, McpException failure) {
        try {
            return remedy.apply(failed, failure);
        } catch (McpInterruptedException e) {
            throw e;
        } catch (McpException e) {
            throw remedy.reason(failure, e);
        }
    }

    void checkRounds(int round, Request request) {
        if (round >= InputRequired.MOST_ROUNDS) {
            throw new McpProtocolException(
                    "Server '" + channel.target().name() + "' has asked " + round + " times for " + request.method()
                            + " to be sent again",
                    null);
        }
    }

    static long pauseNanos(int round) {
        return Math.min(FIRST_PAUSE_NANOS << Math.min(round - 1, 20), LONGEST_PAUSE_NANOS);
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
        private volatile long lastDeadlineNanos;
        private volatile long deadlineNanos;
        /** For how long its time may still stand for the server's questions. */
        private volatile long holdNanos;

        private int round;
        private List<Remedy> tried = List.of();
        /** What the server's questions are answered to: the last one that was sent without answers. */
        private volatile @Nullable PendingCall asked;

        private volatile @Nullable PendingCall current;
        private volatile @Nullable Gathering gathering;

        Follow(Request request, CallOptions options, ResultReader<R> reader) {
            this.request = request;
            this.options = options;
            this.reader = reader;
            this.timeoutNanos = timeoutNanos(options);
            long now = System.nanoTime();
            this.deadlineNanos = now + timeoutNanos;
            this.lastDeadlineNanos = now + longestNanos(options);
            this.holdNanos = channel.features().timeoutNanos();
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
                    .postponable(lastDeadlineNanos, longestNanos(options))
                    .holdable(holdNanos);
            PendingCall before = current;
            call.meter = before == null ? null : before.meter;
            asked = asked == null ? call : asked;
            current = call;
            try {
                channel.send(call, sessions.get(), options, false);
                if (!isDone() && !call.isDone()) {
                    // Not before it was sent: what is not pending yet cannot be given up.
                    startTimer(call);
                }
            } catch (RuntimeException e) {
                call.fail(() -> e);
            } catch (Error e) {
                completeExceptionally(e);
                abandonCurrent();
                throw e;
            }
            if (isDone()) {
                abandonCurrent();
            }
        }

        private void startTimer(PendingCall call) {
            Future<?> timer = Background.after(Math.max(1, call.remainingNanos()), () -> timeOut(call));
            call.timer = timer;
            if (call.isDone()) {
                timer.cancel(false);
            }
        }

        private void timeOut(PendingCall call) {
            if (call.remainingNanos() > 0) {
                startTimer(call);
            } else if (channel.abandon(call, "timeout")) {
                call.fail(() -> channel.timedOut(call));
            }
        }

        private void takeTime(PendingCall call) {
            holdNanos = call.holdNanos();
            deadlineNanos = call.deadlineNanos;
            lastDeadlineNanos = call.lastDeadlineNanos;
        }

        private void ended(PendingCall call) {
            Future<?> timer = call.timer;
            if (timer != null) {
                timer.cancel(false);
            }
            call.endProgress();
            takeTime(call);
            try {
                complete(Replies.read(call, channel, reader));
            } catch (InputRequired again) {
                try {
                    round++;
                    checkRounds(round, request);
                    InputRequests questions = again.questions(channel);
                    if (questions.isEmpty()) {
                        sendLater(again.retry(Objects.requireNonNull(asked), null));
                    } else {
                        ask(questions, again);
                    }
                } catch (RuntimeException | Error e) {
                    completeExceptionally(e);
                }
            } catch (McpException failure) {
                Remedy remedy = remedy(call, failure, tried);
                if (remedy == null) {
                    completeExceptionally(Failures.afterRounds(failure, round));
                } else {
                    tried = with(remedy, tried);
                    healLater(remedy, call, failure);
                }
            } catch (RuntimeException | Error e) {
                completeExceptionally(e);
            }
        }

        private void ask(InputRequests questions, InputRequired again) {
            long since = System.nanoTime();
            long deadline = deadlineNanos;
            long lastDeadline = lastDeadlineNanos;
            long hold = holdNanos;
            Gathering answers = questions.gather(hold);
            gathering = answers;
            CompletableFuture<?> unused = answers.whenComplete((given, failure) -> {
                long taken = Math.min(System.nanoTime() - since, hold);
                holdNanos = hold - taken;
                deadlineNanos = deadline + taken;
                lastDeadlineNanos = lastDeadline + taken;
                if (given == null) {
                    completeExceptionally(channel.lost(failure));
                } else {
                    try {
                        sendUnlessLate(again.retry(Objects.requireNonNull(asked), given));
                    } catch (RuntimeException | Error e) {
                        // Nobody looks at what comes of this stage.
                        completeExceptionally(e);
                    }
                }
            });
            if (isDone()) {
                answers.cancel(true);
            }
        }

        private void healLater(Remedy remedy, PendingCall call, McpException failure) {
            try {
                Background.BLOCKING.execute(() -> heal(remedy, call, failure));
            } catch (RuntimeException | Error e) {
                failure.addSuppressed(e);
                completeExceptionally(Failures.afterRounds(failure, round));
            }
        }

        private void heal(Remedy remedy, PendingCall failed, McpException failure) {
            try {
                Request next = apply(remedy, failed, failure);
                asked = null;
                sendUnlessLate(next);
            } catch (McpException e) {
                completeExceptionally(Failures.afterRounds(e, round));
            } catch (RuntimeException | Error e) {
                completeExceptionally(e);
            }
        }

        private void sendLater(Request retry) {
            Future<?> unused = Background.after(
                    Math.max(0, Math.min(pauseNanos(round), deadlineNanos - System.nanoTime())), () -> {
                        try {
                            Background.BLOCKING.execute(() -> sendUnlessLate(retry));
                        } catch (RuntimeException | Error e) {
                            // The timer tells nobody.
                            completeExceptionally(e);
                        }
                    });
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
                Gathering answers = gathering;
                if (answers != null) {
                    answers.cancel(true);
                }
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
