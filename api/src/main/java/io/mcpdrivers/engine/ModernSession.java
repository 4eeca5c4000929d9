package io.mcpdrivers.engine;

import io.mcpdrivers.ServerMetadata;

/** Revisions from 2026-07-28: every request says who asks, by which revision, and what the client can do. */
final class ModernSession extends Session {

    private static final Request DISCOVER = Request.of("server/discover");

    /** The members of {@code _meta}, the same in each request. */
    private final byte[] meta;

    /**
     * A session.
     *
     * @param capabilities what the client offers, a JSON object
     */
    ModernSession(ServerMetadata metadata, String capabilities) {
        super(metadata);
        JsonWriter out = new JsonWriter(new byte[256]);
        out.writeName("io.modelcontextprotocol/protocolVersion");
        out.writeString(metadata.protocolVersion());
        out.writeName("io.modelcontextprotocol/clientInfo");
        ClientInfo.write(out);
        out.writeName("io.modelcontextprotocol/clientCapabilities");
        out.writeRaw(capabilities);
        this.meta = out.toBytes();
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
    void writeOwnMeta(JsonWriter out) {
        out.writeRaw(meta);
    }
}
