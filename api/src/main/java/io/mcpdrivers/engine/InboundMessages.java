package io.mcpdrivers.engine;

import io.mcpdrivers.schema.Progress;
import io.mcpdrivers.spi.TransportException;
import io.mcpdrivers.spi.TransportListener;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Tells apart what a server sends and passes it on: responses to the calls that wait for them, progress to its call,
 * requests to {@link ServerRequests}.
 */
final class InboundMessages implements TransportListener {

    private static final Logger log = LoggerFactory.getLogger(InboundMessages.class);

    private final RpcChannel channel;
    private final ServerTarget target;
    private final ServerRequests requests;

    InboundMessages(RpcChannel channel, ServerTarget target) {
        this.channel = channel;
        this.target = target;
        this.requests = new ServerRequests(channel, target);
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
                                    + channel.words().quote(buffer, offset, length),
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
                                    () -> "sent a response to no request: "
                                            + channel.words().quote(buffer, offset, length));
                }
            }
            case REQUEST -> {
                channel.received();
                requests.take(head.rawId, head.method, buffer, offset, length);
            }
            case NOTIFICATION -> notified(head.method, buffer, offset, length);
            case BATCH -> unpack(buffer, offset, length);
            case NOISE -> skip(buffer, offset, length);
        }
    }

    /** Revision 2025-03-26 let a server put several messages into one array. */
    private void unpack(byte[] buffer, int offset, int length) {
        try {
            JsonReader in = new JsonReader(buffer, offset, length);
            in.enterArray();
            while (in.nextElement()) {
                boolean object = in.kind() == '{';
                int start = in.position();
                in.skip();
                if (object) {
                    onMessage(Arrays.copyOfRange(buffer, start, in.position()), 0, in.position() - start);
                }
            }
        } catch (JacksonException e) {
            skip(buffer, offset, length);
        }
    }

    private void skip(byte[] buffer, int offset, int length) {
        channel.oddities()
                .report(
                        Oddities.Kind.NOISE,
                        () -> "sent what is no JSON-RPC message; skipped: "
                                + channel.words().quote(buffer, offset, length));
    }

    private void notified(@Nullable String method, byte[] buffer, int offset, int length) {
        channel.received();
        if ("notifications/tools/list_changed".equals(method)) {
            channel.toolsChanged();
        }
        if ("notifications/subscriptions/acknowledged".equals(method)) {
            JsonNode meta =
                    JsonTrees.read(buffer, offset, length).path("params").path("_meta");
            channel.listening(
                    meta.path("io.modelcontextprotocol/subscriptionId").asLong(-1));
        }
        if ("notifications/cancelled".equals(method)) {
            cancelled(buffer, offset, length);
        }
        if (!"notifications/progress".equals(method)) {
            if (log.isDebugEnabled()) {
                log.debug(
                        "Server '{}' sent {}",
                        target.name(),
                        method == null ? "" : channel.words().quote(method));
            }
            return;
        }
        JsonNode params = JsonTrees.read(buffer, offset, length).path("params");
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

    /** A server takes back a request of its own, or since 2026-07-28 ends what it was asked to tell of. */
    private void cancelled(byte[] buffer, int offset, int length) {
        String revision = channel.revision();
        if (revision == null || !Protocol.isModern(revision)) {
            requests.cancelled(buffer, offset, length);
            return;
        }
        JsonNode params = JsonTrees.read(buffer, offset, length).path("params");
        channel.endedListening(params.path("requestId").asLong(-1));
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
