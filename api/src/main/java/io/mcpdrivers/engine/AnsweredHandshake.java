package io.mcpdrivers.engine;

import io.mcpdrivers.McpException;
import io.mcpdrivers.McpRequestException;
import io.mcpdrivers.engine.EraMemory.Era;
import io.mcpdrivers.engine.Greetings.Verdict;
import io.mcpdrivers.spi.TransportException;
import org.jspecify.annotations.Nullable;

/**
 * Finds out a server's era where each request has an exchange of its own, as over HTTP. The server's word alone counts:
 * an answer of the protocol, or a rejection that is none. Silence, a lost connection, a server that is overloaded,
 * broken or wants authorization say nothing; they fail the attempt and leave what is remembered as it is.
 *
 * @see <a href="https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#backward-compatibility">
 *     Specification: Streamable HTTP, Backward Compatibility</a>
 */
final class AnsweredHandshake {

    private final Greetings greetings;
    private final ServerTarget target;

    AnsweredHandshake(Greetings greetings, ServerTarget target) {
        this.greetings = greetings;
        this.target = target;
    }

    /**
     * Carries the handshake out. What is remembered saves a question; if it is wrong, the other one is asked as well.
     *
     * @throws McpException if the server cannot be used
     */
    Session perform(@Nullable Era known) {
        Session before = known == Era.MODERN ? greetings.discoveredBefore() : null;
        if (before != null) {
            return before;
        }
        try {
            Session session = known == Era.LEGACY ? initializeFirst() : discoverFirst();
            EraMemory.remember(target, session.isStateless() ? Era.MODERN : Era.LEGACY);
            return session;
        } catch (McpException e) {
            if (isNotUnderstood(e)) {
                EraMemory.forget(target);
            }
            throw e;
        }
    }

    private Session discoverFirst() {
        String revision = Protocol.LEGACY.get(0);
        McpException rejection = null;
        try {
            Verdict verdict = greetings.verdict(greetings.sendDiscover());
            if (verdict.modern() != null) {
                return verdict.modern();
            }
            revision = verdict.initializeWith();
        } catch (McpException e) {
            if (!isRejection(e)) {
                throw e;
            }
            rejection = e;
        }
        try {
            return greetings.initialize(revision, false);
        } catch (McpException e) {
            throw with(e, rejection);
        }
    }

    private Session initializeFirst() {
        McpException refusal;
        try {
            return greetings.initialize(Protocol.LEGACY.get(0), false);
        } catch (McpException e) {
            if (!isNotUnderstood(e)) {
                throw e;
            }
            refusal = e;
        }
        // It may have been replaced by a modern one, which does not know initialize, or be another one of its origin.
        Verdict verdict;
        try {
            verdict = greetings.verdict(greetings.sendDiscover());
        } catch (McpException e) {
            throw isRejection(e) ? with(refusal, e) : with(e, refusal);
        }
        if (verdict.modern() != null) {
            return verdict.modern();
        }
        if (verdict.legacyRevision() != null) {
            return greetings.initialize(verdict.legacyRevision(), false);
        }
        throw refusal;
    }

    private static McpException with(McpException failure, @Nullable McpException other) {
        if (other != null) {
            failure.addSuppressed(other);
        }
        return failure;
    }

    /** Whether the server has refused a request as one that it does not know, in whichever words. */
    private static boolean isNotUnderstood(McpException e) {
        return e instanceof McpRequestException || isRejection(e);
    }

    /** The same, without a word of the protocol. */
    private static boolean isRejection(McpException e) {
        return e.getCause() instanceof TransportException cause
                && (cause.kind() == TransportException.Kind.REJECTED
                        || cause.kind() == TransportException.Kind.PROTOCOL);
    }
}
