package io.mcpdrivers.engine;

import io.mcpdrivers.spi.McpUri;
import io.mcpdrivers.spi.Transport;

/**
 * What a server says, as it may be shown: without the secrets of its URI and of its transport, which it may repeat.
 *
 * @param uri the URI that it was connected to by
 * @param transport the transport of the connection that it says so on
 */
record ServerWords(McpUri uri, Transport transport) {

    /** Without secrets, else as it is. */
    String redact(String text) {
        // The transport first: a secret of its own may hold one of the URI's.
        return uri.redact(transport.redact(text));
    }

    /** The beginning of a message, for an error or a log: on one line. */
    String quote(byte[] buffer, int offset, int length) {
        return quote(Json.excerpt(buffer, offset, length));
    }

    /** The beginning of a text, as above. */
    String quote(String text) {
        return Json.quote(redact(Json.excerpt(text)));
    }
}
