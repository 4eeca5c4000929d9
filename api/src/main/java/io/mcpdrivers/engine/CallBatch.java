package io.mcpdrivers.engine;

import io.mcpdrivers.CallOptions;
import io.mcpdrivers.McpBatch;
import io.mcpdrivers.McpException;
import io.mcpdrivers.McpInterruptedException;
import io.mcpdrivers.schema.CallToolResult;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
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
        calls.add(new Call(RealConnection.toolCall(name, arguments), options));
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
        Object[] sent = new Object[taken.size()];
        for (int i = 0; i < sent.length; i++) {
            Call call = taken.get(i);
            try {
                sent[i] = caller.send(call.request, call.options, caller.timeoutNanos(call.options), false);
            } catch (McpException e) {
                sent[i] = e;
            }
        }
        List<Outcome> outcomes = new ArrayList<>(sent.length);
        for (int i = 0; i < sent.length; i++) {
            if (sent[i] instanceof PendingCall pending) {
                try {
                    outcomes.add(outcome(pending, taken.get(i)));
                } catch (McpInterruptedException e) {
                    for (Object rest : sent) {
                        if (rest instanceof PendingCall other) {
                            caller.abandon(other, "interrupted");
                        }
                    }
                    throw e;
                }
            } else {
                outcomes.add(new Outcome(null, (McpException) sent[i]));
            }
        }
        return Collections.unmodifiableList(outcomes);
    }

    private Outcome outcome(PendingCall pending, Call call) {
        try {
            return new Outcome(caller.finish(pending, call.options, CallToolResultReader.INSTANCE), null);
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
        List<CompletableFuture<Outcome>> outcomes = new ArrayList<>(taken.size());
        for (Call call : taken) {
            outcomes.add(caller.callAsync(call.request, call.options, CallToolResultReader.INSTANCE)
                    .handle(CallBatch::outcome));
        }
        return CompletableFuture.allOf(outcomes.toArray(CompletableFuture[]::new))
                .thenApply(nothing ->
                        outcomes.stream().map(CompletableFuture::join).toList());
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
