package io.mcpdrivers.engine;

import io.mcpdrivers.McpConnectionLostException;
import io.mcpdrivers.McpException;
import io.mcpdrivers.McpInterruptedException;
import io.mcpdrivers.McpProtocolException;
import io.mcpdrivers.McpRequestException;
import io.mcpdrivers.engine.EraMemory.Era;
import io.mcpdrivers.engine.Greetings.Verdict;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Makes a fresh transport usable: finds out the server's era, if that is not known, and agrees on a revision.
 *
 * <p>A server of unknown era is asked {@code server/discover}. A result or an error of the modern kind shows a modern
 * server, any other answer a legacy one. Over HTTP that is all, see {@link AnsweredHandshake}. Over a pipe, if nothing
 * comes for {@link #PROBE_NANOS}, the server may be a legacy one
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
    private final Greetings greetings;
    private final long openedNanos;
    private final long probeNanos;

    /**
     * @param openedNanos when the transport was opened, as {@link System#nanoTime()} gives it
     * @param deadlineNanos when the connection must be usable, likewise
     * @param probeNanos how long to wait for an answer to the probe alone, where silence may mean something
     */
    Handshake(RpcChannel channel, ServerTarget target, long openedNanos, long deadlineNanos, long probeNanos) {
        this.channel = channel;
        this.target = target;
        this.greetings = new Greetings(channel, target, deadlineNanos);
        this.openedNanos = openedNanos;
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
        if (asked != null) {
            session = Protocol.isModern(asked) ? modernOnly(asked) : greetings.initialize(asked, true);
        } else if (channel.transport().isLegacyOnly()) {
            session = greetings.initialize(Protocol.LEGACY.get(0), false);
        } else if (channel.transport().hasExchangePerRequest()) {
            session = new AnsweredHandshake(greetings, target).perform(known);
        } else {
            session = known == null ? probe() : trust(known);
        }
        channel.agreeOn(session.metadata().protocolVersion());
        return session;
    }

    private Session modernOnly(String revision) {
        Session before = channel.transport().hasExchangePerRequest() ? greetings.discoveredBefore() : null;
        return before != null ? before : discoverOnly(revision);
    }

    private Session discoverOnly(String revision) {
        String reason;
        McpRequestException cause = null;
        try {
            Session modern = greetings.verdict(greetings.sendDiscover()).modern();
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
            return remembered(greetings.initialize(Protocol.LEGACY.get(0), false));
        } catch (McpRequestException refusal) {
            // It may have been replaced by a modern one, which does not know initialize.
            try {
                Verdict verdict = greetings.verdict(greetings.sendDiscover());
                if (verdict.modern() != null || verdict.legacyRevision() != null) {
                    return follow(verdict, null);
                }
            } catch (McpException e) {
                refusal.addSuppressed(e);
            }
            throw refusal;
        }
    }

    private Session modernAgain() throws Reopen {
        try {
            return follow(greetings.verdict(greetings.sendDiscover()), null);
        } catch (McpConnectionLostException e) {
            throw endedByProbe(e);
        }
    }

    private Session probe() throws Reopen {
        try {
            PendingCall discover = greetings.sendDiscover();
            channel.awaitAny(Math.min(probeNanos, greetings.remaining() / 3), discover);
            return discover.isDone() ? follow(greetings.verdict(discover), null) : probeBoth(discover);
        } catch (McpConnectionLostException e) {
            throw endedByProbe(e);
        }
    }

    /** Some legacy servers end when the first request is not {@code initialize}, some of them after an answer to it. */
    private McpConnectionLostException endedByProbe(McpConnectionLostException e) throws Reopen {
        EraMemory.remember(target, Era.LEGACY);
        if (greetings.isDiscoverAnswered() || System.nanoTime() - openedNanos < PROMPT_END_NANOS) {
            throw new Reopen(Era.LEGACY, e);
        }
        return e;
    }

    /**
     * Does what the answer to {@code server/discover} leads to.
     *
     * @param initialize what was sent beside it; null if nothing
     */
    private Session follow(Verdict verdict, @Nullable Initialization initialize) {
        if (verdict.modern() != null) {
            return remembered(verdict.modern());
        }
        if (initialize == null) {
            return remembered(greetings.initialize(verdict.initializeWith(), false));
        }
        if (verdict.legacyRevision() == null) {
            return remembered(initialize.sessionOrRefusal());
        }
        Session session = initialize.session();
        return remembered(session != null ? session : greetings.initialize(verdict.legacyRevision(), false));
    }

    /** After a probe without an answer: initializes as well, and sees what is answered. */
    private Session probeBoth(PendingCall discover) throws Reopen {
        Initialization initialize = new Initialization();
        channel.awaitAny(greetings.remaining(), discover, initialize.call);
        if (initialize.call.isDone() && !discover.isDone()) {
            Session session = initialize.session();
            if (session != null) {
                channel.drop(discover, "not needed");
                return remembered(session);
            }
        }
        Verdict verdict = greetings.verdict(discover);
        Session session = follow(verdict, initialize);
        return verdict.modern() != null ? afterBoth(session, initialize) : session;
    }

    /** A server turned out modern after it was sent {@code initialize}; what matters is whether it accepted that. */
    private Session afterBoth(Session modern, Initialization initialize) throws Reopen {
        // It has started by now, so that its answer is due.
        channel.awaitAny(Math.min(probeNanos, greetings.remaining() / 2), initialize.call);
        if (!initialize.call.isDone()) {
            channel.drop(initialize.call, "not needed");
            return modern;
        }
        Session other;
        try {
            other = initialize.session();
        } catch (McpProtocolException e) {
            return modern;
        }
        if (other == null || other.isStateless()) {
            return modern;
        }
        // A server of both eras has now been told to be a legacy one. If there is time, start over as modern.
        long spent = System.nanoTime() - openedNanos;
        if (greetings.remaining() > spent) {
            throw new Reopen(Era.MODERN, null);
        }
        return other;
    }

    /** {@code initialize} of the newest legacy revision, sent while the probe has no answer. Its own is read once. */
    private final class Initialization {
        final PendingCall call = greetings.sendInitialize(Protocol.LEGACY.get(0));
        private @Nullable Session session;
        private @Nullable McpRequestException refusal;

        /** What became of it; null if the server refused, as a modern one does. */
        @Nullable
        Session session() {
            if (session == null && refusal == null) {
                try {
                    session = greetings.initialized(call, null);
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

    private Session remembered(Session session) {
        EraMemory.remember(target, session.isStateless() ? Era.MODERN : Era.LEGACY);
        return session;
    }
}
