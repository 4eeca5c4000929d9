package io.mcpdrivers.engine;

import io.mcpdrivers.McpConnectionLostException;
import io.mcpdrivers.McpException;
import io.mcpdrivers.spi.TransportException;
import java.util.Objects;

/** The server has forgotten the session, and so has not acted on the request: begins another one. */
final class LostSessionRemedy implements Remedy {

    private final CurrentSession sessions;
    private final ToolHeaders headers;

    LostSessionRemedy(CurrentSession sessions, ToolHeaders headers) {
        this.sessions = sessions;
        this.headers = headers;
    }

    @Override
    public boolean helps(PendingCall failed, McpException failure) {
        Session session = failed.session;
        return failure instanceof McpConnectionLostException lost
                && !lost.mayHaveExecuted()
                && lost.getCause() instanceof TransportException cause
                && cause.kind() == TransportException.Kind.SESSION_LOST
                && session != null
                && !session.isStateless();
    }

    @Override
    public Request apply(PendingCall failed, McpException failure) {
        sessions.renew(Objects.requireNonNull(failed.session), failed);
        return failed.request.mirroredAnew(Objects.requireNonNull(failed.message), headers);
    }

    /** That the session was lost is of no interest to those for whom it should have been renewed. */
    @Override
    public McpException reason(McpException failure, McpException whyNot) {
        whyNot.addSuppressed(failure);
        return whyNot;
    }
}
