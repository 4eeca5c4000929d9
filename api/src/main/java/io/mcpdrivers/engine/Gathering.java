package io.mcpdrivers.engine;

import io.mcpdrivers.engine.Asking.GivenUp;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The answers to what one result of a server asks for, by the server's names. They are asked for one after the other, in
 * the server's order, so that nobody has to look at two questions of one call at once. Fails with {@link GivenUp} if the
 * connection ends first.
 */
final class Gathering extends CompletableFuture<ObjectNode> {

    private final Iterator<InputRequests.Entry> rest;
    private final ClientFeatures features;
    private final ObjectNode answers = Json.MAPPER.createObjectNode();
    private final long untilNanos;
    private volatile @Nullable Asking current;

    Gathering(List<InputRequests.Entry> entries, ClientFeatures features, long nanos) {
        this.rest = entries.iterator();
        this.features = features;
        this.untilNanos = System.nanoTime() + nanos;
    }

    /** Asks the next question; each is asked by whoever brings the answer to the one before. */
    void askNext() {
        try {
            askNextUnanswered();
        } catch (Throwable e) {
            // Such as when no thread can be had. Nobody else would tell whoever waits.
            completeExceptionally(e);
        }
    }

    private void askNextUnanswered() {
        while (rest.hasNext() && !isDone()) {
            InputRequests.Entry entry = rest.next();
            long left = untilNanos - System.nanoTime();
            if (left > 0) {
                ask(entry, left);
                return;
            }
            answers.set(entry.key(), entry.feature().unanswered());
        }
        complete(answers);
    }

    private void ask(InputRequests.Entry entry, long nanos) {
        Asking asking = features.prepare(entry.question(), () -> {});
        current = asking;
        CompletableFuture<JsonNode> unused =
                asking.answer().whenComplete((result, failure) -> answered(entry, result, failure));
        features.start(asking, nanos);
        if (isDone()) {
            asking.giveUp();
        }
    }

    private void answered(InputRequests.Entry entry, @Nullable JsonNode result, @Nullable Throwable failure) {
        if (failure instanceof GivenUp) {
            completeExceptionally(failure);
            return;
        }
        try {
            if (failure != null) {
                features.logFailure(entry.feature(), failure);
            }
            answers.set(entry.key(), result != null ? result : entry.feature().unanswered());
        } catch (Throwable e) {
            completeExceptionally(e);
        }
        askNext();
    }

    /** Interrupts whoever is being asked. */
    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        boolean cancelled = super.cancel(mayInterruptIfRunning);
        Asking asking = current;
        if (cancelled && asking != null) {
            asking.giveUp();
        }
        return cancelled;
    }
}
