package io.mcpdrivers.engine;

import io.mcpdrivers.CallOptions;
import io.mcpdrivers.McpException;
import io.mcpdrivers.McpInterruptedException;
import io.mcpdrivers.McpProtocolException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Makes calls, in the blocking form and in the other: sends the request, waits, and reads the typed result. */
final class Caller {

    /** The pause before a request is sent again because the server wanted it so; it doubles each time. */
    private static final long FIRST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private static final long LONGEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final RpcChannel channel;
    private final Session session;

    Caller(RpcChannel channel, Session session) {
        this.channel = channel;
        this.session = session;
    }

    long timeoutNanos(CallOptions options) {
        Duration timeout = options.timeout();
        if (timeout == null) {
            return channel.target().requestTimeout().toNanos();
        }
        return timeout.compareTo(Duration.ofDays(36_500)) > 0
                ? Duration.ofDays(36_500).toNanos()
                : timeout.toNanos();
    }

    <R> R call(Request request, CallOptions options, ResultReader<R> reader) {
        PendingCall call = send(request, options, timeoutNanos(options), true);
        return finish(call, options, reader);
    }

    /**
     * Sends a request for which the current thread will wait.
     *
     * @param atOnce whether it will do nothing else before
     */
    PendingCall send(Request request, CallOptions options, long timeoutNanos, boolean atOnce) {
        PendingCall call = PendingCall.awaited(channel.nextId(), request, timeoutNanos, options.progress());
        // Progress is reported on the waiting thread, which for that has to be free.
        channel.send(call, session, options, atOnce && options.progress() == null);
        return call;
    }

    /** Waits for a call that the current thread has sent, and sends it again for as long as the server wants that. */
    <R> R finish(PendingCall first, CallOptions options, ResultReader<R> reader) {
        PendingCall call = first;
        for (int round = 1; ; round++) {
            try {
                return Replies.read(channel.await(call), call.request, channel, reader);
            } catch (InputRequired again) {
                checkRounds(round, first.request);
                pause(round);
                long left = first.deadlineNanos - System.nanoTime();
                if (left <= 0) {
                    throw channel.timedOut(first);
                }
                call = send(again.retry(first.request), options, left, true);
            }
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

    private static void pause(int round) {
        long until = System.nanoTime() + pauseNanos(round);
        for (long left = pauseNanos(round); left > 0; left = until - System.nanoTime()) {
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
        private final long deadlineNanos;
        private int round;
        private volatile @Nullable ScheduledFuture<?> timer;
        private volatile @Nullable PendingCall current;

        Follow(Request request, CallOptions options, ResultReader<R> reader) {
            this.request = request;
            this.options = options;
            this.reader = reader;
            this.deadlineNanos = System.nanoTime() + timeoutNanos(options);
        }

        void send(Request next) {
            long left = Math.max(1, deadlineNanos - System.nanoTime());
            PendingCall call = PendingCall.followed(
                    channel.nextId(), next, left, options.progress(), this::ended, Background.CONTINUATIONS);
            current = call;
            timer = Background.after(left, () -> {
                if (channel.abandon(call, "timeout")) {
                    call.complete(channel.timedOut(call));
                }
            });
            try {
                channel.send(call, session, options, false);
            } catch (McpException e) {
                call.complete(e);
            }
            if (isDone()) {
                abandonCurrent();
            }
        }

        private void ended(PendingCall call) {
            ScheduledFuture<?> running = timer;
            if (running != null) {
                running.cancel(false);
            }
            try {
                complete(Replies.read(call.reply(), call.request, channel, reader));
            } catch (InputRequired again) {
                round++;
                try {
                    checkRounds(round, request);
                } catch (McpProtocolException e) {
                    completeExceptionally(e);
                    return;
                }
                timer = Background.after(
                        pauseNanos(round),
                        () -> Background.BLOCKING.execute(() -> {
                            if (!isDone()) {
                                send(again.retry(request));
                            }
                        }));
            } catch (RuntimeException | Error e) {
                completeExceptionally(e);
            }
        }

        /** Cancels the request, too. */
        @Override
        public boolean cancel(boolean mayInterruptIfRunning) {
            boolean cancelled = super.cancel(mayInterruptIfRunning);
            if (cancelled) {
                abandonCurrent();
            }
            return cancelled;
        }

        private void abandonCurrent() {
            PendingCall call = current;
            if (call != null && channel.abandon(call, "cancelled")) {
                call.complete(new McpInterruptedException("The call was cancelled", null));
            }
        }
    }
}
