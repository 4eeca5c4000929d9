package io.mcpdrivers.engine;

import io.mcpdrivers.engine.ClientFeature.Refusal;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Answers the requests of a server, which revisions up to 2025-11-25 allow. Nothing of that happens on the thread that
 * reads: what is answered at once is written by one task after the other; what the application answers has a thread for
 * each question, so that a slow answer holds up neither the others nor a ping.
 */
final class ServerRequests {

    /** Requests that may await their answer being written. A server that sends more gets no answer. */
    private static final int MOST_UNANSWERED = 256;

    /** Questions that the application may be at; a server that asks more gets an error. */
    private static final int MOST_QUESTIONS = 256;

    /** Identifiers are echoed, and wait for that in memory. */
    private static final int MOST_CHARACTERS_OF_ID = 1_000;

    private record Question(String id, Asking asking) {
        @Override
        public boolean equals(@Nullable Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }
    }

    private final RpcChannel channel;
    private final ServerTarget target;
    private final AtomicInteger unanswered = new AtomicInteger();
    private final SerialTasks answers = new SerialTasks(Background::runSoon);
    private final AtomicInteger questions = new AtomicInteger();
    /** What the questions that the application is at take in memory; all of them together are bounded as one message is. */
    private final AtomicLong questionBytes = new AtomicLong();

    private final Set<Question> open = ConcurrentHashMap.newKeySet();

    ServerRequests(RpcChannel channel, ServerTarget target) {
        this.channel = channel;
        this.target = target;
    }

    /** Takes a request, on the thread that reads. */
    void take(@Nullable String rawId, @Nullable String method, byte[] buffer, int offset, int length) {
        String revision = channel.revision();
        if (rawId == null || method == null || revision != null && Protocol.isModern(revision)) {
            // Since 2026-07-28 servers make no requests, and clients send no responses.
            channel.oddities()
                    .report(
                            Oddities.Kind.FORBIDDEN_REQUEST,
                            () -> "made a request, which its protocol revision does not allow: "
                                    + channel.words().quote(String.valueOf(method)));
            return;
        }
        if (rawId.length() > MOST_CHARACTERS_OF_ID) {
            channel.oddities()
                    .report(
                            Oddities.Kind.UNREADABLE,
                            () -> "made a request with an id of " + rawId.length() + " characters; it gets no answer");
            return;
        }
        ClientFeature feature = channel.features().find(method);
        if (feature != null && revision == null) {
            // The user is not asked on behalf of a server that cannot be used yet.
            answer(
                    method,
                    Outgoing.error(
                            rawId,
                            Protocol.INVALID_REQUEST,
                            "The connection is not initialized; ask after that",
                            null));
        } else if (feature != null) {
            ask(rawId, feature, buffer, offset, length);
        } else if (method.equals("ping")) {
            answer(method, Outgoing.emptyResult(rawId));
        } else {
            answer(
                    method,
                    Outgoing.error(
                            rawId,
                            Protocol.METHOD_NOT_FOUND,
                            "The client does not support " + shortened(method),
                            null));
        }
    }

    private static String shortened(String method) {
        return method.length() > 100 ? method.substring(0, 100) + "..." : method;
    }

    private void answer(String method, byte[] response) {
        if (unanswered.incrementAndGet() > MOST_UNANSWERED) {
            unanswered.decrementAndGet();
            channel.oddities()
                    .report(
                            Oddities.Kind.TOO_MANY_REQUESTS,
                            () -> "has " + MOST_UNANSWERED + " requests open; a further one gets no answer: "
                                    + channel.words().quote(method));
            return;
        }
        answers.execute(() -> {
            try {
                channel.respond(response);
            } finally {
                unanswered.decrementAndGet();
            }
        });
    }

    private void ask(String rawId, ClientFeature feature, byte[] buffer, int offset, int length) {
        boolean few = questions.incrementAndGet() <= MOST_QUESTIONS;
        if (questionBytes.addAndGet(length) > target.maxMessageSize() || !few) {
            forget(length);
            channel.oddities()
                    .report(
                            Oddities.Kind.TOO_MANY_REQUESTS,
                            () -> "asks too much at once; a further question is refused: " + feature.method());
            answer(
                    feature.method(),
                    Outgoing.error(rawId, Protocol.INTERNAL_ERROR, "The client is asked too much at once", null));
            return;
        }
        byte[] message = Arrays.copyOfRange(buffer, offset, offset + length);
        Asking asking = channel.features()
                .prepare(
                        () -> feature.question(JsonTrees.read(message, 0, message.length)
                                        .path("params"))
                                .call(),
                        () -> forget(length));
        Question question = new Question(rawId, asking);
        open.add(question);
        // One of these calls may be why the server asks, and must not end while somebody thinks about the answer.
        List<PendingCall> held = channel.holdPending();
        CompletableFuture<JsonNode> unused = asking.answer().whenComplete((result, failure) -> {
            open.remove(question);
            held.forEach(PendingCall::release);
            byte[] response = response(rawId, feature, result, failure);
            if (response != null) {
                channel.respond(response);
            }
        });
        channel.features().start(asking, channel.features().timeoutNanos());
    }

    private void forget(int length) {
        questions.decrementAndGet();
        questionBytes.addAndGet(-length);
    }

    /** What is sent; null if nobody wants it any more. */
    private byte @Nullable [] response(
            String rawId, ClientFeature feature, @Nullable JsonNode result, @Nullable Throwable failure) {
        Throwable reason = failure;
        if (result != null) {
            try {
                return Outgoing.result(rawId, result);
            } catch (RuntimeException e) {
                reason = e;
            }
        }
        if (reason instanceof Asking.GivenUp) {
            return null;
        }
        if (reason instanceof Refusal refusal) {
            return Outgoing.error(rawId, refusal.code, String.valueOf(refusal.getMessage()), null);
        }
        channel.features().logFailure(feature, reason == null ? new IllegalStateException("no answer") : reason);
        return reason instanceof Asking.TooLate
                ? Outgoing.result(rawId, feature.unanswered())
                : Outgoing.error(rawId, Protocol.INTERNAL_ERROR, "The client could not answer", null);
    }

    /** The server takes a request back; it wants no answer. */
    void cancelled(byte[] buffer, int offset, int length) {
        if (open.isEmpty()) {
            return;
        }
        JsonNode id = JsonTrees.read(buffer, offset, length).path("params").path("requestId");
        String rawId = id.toString();
        for (Question question : open) {
            if (question.id.equals(rawId)) {
                // An interrupt may reach code that is not ours.
                Background.runSoon(question.asking::giveUp);
            }
        }
    }
}
