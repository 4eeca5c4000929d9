package io.mcpdrivers.engine;

import io.mcpdrivers.ConnectionOptions;
import io.mcpdrivers.spi.McpDriver;
import io.mcpdrivers.spi.McpUri;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Everything needed to connect to one server: a URI whose driver is known, whose parameters were checked and whose
 * placeholders were filled in.
 *
 * @param uri the resolved URI; {@link McpUri#toString()} shows no secret
 * @param driver who opens it
 * @param name the server's name for logs and threads; no secret
 * @param identity what makes two connections interchangeable: the canonical URI without what concerns this side only.
 *     Holds secrets in clear
 * @param connectTimeout from opening to a usable connection
 * @param requestTimeout the default timeout of a call
 * @param maxRequestTimeout how long progress may extend a call; at least the requestTimeout
 * @param protocol the protocol revision asked for; null to find out
 * @param maxMessageSize the largest inbound message in bytes
 * @param options what no URI can hold
 * @param memory what the connections made for this target have learnt of the server
 */
public record ServerTarget(
        McpUri uri,
        McpDriver driver,
        String name,
        String identity,
        Duration connectTimeout,
        Duration requestTimeout,
        Duration maxRequestTimeout,
        @Nullable String protocol,
        int maxMessageSize,
        ConnectionOptions options,
        ServerMemory memory) {

    ToolHeaders toolHeaders() {
        return memory.toolHeaders;
    }

    /** Shows no secret, unlike a record's own form. */
    @Override
    public String toString() {
        return name + " (" + uri + ")";
    }
}
