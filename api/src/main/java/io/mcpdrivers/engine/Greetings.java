package io.mcpdrivers.engine;

import io.mcpdrivers.CallOptions;
import io.mcpdrivers.McpException;
import io.mcpdrivers.McpProtocolException;
import io.mcpdrivers.McpRequestException;
import io.mcpdrivers.ServerMetadata;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * The requests with which a conversation begins, {@code server/discover} and {@code initialize}, and what their answers
 * say. Used by one thread; which of them is sent when is for others to decide.
 */
final class Greetings {

    /**
     * What an answer to {@code server/discover} means.
     *
     * @param modern a session, if the server is a modern one
     * @param legacyRevision the legacy revision to use, if the server is a modern one that speaks no modern revision of
     *     this client
     */
    record Verdict(@Nullable Session modern, @Nullable String legacyRevision) {
        private static final Verdict LEGACY = new Verdict(null, null);

        /** What to begin {@code initialize} with, if the server is not used as a modern one. */
        String initializeWith() {
            return legacyRevision == null ? Protocol.LEGACY.get(0) : legacyRevision;
        }
    }

    private final RpcChannel channel;
    private final ServerTarget target;
    private final long deadlineNanos;
    /** Whether the server has answered {@code server/discover}, if only with an error. */
    private boolean discoverAnswered;

    /**
     * @param deadlineNanos by when all must have been said, as {@link System#nanoTime()} gives it
     */
    Greetings(RpcChannel channel, ServerTarget target, long deadlineNanos) {
        this.channel = channel;
        this.target = target;
        this.deadlineNanos = deadlineNanos;
    }

    long remaining() {
        return deadlineNanos - System.nanoTime();
    }

    boolean isDiscoverAnswered() {
        return discoverAnswered;
    }

    /**
     * A session by what the server said of itself not long ago, for servers that need not be asked again since nothing
     * is kept per connection; null if it has to be asked.
     */
    @Nullable
    Session discoveredBefore() {
        ServerMetadata metadata = target.memory().discovered();
        return metadata == null ? null : modern(metadata);
    }

    PendingCall sendDiscover() {
        return sendDiscover(Protocol.MODERN.get(0));
    }

    private PendingCall sendDiscover(String revision) {
        Session session = modern(provisional(revision));
        return send(session, session.ping());
    }

    PendingCall sendInitialize(String revision) {
        Request request = Request.of("initialize", null, out -> {
            out.writeName("protocolVersion");
            out.writeString(revision);
            out.writeName("capabilities");
            out.writeRaw(channel.features().capabilities());
            out.writeName("clientInfo");
            ClientInfo.write(out);
        });
        return send(new LegacySession(provisional(revision)), request);
    }

    private Session modern(ServerMetadata metadata) {
        return new ModernSession(metadata, channel.features().capabilities());
    }

    private PendingCall send(Session session, Request request) {
        PendingCall call =
                PendingCall.awaited(channel.nextId(), request, Math.max(1, remaining()), deadlineNanos, null);
        // Where an answer may never come, several requests may have to be awaited at once.
        channel.send(call, session, CallOptions.defaults(), channel.transport().hasExchangePerRequest());
        return call;
    }

    private JsonNode await(PendingCall call) {
        try {
            return Replies.await(call, List.of(), channel, ResultReader.TREE);
        } catch (InputRequired e) {
            throw new McpProtocolException(
                    "Server '" + target.name() + "' asks for input in answer to " + call.request.method(), e);
        }
    }

    /**
     * Awaits the answer to {@code server/discover}. A server that refuses the revision but lists it, or another one of
     * this client, is asked once more.
     *
     * @throws McpException if it is none that leads on
     */
    Verdict verdict(PendingCall discover) {
        PendingCall call = discover;
        for (boolean first = true; ; first = false) {
            try {
                JsonNode result = await(call);
                discoverAnswered = true;
                return discovered(result);
            } catch (McpRequestException e) {
                discoverAnswered = true;
                if (!isModernError(e)) {
                    return Verdict.LEGACY;
                }
                List<String> supported = supportedVersions(e);
                String modern = newest(Protocol.MODERN, supported);
                if (first && modern != null && e.code() == Protocol.UNSUPPORTED_PROTOCOL_VERSION) {
                    call = sendDiscover(modern);
                    continue;
                }
                String legacy = target.protocol() == null ? newest(Protocol.LEGACY, supported) : null;
                if (legacy != null) {
                    return new Verdict(null, legacy);
                }
                boolean nothingInCommon = e.code() == Protocol.UNSUPPORTED_PROTOCOL_VERSION
                        && modern == null
                        && target.protocol() == null;
                throw nothingInCommon ? noCommonRevision(supported, e) : e;
            }
        }
    }

