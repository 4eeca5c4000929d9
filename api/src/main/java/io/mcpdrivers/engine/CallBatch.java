package io.mcpdrivers.engine;

import io.mcpdrivers.CallOptions;
import io.mcpdrivers.McpBatch;
import io.mcpdrivers.McpException;
import io.mcpdrivers.McpInterruptedException;
import io.mcpdrivers.schema.CallToolResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A batch on one physical connection. */
final class CallBatch implements McpBatch {

    private record Call(String name, @Nullable Object arguments, CallOptions options) {}

    private final RealConnection connection;
    private final Caller caller;
    private List<Call> calls = new ArrayList<>();

    CallBatch(RealConnection connection, Caller caller) {
        this.connection = connection;
        this.caller = caller;
    }

    @Override
    public McpBatch add(String name, @Nullable Object arguments, CallOptions options) {
        calls.add(
                new Call(Objects.requireNonNull(name, "name"), arguments, Objects.requireNonNull(options, "options")));
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
        List<Item> items = new ArrayList<>();
        try {
            for (Call call : take()) {
                items.add(send(call));
            }
            List<PendingCall> withProgress = new ArrayList<>();
            items.forEach(item -> item.addIfWithProgress(withProgress));
            // First to the questions that servers have, and to what failed and is sent again, so that none of that
            // comes
            // later for another being answered slowly.
            items.forEach(item -> item.advance(withProgress));
            items.forEach(item -> item.finish(withProgress));
        } finally {
            items.forEach(Item::giveUp);
        }
        return items.stream().map(Item::outcome).toList();
    }

    private Item send(Call call) {
        Item item = new Item();
        item.attempt(() -> {
            Request request = connection.toolCall(call.name, call.arguments);
            item.call = caller.send(request, call.options, CallToolResultReader.INSTANCE, false);
        });
        return item;
    }

    /** A call on its way to its outcome. */
    private static final class Item {
        private @Nullable AwaitedCall<CallToolResult> call;
        private @Nullable Outcome outcome;

        void addIfWithProgress(List<PendingCall> others) {
            if (call != null && call.current().hasProgressListener()) {
                others.add(call.current());
            }
        }

        void advance(List<PendingCall> others) {
            AwaitedCall<CallToolResult> sent = call;
            if (outcome == null && sent != null) {
                attempt(() -> sent.advance(others));
            }
        }

        void finish(List<PendingCall> others) {
            AwaitedCall<CallToolResult> sent = call;
            if (outcome == null && sent != null) {
                attempt(() -> outcome = new Outcome(sent.finish(others), null));
            }
        }

        private void attempt(Runnable step) {
            try {
                step.run();
            } catch (McpInterruptedException e) {
                throw e;
            } catch (McpException e) {
                outcome = new Outcome(null, e);
            }
        }

        void giveUp() {
            if (outcome == null && call != null) {
                call.giveUp("the batch was given up");
            }
        }

        Outcome outcome() {
            return Objects.requireNonNull(outcome);
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
            calls.add(connection.callToolAsync(call.name, call.arguments, call.options));
        }
        return new Gathered(calls);
    }

    /** Completes when all calls have; cancelling it cancels those that have not, before it completes. */
    private static final class Gathered extends CompletableFuture<List<Outcome>> {
        private final List<CompletableFuture<CallToolResult>> calls;
        private volatile boolean cancelling;

        Gathered(List<CompletableFuture<CallToolResult>> calls) {
            this.calls = calls;
            List<CompletableFuture<Outcome>> outcomes =
                    calls.stream().map(call -> call.handle(CallBatch::outcome)).toList();
            CompletableFuture<Void> unused = CompletableFuture.allOf(outcomes.toArray(CompletableFuture[]::new))
                    .thenAccept(nothing -> {
                        if (!cancelling) {
                            complete(outcomes.stream()
                                    .map(CompletableFuture::join)
                                    .toList());
                        }
                    });
        }

        @Override
        public boolean cancel(boolean mayInterruptIfRunning) {
            cancelling = true;
            try {
                calls.forEach(call -> call.cancel(mayInterruptIfRunning));
            } finally {
                super.cancel(mayInterruptIfRunning);
            }
            return isCancelled();
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
