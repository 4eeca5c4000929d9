package io.mcpdrivers.engine;

import io.mcpdrivers.CallOptions;
import io.mcpdrivers.McpBatch;
import io.mcpdrivers.McpException;
import io.mcpdrivers.McpInterruptedException;
import io.mcpdrivers.schema.CallToolResult;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A batch on one physical connection. */
final class CallBatch implements McpBatch {

    private record Call(Request request, CallOptions options) {}

    private final RealConnection connection;
    private final Caller caller;
    private List<Call> calls = new ArrayList<>();

    CallBatch(RealConnection connection, Caller caller) {
        this.connection = connection;
        this.caller = caller;
    }

    @Override
    public McpBatch add(String name, @Nullable Object arguments, CallOptions options) {
        calls.add(new Call(connection.toolCall(name, arguments), Objects.requireNonNull(options, "options")));
        return this;
    }

    @Override
    public int size() {
        return calls.size();
    }

    private List<Call> take() {
        connection.checkOpen();
        List<Call> taken = calls;
        calls = new ArrayList<>();
        return taken;
    }

    @Override
    public List<Outcome> execute() {
        List<Call> taken = take();
        List<Object> sent = new ArrayList<>(taken.size());
        boolean finished = false;
        try {
            for (Call call : taken) {
                sent.add(send(call));
            }
            List<Outcome> outcomes = await(taken, sent);
            finished = true;
            return outcomes;
        } finally {
            if (!finished) {
                for (Object each : sent) {
                    if (each instanceof PendingCall pending) {
                        caller.abandon(pending, "the batch was given up");
                    }
                }
            }
        }
    }

    /** A {@link PendingCall}, or why it could not be sent. */
    private Object send(Call call) {
        try {
            return caller.send(call.request, call.options, false);
        } catch (McpInterruptedException e) {
            throw e;
        } catch (McpException e) {
            return e;
        }
    }

    private List<Outcome> await(List<Call> taken, List<Object> sent) {
        List<PendingCall> withProgress = new ArrayList<>();
        for (Object each : sent) {
            if (each instanceof PendingCall pending && pending.hasProgressListener()) {
                withProgress.add(pending);
            }
        }
        List<Outcome> outcomes = new ArrayList<>(sent.size());
        for (int i = 0; i < sent.size(); i++) {
            outcomes.add(
                    sent.get(i) instanceof PendingCall pending
                            ? await(pending, taken.get(i), withProgress)
                            : new Outcome(null, (McpException) sent.get(i)));
        }
        return Collections.unmodifiableList(outcomes);
    }

    private Outcome await(PendingCall pending, Call call, List<PendingCall> withProgress) {
        try {
            return new Outcome(caller.finish(pending, call.options, CallToolResultReader.INSTANCE, withProgress), null);
        } catch (McpInterruptedException e) {
            throw e;
        } catch (McpException e) {
            return new Outcome(null, e);
        }
    }

    @Override
    public CompletableFuture<List<Outcome>> executeAsync() {
        List<Call> taken;
        try {
            taken = take();
        } catch (McpException e) {
            return CompletableFuture.failedFuture(e);
        }
        List<CompletableFuture<CallToolResult>> calls = new ArrayList<>(taken.size());
        for (Call call : taken) {
            calls.add(caller.callAsync(call.request, call.options, CallToolResultReader.INSTANCE));
        }
        return new Gathered(calls);
    }

    /** Completes when all calls have; cancelling it cancels those that have not. */
    private static final class Gathered extends CompletableFuture<List<Outcome>> {
        private final List<CompletableFuture<CallToolResult>> calls;

        Gathered(List<CompletableFuture<CallToolResult>> calls) {
            this.calls = calls;
            List<CompletableFuture<Outcome>> outcomes =
                    calls.stream().map(call -> call.handle(CallBatch::outcome)).toList();
            CompletableFuture<Void> unused = CompletableFuture.allOf(outcomes.toArray(CompletableFuture[]::new))
                    .thenAccept(nothing -> complete(
                            outcomes.stream().map(CompletableFuture::join).toList()));
        }

        @Override
        public boolean cancel(boolean mayInterruptIfRunning) {
            boolean cancelled = super.cancel(mayInterruptIfRunning);
            if (cancelled) {
                calls.forEach(call -> call.cancel(mayInterruptIfRunning));
            }
            return cancelled;
        }
    }

    private static Outcome outcome(@Nullable CallToolResult result, @Nullable Throwable failure) {
        if (result != null) {
            return new Outcome(result, null);
        }
        return new Outcome(
                null,
                failure instanceof McpException known
                        ? known
                        : new McpException("The call failed: " + failure, failure));
    }
}
