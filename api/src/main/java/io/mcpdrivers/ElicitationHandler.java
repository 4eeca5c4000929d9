package io.mcpdrivers;

/**
 * Answers what a server wants to know in the middle of a call, usually by asking the user. Given to a connection by
 * {@link ConnectionOptions#withElicitation(ElicitationHandler)}, which also tells the server that it may ask.
 *
 * <p>It runs on a thread of the library, never on the one that made the call, nor on one that reads: it may block, and
 * may use the connection that asks. Different calls may ask at once, so it must be thread-safe; the questions of one
 * answer of a modern server come one after the other. Its thread is interrupted when the answer is no longer wanted:
 * the call was cancelled or its thread interrupted, the server took the question back, the connection was closed, or
 * {@link ConnectionOptions#elicitationTimeout()} is over.
 *
 * <p>It should show {@link ElicitationRequest#serverName()}, let the user look at what is sent, and always offer to
 * decline; whether the content fits the schema is not checked. Asking for secrets in a form is forbidden to servers.
 *
 * @see <a href="https://modelcontextprotocol.io/specification/2026-07-28/client/elicitation">Specification:
 *     Elicitation</a>
 */
@FunctionalInterface
public interface ElicitationHandler {

    /**
     * Answers one question.
     *
     * @param request what is asked, and by whom
     * @return the answer
     * @throws Exception is logged, without being told to the server: a server of a revision up to 2025-11-25 gets an
     *     error, a later one gets {@link ElicitationResult#cancel()}. So does one whose handler gave null
     */
    ElicitationResult answer(ElicitationRequest request) throws Exception;
}
