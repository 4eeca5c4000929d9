package io.mcpdrivers;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What a server wants to know. All but the server's name is as the server sent it.
 *
 * @param serverName the server's name: that of the pool's configuration or of the URI's {@code name}, else made from the
 *     URI
 * @param mode how the user is to answer
 * @param message what to tell the user; empty if the server sent none
 * @param requestedSchema for {@link Mode#FORM} the JSON Schema of the content, an object with flat properties; an empty
 *     object if the server sent none, and for {@link Mode#URL}
 * @param url for {@link Mode#URL} where to send the user; null for {@link Mode#FORM}
 * @param elicitationId for {@link Mode#URL} by which name the server knows this elicitation, which servers of 2025-11-25
 *     give; null if the server gave none, and for {@link Mode#FORM}
 * @see <a
 *     href="https://modelcontextprotocol.io/specification/2026-07-28/client/elicitation#protocol-messages">Specification:
 *     Elicitation, Protocol messages</a>
 */
public record ElicitationRequest(
        String serverName,
        Mode mode,
        String message,
        JsonNode requestedSchema,
        @Nullable String url,
        @Nullable String elicitationId) {

    /** How the user is to answer. */
    public enum Mode {
        /** By content for {@link ElicitationRequest#requestedSchema()}, which passes through this client. */
        FORM,
        /**
         * On the web page {@link ElicitationRequest#url()}, of which this client learns nothing; since 2025-11-25. The
         * handler must show the whole URL, open it only if the user agrees, in a browser, and must not fetch it itself.
         */
        URL
    }

    /** Checks what must not be null. */
    public ElicitationRequest {
        Objects.requireNonNull(serverName, "serverName");
        Objects.requireNonNull(mode, "mode");
        Objects.requireNonNull(message, "message");
        Objects.requireNonNull(requestedSchema, "requestedSchema");
    }
}
