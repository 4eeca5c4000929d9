package io.mcpdrivers.engine;

import io.mcpdrivers.CallOptions;
import io.mcpdrivers.McpConnectionLostException;
import io.mcpdrivers.McpException;
import io.mcpdrivers.McpProtocolException;
import io.mcpdrivers.McpRequestException;
import io.mcpdrivers.ServerMetadata;
import io.mcpdrivers.engine.EraMemory.Era;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * Makes a fresh transport usable: finds out the server's era, if that is not known, and agrees on a revision.
 *
 * <p>A server of unknown era is asked {@code server/discover}. A result or an error of the modern kind shows a modern
 * server, any other error a legacy one. If nothing comes for {@link #PROBE_NANOS}, the server may be a legacy one
 * that ignores what it does not know, or one that is slow to start; so {@code initialize} is sent after it, and what is
 * answered decides: servers answer in order, and one that answers {@code initialize} alone is legacy.
 *
 * @see <a href="https://modelcontextprotocol.io/specification/2026-07-28/basic/versioning">Specification: Versioning</a>
 */
final class Handshake {

    /** The server is to be opened again, now that its era is known: this process is of no use any more. */
    static final class Reopen extends Exception {
        private static final long serialVersionUID = 1L;

        Reopen(@Nullable Throwable cause) {
            super("reopen", cause, false, false);
        }
    }

    private static final long PROBE_NANOS = TimeUnit.SECONDS.toNanos(3);
    /** A server that ends this soon after an unknown request has ended because of it, or would have anyway. */
    private static final long PROMPT_END_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final RpcChannel channel;
    private final ServerTarget target;
    private final long openedNanos;
    private final long deadlineNanos;

    private Handshake(RpcChannel channel, ServerTarget target, long openedNanos, long deadlineNanos) {
        this.channel = channel;
        this.target = target;
        this.openedNanos = openedNanos;
        this.deadlineNanos = deadlineNanos;
    }

    /**
     * Carries the handshake out.
     *
     * @throws Reopen if a new transport is needed
     * @throws McpException if the server cannot be used
     */
    static Session perform(RpcChannel channel, ServerTarget target, long openedNanos, long deadlineNanos)
            throws Reopen {
        Handshake handshake = new Handshake(channel, target, openedNanos, deadlineNanos);
        String asked = target.protocol();
        Session session;
        if (asked == null) {
            session = handshake.detect();
        } else if (Protocol.isModern(asked)) {
            session = handshake.discoverOnly(asked);
        } else {
            session = handshake.initialize(asked, true);
        }
        channel.agreeOn(session.metadata().protocolVersion());
        return session;
    }

    private Session detect() throws Reopen {
        Era known = EraMemory.recall(target);
        if (known == Era.LEGACY) {
            try {
                return initialize(Protocol.LEGACY.get(0), false);
            } catch (McpRequestException e) {
                // It may have been replaced by a modern one, which does not know initialize.
                EraMemory.forget(target);
                return retryAs(e, () -> discovered(await(sendDiscover())));
            }
        }
        if (known == Era.MODERN) {
            try {
                return discovered(await(sendDiscover()));
            } catch (McpRequestException e) {
                EraMemory.forget(target);
                return fallBack(e);
            }
        }
        return probe();
    }

    private interface Attempt {
        Session make();
    }

    /** Makes an attempt by another assumption; if that fails, too, the first failure is the one to report. */
    private static Session retryAs(McpRequestException first, Attempt attempt) {
        try {
            return attempt.make();
        } catch (McpException e) {
            first.addSuppressed(e);
            throw first;
        }
    }

    private Session probe() throws Reopen {
        try {
            PendingCall discover = sendDiscover();
            channel.awaitAny(Math.min(PROBE_NANOS, remaining() / 3), discover);
            return discover.isDone() ? discovered(await(discover)) : probeBoth(discover);
        } catch (McpRequestException e) {
            return fallBack(e);
        } catch (McpConnectionLostException e) {
            // Some legacy servers end when the first request is not initialize.
            EraMemory.remember(target, Era.LEGACY);
            if (System.nanoTime() - openedNanos < PROMPT_END_NANOS) {
                throw new Reopen(e);
            }
            throw e;
        }
    }

    /** After a probe without an answer: initializes as well, and sees what is answered. */
    private Session probeBoth(PendingCall discover) throws Reopen {
        PendingCall initialize = sendInitialize(Protocol.LEGACY.get(0));
        channel.awaitAny(remaining(), discover, initialize);
        if (!discover.isDone()) {
            Session legacy = initialized(initialize);
            if (legacy != null) {
                channel.abandon(discover, "not needed");
                return remembered(Era.LEGACY, legacy);
            }
        }
        Session modern;
        try {
            modern = discovered(await(discover));
        } catch (McpRequestException e) {
            Session legacy = isModernError(e) ? null : initialized(initialize);
            if (legacy == null) {
                throw e;
            }
            return remembered(Era.LEGACY, legacy);
        }
        Session legacy = initialized(initialize);
        if (legacy == null) {
            return modern;
        }
        // A server of both eras has now been told to be a legacy one. If there is time, start over as modern.
        long spent = System.nanoTime() - openedNanos;
        if (remaining() > spent) {
            throw new Reopen(null);
        }
        return legacy;
    }

    /** What became of {@code initialize}; null if the server refused it, as a modern one does. */
    private @Nullable Session initialized(PendingCall initialize) {
        try {
            return initialized(await(initialize), null);
        } catch (McpRequestException e) {
            return null;
        }
    }

    private Session fallBack(McpRequestException e) {
        if (!isModernError(e)) {
            return remembered(Era.LEGACY, initialize(Protocol.LEGACY.get(0), false));
        }
        List<String> supported = supportedVersions(e.data());
        for (String revision : Protocol.LEGACY) {
            if (supported.contains(revision)) {
                return initialize(revision, false);
            }
        }
        if (e.code() == Protocol.UNSUPPORTED_PROTOCOL_VERSION) {
            throw noCommonRevision(supported, e);
        }
        throw e;
    }

    private static boolean isModernError(McpRequestException e) {
        return e.code() == Protocol.UNSUPPORTED_PROTOCOL_VERSION
                || e.code() == Protocol.HEADER_MISMATCH
                || e.code() == Protocol.MISSING_CLIENT_CAPABILITY;
    }

    private Session discoverOnly(String revision) {
        try {
            return discovered(await(sendDiscover()));
        } catch (McpRequestException e) {
            throw new McpProtocolException(
                    "Server '" + target.name() + "' does not speak protocol " + revision + ", which the URI asks for ("
                            + e.getMessage() + "); use protocol=auto or a revision that it speaks",
                    e);
        }
    }

    private PendingCall sendDiscover() {
        Session session = new ModernSession(provisional(Protocol.MODERN.get(0)));
        return send(session, session.ping());
    }

    private PendingCall sendInitialize(String revision) {
        Request request = Request.of("initialize", null, out -> {
            out.writeName("protocolVersion");
            out.writeString(revision);
            out.writeName("capabilities");
            out.writeStartObject();
            out.writeEndObject();
            out.writeName("clientInfo");
            out.writeStartObject();
            out.writeName("name");
            out.writeString(Protocol.CLIENT_NAME);
            out.writeName("version");
            out.writeString(Protocol.CLIENT_VERSION);
            out.writeEndObject();
        });
        return send(new LegacySession(provisional(revision)), request);
    }

    private PendingCall send(Session session, Request request) {
        PendingCall call = PendingCall.awaited(channel.nextId(), request, Math.max(1, remaining()), null);
        channel.send(call, session, CallOptions.defaults(), false);
        return call;
    }

    private JsonNode await(PendingCall call) {
        try {
            return Replies.read(channel.await(call), call.request, channel, ResultReader.TREE);
        } catch (InputRequired e) {
            throw new McpProtocolException(
                    "Server '" + target.name() + "' asks for input in answer to " + call.request.method(), e);
        }
    }

    private Session discovered(JsonNode result) {
        List<String> supported = texts(result.path("supportedVersions"));
        for (String revision : Protocol.MODERN) {
            if (supported.contains(revision)) {
                JsonNode server = result.path("_meta").path("io.modelcontextprotocol/serverInfo");
                // Servers from before the final revision put it into the result itself.
                JsonNode info = server.isObject() ? server : result.path("serverInfo");
                return remembered(Era.MODERN, new ModernSession(metadata(revision, info, result)));
            }
        }
        if (target.protocol() == null) {
            for (String revision : Protocol.LEGACY) {
                if (supported.contains(revision)) {
                    return remembered(Era.LEGACY, initialize(revision, false));
                }
            }
        }
        throw noCommonRevision(supported, null);
    }

    private Session initialize(String revision, boolean onlyThis) {
        JsonNode result;
        try {
            result = await(sendInitialize(revision));
        } catch (McpRequestException e) {
            List<String> supported = supportedVersions(e.data());
            for (String other : Protocol.LEGACY) {
                if (!onlyThis && !other.equals(revision) && supported.contains(other)) {
                    return initialized(await(sendInitialize(other)), null);
                }
            }
            throw e;
        }
        return initialized(result, onlyThis ? revision : null);
    }

    private Session initialized(JsonNode result, @Nullable String wanted) {
        String revision = result.path("protocolVersion").asString("");
        if (!Protocol.LEGACY.contains(revision)) {
            throw noCommonRevision(List.of(revision), null);
        }
        if (wanted != null && !wanted.equals(revision)) {
            throw new McpProtocolException(
                    "Server '" + target.name() + "' offers protocol " + revision + " instead of " + wanted
                            + ", which the URI asks for; use protocol=" + revision + " or protocol=auto",
                    null);
        }
        Session session = new LegacySession(metadata(revision, result.path("serverInfo"), result));
        channel.agreeOn(revision);
        channel.notify("notifications/initialized", Outgoing.initialized());
        return session;
    }

    private Session remembered(Era era, Session session) {
        EraMemory.remember(target, era);
        return session;
    }

    private McpProtocolException noCommonRevision(List<String> offered, @Nullable Throwable cause) {
        List<String> own = new ArrayList<>(Protocol.MODERN);
        own.addAll(Protocol.LEGACY);
        return new McpProtocolException(
                "Server '" + target.name() + "' speaks protocol " + Json.quote(String.join(", ", offered))
                        + ", this client " + String.join(", ", own) + "; there is no common revision",
                cause);
    }

    private static ServerMetadata metadata(String revision, JsonNode info, JsonNode result) {
        JsonNode capabilities = result.path("capabilities");
        JsonNode instructions = result.path("instructions");
        return new ServerMetadata(
                revision,
                info.path("name").asString(""),
                info.path("version").asString(""),
                capabilities.isObject() ? capabilities : JsonNodeFactory.instance.objectNode(),
                instructions.isString() ? instructions.asString() : null);
    }

    private static ServerMetadata provisional(String revision) {
        return new ServerMetadata(revision, "", "", JsonNodeFactory.instance.objectNode(), null);
    }

    private static List<String> supportedVersions(@Nullable JsonNode data) {
        return data == null ? List.of() : texts(data.path("supported"));
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        for (JsonNode element : array) {
            if (element.isString()) {
                texts.add(element.asString());
            }
        }
        return texts;
    }

    private long remaining() {
        return deadlineNanos - System.nanoTime();
    }
}
