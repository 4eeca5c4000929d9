package io.mcpdrivers.engine;

import io.mcpdrivers.McpException;
import io.mcpdrivers.McpRequestException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The server refuses the revision of the request and lists those that it supports: sends it again in the newest of them
 * that this client has, even if it is the one that was refused.
 *
 * @see <a href="https://modelcontextprotocol.io/specification/2026-07-28/basic/versioning#protocol-version-negotiation">
 *     Specification: Protocol Version Negotiation</a>
 */
final class RevisionRemedy implements Remedy {

    private final CurrentSession sessions;
    private final ToolHeaders headers;

    RevisionRemedy(CurrentSession sessions, ToolHeaders headers) {
        this.sessions = sessions;
        this.headers = headers;
    }

    @Override
    public boolean helps(PendingCall failed, McpException failure) {
        Session session = failed.session;
        return failure instanceof McpRequestException refused
                && refused.code() == Protocol.UNSUPPORTED_PROTOCOL_VERSION
                && session != null
                && session.isStateless()
                && common(refused) != null;
    }

    private static @Nullable String common(McpRequestException refused) {
        List<String> supported = Greetings.supportedVersions(refused);
        return Greetings.newest(Protocol.MODERN, supported);
    }

    @Override
    public Request apply(PendingCall failed, McpException failure) {
        String revision = common((McpRequestException) failure);
        sessions.useRevision(Objects.requireNonNull(revision));
        return failed.request.mirroredAnew(Objects.requireNonNull(failed.message), headers);
    }
}
