package io.mcpdrivers.engine;

import io.mcpdrivers.CallOptions;
import io.mcpdrivers.McpConnectionLostException;
import io.mcpdrivers.McpException;
import io.mcpdrivers.McpInterruptedException;
import io.mcpdrivers.McpProtocolException;
import io.mcpdrivers.McpRequestException;
import io.mcpdrivers.ServerMetadata;
import io.mcpdrivers.engine.EraMemory.Era;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * Makes a fresh transport usable: finds out the server's era, if that is not known, and agrees on a revision.
 *
 * <p>A server of unknown era is asked {@code server/discover}. A result or an error of the modern kind shows a modern
 * server, any other answer a legacy one. If nothing comes for {@link #PROBE_NANOS}, the server may be a legacy one
 * that ignores what it does not know, or one that is slow to start; so {@code initialize} is sent after it, and what is
 * answered decides: servers answer in order, and one that answers {@code initialize} alone is legacy.
 *
 * @see <a href="https://modelcontextprotocol.io/specification/2026-07-28/basic/versioning">Specification: Versioning</a>
 */
final class Handshake {

    /** The server is to be opened again, now that its era is known: this process is of no use any more. */
    static final class Reopen extends Exception {
        private static final long serialVersionUID = 1L;

        final Era era;

        Reopen(Era era, @Nullable Throwable cause) {
            super("reopen", cause, false, false);
            this.era = era;
        }
    }

    static final long PROBE_NANOS = TimeUnit.SECONDS.toNanos(3);
    /** A server that ends this soon after an unknown request has ended because of it, or would have anyway. */
    private static final long PROMPT_END_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final RpcChannel channel;
    private final ServerTarget target;
    private final long openedNanos;
    private final long deadlineNanos;
    private final long probeNanos;
    /** Whether the server has answered the probe, if only with an error. */
    private boolean probeAnswered;

    /**
     * @param openedNanos when the transport was opened, as {@link System#nanoTime()} gives it
     * @param deadlineNanos when the connection must be usable, likewise
     * @param probeNanos how long to wait for an answer to the probe alone
     */
    Handshake(RpcChannel channel, ServerTarget target, long openedNanos, long deadlineNanos, long probeNanos) {
        this.channel = channel;
        this.target = target;
        this.openedNanos = openedNanos;
        this.deadlineNanos = deadlineNanos;
        this.probeNanos = probeNanos;
    }

    /**
     * Carries the handshake out.
     *
     * @param known the server's era, if it was found out before
     * @throws Reopen if a new transport is needed
     * @throws McpException if the server cannot be used
     */
    Session perform(@Nullable Era known) throws Reopen {
        String asked = target.protocol();
        Session session;
        if (asked == null) {
            session = known == null ? probe() : trust(known);
        } else if (Protocol.isModern(asked)) {
            session = discoverOnly(asked);
        } else {
            session = initialize(asked, true);
        }
        channel.agreeOn(session.metadata().protocolVersion());
        return session;
    }

    /** Connects by what is remembered; if that fails for whatever reason, the next connection asks again. */
    private Session trust(Era known) throws Reopen {
        try {
            return known == Era.LEGACY ? legacyAgain() : modernAgain();
        } catch (McpInterruptedException e) {
            throw e;
        } catch (McpException e) {
            EraMemory.forget(target);
            throw e;
        }
    }

    private Session legacyAgain() {
        try {
            return remembered(Era.LEGACY, initialize(Protocol.LEGACY.get(0), false));
        } catch (McpRequestException refusal) {
            // It may have been replaced by a modern one, which does not know initialize.
            try {
                Session modern = modern(sendDiscover(), null);
                if (modern != null) {
                    return modern;
                }
            } catch (McpException e) {
                refusal.addSuppressed(e);
            }
            throw refusal;
        }
    }

    private Session modernAgain() throws Reopen {
        try {
            return modernOrLegacy(sendDiscover());
        } catch (McpConnectionLostException e) {
            throw endedByProbe(e);
        }
    }

    private Session probe() throws Reopen {
        try {
            PendingCall discover = sendDiscover();
            channel.awaitAny(Math.min(probeNanos, remaining() / 3), discover);
            return discover.isDone() ? modernOrLegacy(discover) : probeBoth(discover);
        } catch (McpConnectionLostException e) {
            throw endedByProbe(e);
        }
    }

    /** Some legacy servers end when the first request is not {@code initialize}, some of them after an answer to it. */
    private McpConnectionLostException endedByProbe(McpConnectionLostException e) throws Reopen {
        EraMemory.remember(target, Era.LEGACY);
        if (probeAnswered || System.nanoTime() - openedNanos < PROMPT_END_NANOS) {
            throw new Reopen(Era.LEGACY, e);
        }
        return e;
    }

    private Session modernOrLegacy(PendingCall discover) {
        Session modern = modern(discover, null);
        return modern != null ? modern : remembered(Era.LEGACY, initialize(Protocol.LEGACY.get(0), false));
    }

    /** After a probe without an answer: initializes as well, and sees what is answered. */
    private Session probeBoth(PendingCall discover) throws Reopen {
        Initialization initialize = new Initialization();
        channel.awaitAny(remaining(), discover, initialize.call);
        if (initialize.call.isDone() && !discover.isDone()) {
            Session legacy = initialize.session();
            if (legacy != null) {
                channel.abandon(discover, "not needed");
                return remembered(Era.LEGACY, legacy);
            }
        }
        Session session = modern(discover, initialize);
        if (session == null) {
            return remembered(Era.LEGACY, initialize.sessionOrRefusal());
        }
        return session.isStateless() ? afterBoth(session, initialize) : session;
    }

    /** A server turned out modern after it was sent {@code initialize}; what matters is whether it accepted that. */
    private Session afterBoth(Session modern, Initialization initialize) throws Reopen {
        // It has started by now, so that its answer is due.
        channel.awaitAny(Math.min(probeNanos, remaining() / 2), initialize.call);
        if (!initialize.call.isDone()) {
            channel.abandon(initialize.call, "not needed");
            return modern;
        }
        Session legacy;
        try {
            legacy = initialize.session();
        } catch (McpProtocolException e) {
            return modern;
        }
        if (legacy == null) {
            return modern;
        }
        // A server of both eras has now been told to be a legacy one. If there is time, start over as modern.
        long spent = System.nanoTime() - openedNanos;
        if (remaining() > spent) {
            throw new Reopen(Era.MODERN, null);
        }
        return legacy;
    }

    /** {@code initialize} of the newest legacy revision, sent while the probe has no answer. Its own is read once. */
    private final class Initialization {
        final PendingCall call = sendInitialize(Protocol.LEGACY.get(0));
        private @Nullable Session session;
        private @Nullable McpRequestException refusal;

        /** What became of it; null if the server refused, as a modern one does. */
        @Nullable
        Session session() {
            if (session == null && refusal == null) {
                try {
                    session = initialized(await(call), null);
                } catch (McpRequestException e) {
                    refusal = e;
                }
            }
            return session;
        }

        Session sessionOrRefusal() {
            Session accepted = session();
            if (accepted == null) {
                throw Objects.requireNonNull(refusal);
            }
            return accepted;
        }
    }

    /**
     * What the answer to {@code server/discover} leads to.
     *
     * @param initialize what was sent beside it; null if nothing
     * @return null if the answer is not a modern server's
     */
    private @Nullable Session modern(PendingCall discover, @Nullable Initialization initialize) {
        JsonNode result;
        try {
            result = await(discover);
        } catch (McpRequestException e) {
            probeAnswered = true;
            if (!isModernError(e)) {
                return null;
            }
            List<String> supported = supportedVersions(e.data());
            String listed = newestLegacy(supported);
            if (listed != null) {
                return legacyByList(listed, initialize);
            }
            throw e.code() == Protocol.UNSUPPORTED_PROTOCOL_VERSION ? noCommonRevision(supported, e) : e;
        }
        probeAnswered = true;
        JsonNode versions = result.path("supportedVersions");
        // Some servers have a result for whatever they are asked.
        return versions.isArray() ? discovered(result, texts(versions), initialize) : null;
    }

    private Session discovered(JsonNode result, List<String> supported, @Nullable Initialization initialize) {
        for (String revision : Protocol.MODERN) {
            if (supported.contains(revision)) {
                JsonNode server = result.path("_meta").path("io.modelcontextprotocol/serverInfo");
                // Servers from before the final revision put it into the result itself.
                JsonNode info = server.isObject() ? server : result.path("serverInfo");
                return remembered(Era.MODERN, new ModernSession(metadata(revision, info, result)));
            }
        }
        String listed = target.protocol() == null ? newestLegacy(supported) : null;
        if (listed == null) {
            throw noCommonRevision(supported, null);
        }
        return legacyByList(listed, initialize);
    }

    /** A server that knows both eras, but no modern revision of this client. */
    private Session legacyByList(String revision, @Nullable Initialization initialize) {
        Session legacy = initialize == null ? null : initialize.session();
        return remembered(Era.LEGACY, legacy != null ? legacy : initialize(revision, false));
    }

    private static @Nullable String newestLegacy(List<String> supported) {
        return Protocol.LEGACY.stream().filter(supported::contains).findFirst().orElse(null);
    }

    private static boolean isModernError(McpRequestException e) {
        return e.code() == Protocol.UNSUPPORTED_PROTOCOL_VERSION
                || e.code() == Protocol.HEADER_MISMATCH
                || e.code() == Protocol.MISSING_CLIENT_CAPABILITY;
    }

    private Session discoverOnly(String revision) {
        String reason;
        McpRequestException cause = null;
        try {
            Session modern = modern(sendDiscover(), null);
            if (modern != null) {
                return modern;
            }
            reason = "it does not answer server/discover as a server of that revision does";
        } catch (McpRequestException e) {
            reason = String.valueOf(e.getMessage());
            cause = e;
        }
        throw new McpProtocolException(
                "Server '" + target.name() + "' does not speak protocol " + revision + ", which the URI asks for ("
                        + reason + "); use protocol=auto or a revision that it speaks",
                cause);
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
        PendingCall call =
                PendingCall.awaited(channel.nextId(), request, Math.max(1, remaining()), deadlineNanos, null);
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
                "Server '" + target.name() + "' speaks protocol " + target.quote(String.join(", ", offered))
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
