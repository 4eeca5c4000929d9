package io.mcpdrivers.engine;

import io.mcpdrivers.ServerMetadata;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.io.SerializedString;

/** Revisions from 2026-07-28: every request says who asks, by which revision, and what the client can do. */
final class ModernSession extends Session {

    private static final Request DISCOVER = Request.of("server/discover");

    private static final SerializedString PROTOCOL_VERSION =
            new SerializedString("io.modelcontextprotocol/protocolVersion");
    private static final SerializedString CLIENT_INFO = new SerializedString("io.modelcontextprotocol/clientInfo");
    private static final SerializedString CLIENT_CAPABILITIES =
            new SerializedString("io.modelcontextprotocol/clientCapabilities");

    private static final SerializedString CLIENT_INFO_VALUE = new SerializedString(
            "{\"name\":\"" + Protocol.CLIENT_NAME + "\",\"version\":\"" + Protocol.CLIENT_VERSION + "\"}");

    private final SerializedString capabilities;

    /**
     * A session.
     *
     * @param capabilities what the client offers, a JSON object
     */
    ModernSession(ServerMetadata metadata, SerializedString capabilities) {
        super(metadata);
        this.capabilities = capabilities;
    }

    @Override
    boolean isStateless() {
        return true;
    }

    @Override
    Request ping() {
        return DISCOVER;
    }

    @Override
    boolean hasMeta() {
        return true;
    }

    @Override
    void writeOwnMeta(JsonGenerator out) {
        out.writeName(PROTOCOL_VERSION);
        out.writeString(metadata().protocolVersion());
        out.writeName(CLIENT_INFO);
        out.writeRawValue(CLIENT_INFO_VALUE);
        out.writeName(CLIENT_CAPABILITIES);
        out.writeRawValue(capabilities);
    }
}
