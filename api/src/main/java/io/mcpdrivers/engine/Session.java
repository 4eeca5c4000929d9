package io.mcpdrivers.engine;

import io.mcpdrivers.CallOptions;
import io.mcpdrivers.ServerMetadata;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What the two eras of the protocol do differently once a connection is usable. */
abstract class Session {

    private final ServerMetadata metadata;

    Session(ServerMetadata metadata) {
        this.metadata = metadata;
    }

    ServerMetadata metadata() {
        return metadata;
    }

    /** Whether the server keeps nothing per connection, so that unrelated callers may share it. */
    abstract boolean isStateless();

    /** The request that costs a server least. */
    abstract Request ping();

    /** Writes {@code _meta} with its name, or nothing if there is nothing to say. */
    void writeMeta(
            JsonGenerator out,
            CallOptions options,
            long progressToken,
            @Nullable ObjectNode extra,
            Map<String, String> tracing) {
        boolean progress = options.progress() != null;
        if (!hasMeta() && !progress && options.meta().isEmpty() && extra == null && tracing.isEmpty()) {
            return;
        }
        out.writeName("_meta");
        out.writeStartObject();
        writeOwnMeta(out);
        if (progress) {
            out.writeName("progressToken");
            out.writeNumber(progressToken);
        }
        if (extra != null) {
            for (Map.Entry<String, JsonNode> entry : extra.properties()) {
                if (!options.meta().containsKey(entry.getKey()) && !isOwnMeta(entry.getKey(), progress)) {
                    out.writeName(entry.getKey());
                    Json.writeValue(out, entry.getValue());
                }
            }
        }
        for (Map.Entry<String, String> entry : tracing.entrySet()) {
            String key = entry.getKey();
            // What the user gives counts more.
            if (!options.meta().containsKey(key) && (extra == null || !extra.has(key)) && !isOwnMeta(key, progress)) {
                out.writeName(key);
                out.writeString(entry.getValue());
            }
        }
        for (Map.Entry<String, Object> entry : options.meta().entrySet()) {
            out.writeName(entry.getKey());
            Json.writeValue(out, entry.getValue());
        }
        out.writeEndObject();
    }

    abstract boolean hasMeta();

    abstract void writeOwnMeta(JsonGenerator out);

    private boolean isOwnMeta(String key, boolean progress) {
        return key.equals("progressToken") && progress
                || hasMeta()
                        && (key.equals("io.modelcontextprotocol/protocolVersion")
                                || key.equals("io.modelcontextprotocol/clientInfo")
                                || key.equals("io.modelcontextprotocol/clientCapabilities"));
    }
}
