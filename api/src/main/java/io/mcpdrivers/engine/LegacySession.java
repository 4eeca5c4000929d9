package io.mcpdrivers.engine;

import io.mcpdrivers.ServerMetadata;

/** Revisions up to 2025-11-25: what both sides are was said once, in {@code initialize}. */
final class LegacySession extends Session {

    private static final Request PING = Request.of("ping");

    LegacySession(ServerMetadata metadata) {
        super(metadata);
    }

    @Override
    boolean isStateless() {
        return false;
    }

    @Override
    Request ping() {
        return PING;
    }

    @Override
    boolean hasMeta() {
        return false;
    }

    @Override
    void writeOwnMeta(JsonWriter out) {}
}
