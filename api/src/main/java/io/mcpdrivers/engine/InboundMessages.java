package io.mcpdrivers.engine;

import io.mcpdrivers.schema.Progress;
import io.mcpdrivers.spi.TransportException;
import io.mcpdrivers.spi.TransportListener;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;

/**
 * Tells apart what a server sends and passes it on: responses to the calls that wait for them, progress to its call.
 * Requests of the server are answered on another thread, since answering may block, and a thread that reads must not.
 */
final class InboundMessages implements TransportListener {

    /** Requests of the server that may await their answer being written. A server that sends more gets no answer. */
    private static final int MOST_UNANSWERED = 256;

    /** Identifiers are echoed, and wait for that in memory. */
    private static final int MOST_CHARACTERS_OF_ID = 1_000;

    private static final Logger log = LoggerFactory.getLogger(InboundMessages.class);

    private final RpcChannel channel;
    private final ServerTarget target;
    private final AtomicInteger unanswered = new AtomicInteger();
    private final SerialTasks answers = new SerialTasks(Background.BLOCKING);

    InboundMessages(RpcChannel channel, ServerTarget target) {
        this.channel = channel;
        this.target = target;
    }

    @Override
    public void onMessage(byte[] buffer, int offset, int length) {
        try {
            take(buffer, offset, length);
        } catch (RuntimeException e) {
            // One message that cannot be read is no reason to end the connection.
            channel.oddities()
                    .report(
                            Oddities.Kind.UNREADABLE,
                            () -> "sent a message that cannot be read; skipped: "
                                    + target.quote(buffer, offset, length),
                            e);
        }
    }

    @Override
    public void onResponse(long requestId, byte[] buffer, int offset, int length) {
        channel.responded(requestId, buffer, offset, length);
    }

    private void take(byte[] buffer, int offset, int length) {
        MessageHead head = new MessageHead();
        head.read(buffer, offset, length);
        switch (head.kind) {
            case RESPONSE -> {
                if (head.id >= 0) {
                    channel.responded(head.id, buffer, offset, length);
                } else {
                    // An error without an id answers a message that the server could not read.
                    channel.received();
                    channel.oddities()
                            .report(
                                    Oddities.Kind.RESPONSE_WITHOUT_ID,
                                    () -> "sent a response to no request: " + target.quote(buffer, offset, length));
                }
            }
            case REQUEST -> answer(head.rawId, head.method);
            case NOTIFICATION -> notified(head.method, buffer, offset, length);
            case BATCH -> unpack(buffer, offset, length);
            case NOISE -> skip(buffer, offset, length);
        }
    }

    /** Revision 2025-03-26 let a server put several messages into one array. */
    private void unpack(byte[] buffer, int offset, int length) {
        try (JsonParser parser = Json.parser(buffer, offset, length)) {
            parser.nextToken();
            JsonToken token = parser.nextToken();
            while (token != null && token != JsonToken.END_ARRAY) {
                int start = offset + (int) parser.currentTokenLocation().getByteOffset();
                parser.skipChildren();
                if (token == JsonToken.START_OBJECT) {
                    int end = offset + (int) parser.currentLocation().getByteOffset();
                    onMessage(Arrays.copyOfRange(buffer, start, end), 0, end - start);
                }
                token = parser.nextToken();
            }
        } catch (JacksonException e) {
            skip(buffer, offset, length);
        }
    }

    private void skip(byte[] buffer, int offset, int length) {
        channel.oddities()
                .report(
                        Oddities.Kind.NOISE,
                        () -> "sent what is no JSON-RPC message; skipped: " + target.quote(buffer, offset, length));
    }

    private void notified(@Nullable String method, byte[] buffer, int offset, int length) {
        channel.received();
        if ("notifications/tools/list_changed".equals(method)) {
            channel.toolsChanged();
        }
        if (!"notifications/progress".equals(method)) {
            if (log.isDebugEnabled()) {
                log.debug("Server '{}' sent {}", target.name(), method == null ? "" : Json.quote(method));
            }
            return;
        }
        JsonNode params = Json.MAPPER.readTree(buffer, offset, length).path("params");
        PendingCall call = channel.pending(params.path("progressToken").asLong(-1));
        if (call != null && params.path("progress").isNumber()) {
            JsonNode total = params.path("total");
            JsonNode message = params.path("message");
            call.progressed(new Progress(
                    params.path("progress").asDouble(),
                    total.isNumber() ? total.asDouble() : null,
                    message.isString() ? message.asString() : null));
        }
    }

    private void answer(@Nullable String rawId, @Nullable String method) {
        channel.received();
        String revision = channel.revision();
        if (rawId == null || method == null || revision != null && Protocol.isModern(revision)) {
            // Since 2026-07-28 servers make no requests, and clients send no responses.
            channel.oddities()
                    .report(
                            Oddities.Kind.FORBIDDEN_REQUEST,
                            () -> "made a request, which its protocol revision does not allow: "
                                    + target.quote(String.valueOf(method)));
            return;
        }
        if (rawId.length() > MOST_CHARACTERS_OF_ID) {
            channel.oddities()
                    .report(
                            Oddities.Kind.UNREADABLE,
                            () -> "made a request with an id of " + rawId.length() + " characters; it gets no answer");
            return;
        }
        if (unanswered.incrementAndGet() > MOST_UNANSWERED) {
            unanswered.decrementAndGet();
            channel.oddities()
                    .report(
                            Oddities.Kind.TOO_MANY_REQUESTS,
                            () -> "has " + MOST_UNANSWERED + " requests open; a further one gets no answer: "
                                    + target.quote(method));
            return;
        }
        byte[] response = method.equals("ping")
                ? Outgoing.emptyResult(rawId)
                : Outgoing.error(
                        rawId, Protocol.METHOD_NOT_FOUND, "The client does not support " + shortened(method), null);
        answers.execute(() -> {
            try {
                channel.respond(response);
            } finally {
                unanswered.decrementAndGet();
            }
        });
    }

    private static String shortened(String method) {
        return method.length() > 100 ? method.substring(0, 100) + "..." : method;
    }

    @Override
    public void onOversized(byte[] start, byte[] tail, long size) {
        channel.received();
        long id = new MessageHead().idOfExcerpt(start, tail);
        channel.oddities()
                .report(
                        Oddities.Kind.OVERSIZED,
                        () -> "sent a message of " + size + " bytes, more than the maxMessageSize of "
                                + target.maxMessageSize() + "; skipped");
        if (id != MessageHead.NO_RESPONSE) {
            channel.tooLarge(id, size);
        }
    }

    @Override
    public void onRequestFailed(long requestId, TransportException cause) {
        channel.failed(requestId, cause);
    }

    @Override
    public void onClosed(@Nullable TransportException cause) {
        channel.closed(cause);
    }
}
