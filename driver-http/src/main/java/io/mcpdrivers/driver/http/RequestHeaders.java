package io.mcpdrivers.driver.http;

import io.mcpdrivers.spi.Envelope;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The headers that say to a server what a request is, as each era wants them. */
final class RequestHeaders {

    static final String SESSION = "Mcp-Session-Id";
    /** The same as received. */
    static final String SESSION_LOWER = "mcp-session-id";

    static final String INITIALIZE = "initialize";
    static final String INITIALIZED = "notifications/initialized";
    static final String CANCELLED = "notifications/cancelled";

    private static final String FIRST_MODERN = "2026-07-28";
    private static final String FIRST_WITH_VERSION_HEADER = "2025-06-18";

    private static final Header ACCEPT_BOTH = Header.prepared("Accept", "application/json, text/event-stream");
    private static final Header ACCEPT_STREAM = Header.prepared("Accept", "text/event-stream");
    private static final Header GZIP = Header.prepared("Accept-Encoding", "gzip");
    /** Of requests that have none of the user's own. */
    static final Header USER_AGENT = Header.prepared("User-Agent", "mcp-drivers");

    private static final Header NO_CACHE = Header.prepared("Cache-Control", "no-store");

    private RequestHeaders() {}

    static boolean isModern(@Nullable String revision) {
        return revision != null && revision.compareTo(FIRST_MODERN) >= 0;
    }

    /** For a message that is posted. */
    static List<Header> post(Envelope envelope, @Nullable String sessionId, boolean gzip) {
        List<Header> headers = new ArrayList<>(6);
        headers.add(ACCEPT_BOTH);
        if (gzip) {
            headers.add(GZIP);
        }
        String revision = envelope.protocolVersion();
        boolean modern = isModern(revision);
        if (!RequestHeaders.INITIALIZE.equals(envelope.method())) {
            addRevision(headers, revision);
            if (!modern) {
                addSession(headers, sessionId);
            }
        }
        if (modern) {
            if (envelope.method() != null) {
                headers.add(Header.of("Mcp-Method", HeaderValues.encode(envelope.method())));
            }
            if (envelope.name() != null) {
                headers.add(Header.of("Mcp-Name", HeaderValues.encode(envelope.name())));
            }
            for (Map.Entry<String, String> each : envelope.mirrored().entrySet()) {
                if (HeaderValues.isToken(each.getKey())) {
                    headers.add(Header.of("Mcp-Param-" + each.getKey(), HeaderValues.encode(each.getValue())));
                }
            }
        }
        return headers;
    }

    /** For a stream that is opened or resumed. */
    static List<Header> stream(@Nullable String revision, @Nullable String sessionId, @Nullable String lastEventId) {
        List<Header> headers = new ArrayList<>(5);
        headers.add(ACCEPT_STREAM);
        headers.add(NO_CACHE);
        addRevision(headers, revision);
        addSession(headers, sessionId);
        if (lastEventId != null && HeaderValues.isValue(lastEventId)) {
            headers.add(Header.of("Last-Event-ID", lastEventId));
        }
        return headers;
    }

    /** For the end of a session. */
    static List<Header> delete(@Nullable String revision, @Nullable String sessionId) {
        List<Header> headers = new ArrayList<>(2);
        addRevision(headers, revision);
        addSession(headers, sessionId);
        return headers;
    }

    private static void addRevision(List<Header> headers, @Nullable String revision) {
        if (revision != null && revision.compareTo(FIRST_WITH_VERSION_HEADER) >= 0 && HeaderValues.isToken(revision)) {
            headers.add(Header.of("MCP-Protocol-Version", revision));
        }
    }

    private static void addSession(List<Header> headers, @Nullable String sessionId) {
        if (sessionId != null) {
            headers.add(Header.sensitive(SESSION, sessionId));
        }
    }
}
