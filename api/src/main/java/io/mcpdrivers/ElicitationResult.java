package io.mcpdrivers;

import org.jspecify.annotations.Nullable;

/** The answer to an {@link ElicitationRequest}. Its string form does not show the content. */
public final class ElicitationResult {

    /**
     * What the user did.
     *
     * @see <a
     *     href="https://modelcontextprotocol.io/specification/2026-07-28/client/elicitation#response-actions">Specification:
     *     Elicitation, Response actions</a>
     */
    public enum Action {
        /** Agreed, and filled in the form or went to the page. */
        ACCEPT,
        /** Refused. */
        DECLINE,
        /** Made no choice. */
        CANCEL
    }

    private static final ElicitationResult DECLINE = new ElicitationResult(Action.DECLINE, null);
    private static final ElicitationResult CANCEL = new ElicitationResult(Action.CANCEL, null);

    private final Action action;
    private final @Nullable Object content;

    private ElicitationResult(Action action, @Nullable Object content) {
        this.action = action;
        this.content = content;
    }

    /**
     * The user agreed.
     *
     * @param content the values by field: a map, a {@code JsonNode} or whatever Jackson writes as an object. Fields that
     *     are missing or null get the default that the requested schema has for them; null for no field. Not sent for
     *     {@link ElicitationRequest.Mode#URL}
     * @return the answer
     */
    public static ElicitationResult accept(@Nullable Object content) {
        return new ElicitationResult(Action.ACCEPT, content);
    }

    /**
     * The user agreed, with the defaults of the requested schema, or to visit the page.
     *
     * @return the answer
     */
    public static ElicitationResult accept() {
        return accept(null);
    }

    /**
     * The user refused.
     *
     * @return the answer
     */
    public static ElicitationResult decline() {
        return DECLINE;
    }

    /**
     * The user made no choice, for example by closing the window.
     *
     * @return the answer
     */
    public static ElicitationResult cancel() {
        return CANCEL;
    }

    /**
     * What the user did.
     *
     * @return the action
     */
    public Action action() {
        return action;
    }

    /**
     * What was given to {@link #accept(Object)}.
     *
     * @return the content; null if none
     */
    public @Nullable Object content() {
        return content;
    }

    @Override
    public String toString() {
        return "ElicitationResult[" + action + "]";
    }
}
