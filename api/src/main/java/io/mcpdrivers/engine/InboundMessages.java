package io.mcpdrivers.engine;

import io.mcpdrivers.schema.Progress;
import io.mcpdrivers.spi.TransportException;
import io.mcpdrivers.spi.TransportListener;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Tells apart what a server sends and passes it on: responses to the calls that wait for them, progress to its call.
 * Requests of the server are answered on another thread, since answering may block, and a thread that reads must not.
 */
final class InboundMessages implements TransportListener {

    /** Requests of the server that may await their answer being written. A server that sends more gets no answer. */
    private static final int MOST_UNANSWERED = 256;

    private static final Logger log = LoggerFactory.getLogger(InboundMessages.class);

    private final RpcChannel channel;
    private final ServerTarget target;
    private final AtomicInteger unanswered = new AtomicInteger();
    private final SerialTasks answers = new SerialTasks(Background.BLOCKING);
    private volatile boolean noiseReported;

    InboundMessages(RpcChannel channel, ServerTarget target) {
        this.channel = channel;
        this.target = target;
    }

    @Override
    public void onMessage(byte[] buffer, int offset, int length) {
        MessageHead head = new MessageHead();
        head.read(buffer, offset, length);
        switch (head.kind) {
            case RESPONSE -> {
                if (head.id >= 0) {
                    channel.responded(head.id, buffer, offset, length);
                } else {
                    // An error without an id answers a message that the server could not read.
                    log.warn(
                            "Server '{}' sent a response to no request: {}",
                            target.name(),
                            Json.quote(buffer, offset, length));
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
        JsonNode batch;
        try {
            batch = Json.MAPPER.readTree(buffer, offset, length);
        } catch (JacksonException e) {
            skip(buffer, offset, length);
            return;
        }
        for (JsonNode message : batch) {
            if (message.isObject()) {
                byte[] bytes = Json.MAPPER.writeValueAsBytes(message);
                onMessage(bytes, 0, bytes.length);
            }
        }
    }

    private void skip(byte[] buffer, int offset, int length) {
        String shown = Json.quote(buffer, offset, length);
        if (noiseReported) {
            log.debug("Server '{}' sent what is no JSON-RPC message; skipped: {}", target.name(), shown);
        } else {
            noiseReported = true;
            log.warn(
                    "Server '{}' sent what is no JSON-RPC message; skipped, and what follows of that kind is logged at"
                            + " debug level: {}",
                    target.name(),
                    shown);
        }
    }

    private void notified(@Nullable String method, byte[] buffer, int offset, int length) {
        channel.received();
        if (!"notifications/progress".equals(method)) {
            log.debug("Server '{}' sent {}", target.name(), method);
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
            log.warn(
                    "Server '{}' made a request ({}), which its protocol revision does not allow",
                    target.name(),
                    method);
            return;
        }
        if (unanswered.incrementAndGet() > MOST_UNANSWERED) {
            unanswered.decrementAndGet();
            log.warn("Server '{}' has {} requests open; {} gets no answer", target.name(), MOST_UNANSWERED, method);
            return;
        }
        byte[] response = method.equals("ping")
                ? Outgoing.emptyResult(rawId)
                : Outgoing.error(rawId, Protocol.METHOD_NOT_FOUND, "The client does not support " + method, null);
        answers.execute(() -> {
            try {
                channel.respond(response);
            } finally {
                unanswered.decrementAndGet();
            }
        });
    }

    @Override
    public void onOversized(byte[] start, byte[] tail, long size) {
        channel.received();
        long id = new MessageHead().idOfExcerpt(start, tail);
        log.warn(
                "Server '{}' sent a message of {} bytes, more than the maxMessageSize of {}; skipped",
                target.name(),
                size,
                target.maxMessageSize());
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
