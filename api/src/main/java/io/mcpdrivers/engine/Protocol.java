package io.mcpdrivers.engine;

import java.util.List;

/** The protocol's revisions and the numbers it defines. */
final class Protocol {

    /** Revisions without a session, newest first. */
    static final List<String> MODERN = List.of("2026-07-28");

    /** Revisions that open a session with {@code initialize}, newest first. */
    static final List<String> LEGACY = List.of("2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05");

    static final int INVALID_REQUEST = -32600;
    static final int METHOD_NOT_FOUND = -32601;
    static final int INVALID_PARAMS = -32602;
    static final int INTERNAL_ERROR = -32603;
    /** {@code HeaderMismatch}, {@code MissingRequiredClientCapability}: only a modern server sends them. */
    static final int HEADER_MISMATCH = -32020;

    static final int MISSING_CLIENT_CAPABILITY = -32021;
    static final int UNSUPPORTED_PROTOCOL_VERSION = -32022;

    private Protocol() {}

    static boolean isModern(String revision) {
        return MODERN.contains(revision);
    }

    static boolean isKnown(String revision) {
        return MODERN.contains(revision) || LEGACY.contains(revision);
    }
}