    private Verdict discovered(JsonNode result) {
        List<String> supported = texts(result.path("supportedVersions"));
        if (supported.isEmpty()) {
            // Some servers have a result for whatever they are asked.
            return Verdict.LEGACY;
        }
        String modern = newest(Protocol.MODERN, supported);
        if (modern != null) {
            JsonNode server = result.path("_meta").path("io.modelcontextprotocol/serverInfo");
            // Servers from before the final revision put it into the result itself.
            JsonNode info = server.isObject() ? server : result.path("serverInfo");
            ServerMetadata metadata = metadata(modern, info, result);
            target.memory().keep(metadata, result.path("ttlMs").asLong(0));
            return new Verdict(modern(metadata), null);
        }
        String legacy = target.protocol() == null ? newest(Protocol.LEGACY, supported) : null;
        if (legacy == null) {
            throw noCommonRevision(supported, null);
        }
        return new Verdict(null, legacy);
    }

    /**
     * Sends {@code initialize} and what follows it.
     *
     * @param onlyThis whether no other revision will do
     * @return a legacy session, unless the server answers with a modern revision all the same
     */
    Session initialize(String revision, boolean onlyThis) {
        try {
            return initialized(sendInitialize(revision), onlyThis ? revision : null);
        } catch (McpRequestException e) {
            List<String> supported = supportedVersions(e);
            for (String other : Protocol.LEGACY) {
                if (!onlyThis && !other.equals(revision) && supported.contains(other)) {
                    return initialized(sendInitialize(other), null);
                }
            }
            throw e;
        }
    }

    /** Awaits the answer to {@code initialize}. */
    Session initialized(PendingCall initialize, @Nullable String wanted) {
        JsonNode result = await(initialize);
        String revision = result.path("protocolVersion").asString("");
        if (!Protocol.isKnown(revision)) {
            throw noCommonRevision(List.of(revision), null);
        }
        if (wanted != null && !wanted.equals(revision)) {
            throw new McpProtocolException(
                    "Server '" + target.name() + "' offers protocol " + revision + " instead of " + wanted
                            + ", which the URI asks for; use protocol=" + revision + " or protocol=auto",
                    null);
        }
        ServerMetadata metadata = metadata(revision, result.path("serverInfo"), result);
        if (Protocol.isModern(revision)) {
            return modern(metadata);
        }
        channel.agreeOn(revision);
        channel.notify("notifications/initialized", Outgoing.initialized());
        return new LegacySession(metadata);
    }

    private static boolean isModernError(McpRequestException e) {
        return e.code() == Protocol.UNSUPPORTED_PROTOCOL_VERSION
                || e.code() == Protocol.HEADER_MISMATCH
                || e.code() == Protocol.MISSING_CLIENT_CAPABILITY;
    }

    private McpProtocolException noCommonRevision(List<String> offered, @Nullable Throwable cause) {
        List<String> own = new ArrayList<>(Protocol.MODERN);
        own.addAll(Protocol.LEGACY);
        return new McpProtocolException(
                "Server '" + target.name() + "' speaks protocol "
                        + channel.words().quote(String.join(", ", offered)) + ", this client " + String.join(", ", own)
                        + "; there is no common revision",
                cause);
    }

    /** The first of this client's revisions that the server has as well; null if none. */
    static @Nullable String newest(List<String> own, List<String> supported) {
        return own.stream().filter(supported::contains).findFirst().orElse(null);
    }

    /** The revisions that an error lists; empty if none. */
    static List<String> supportedVersions(McpRequestException e) {
        JsonNode data = e.data();
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
}
