package io.mcpdrivers;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What a server says of itself: the counterpart of {@code DatabaseMetaData}. Name and version are the server's own
 * words, unverified: fit for logs, not for decisions.
 *
 * @param protocolVersion the protocol revision in use, for example {@code 2026-07-28}
 * @param serverName the server software's name; empty if it gave none
 * @param serverVersion the server software's version; empty if it gave none
 * @param capabilities what the server can do, as in the specification; an object, perhaps empty
 * @param instructions how to use the server, for people and models; null if it gave none
 */
public record ServerMetadata(
        String protocolVersion,
        String serverName,
        String serverVersion,
        JsonNode capabilities,
        @Nullable String instructions) {

    /** Checks what must not be null. */
    public ServerMetadata {
        Objects.requireNonNull(protocolVersion, "protocolVersion");
        Objects.requireNonNull(serverName, "serverName");
        Objects.requireNonNull(serverVersion, "serverVersion");
        Objects.requireNonNull(capabilities, "capabilities");
    }
}
