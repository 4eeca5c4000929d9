package io.mcpdrivers.engine;

import io.mcpdrivers.CallOptions;
import io.mcpdrivers.ServerMetadata;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What the two eras of the protocol do differently once a connection is usable. */
abstract class Session {

    private static final int USUAL_ROOM = 512;
    private static final int MOST_ROOM = 16 * 1024;

    private final ServerMetadata metadata;
    /** An array to write the next request into; null while somebody does. */
    private final AtomicReference<byte @Nullable []> room = new AtomicReference<>();

    Session(ServerMetadata metadata) {
        this.metadata = metadata;
    }

    ServerMetadata metadata() {
        return metadata;
    }

    /** An array to write a request into, to be given back afterwards. */
    byte[] takeRoom() {
        byte[] kept = room.getAndSet(null);
        return kept == null ? new byte[USUAL_ROOM] : kept;
    }

    void keepRoom(byte[] used) {
        if (used.length <= MOST_ROOM) {
            room.set(used);
        }
    }

    /** Whether the server keeps nothing per connection, so that unrelated callers may share it. */
    abstract boolean isStateless();

    /** The request that costs a server least. */
    abstract Request ping();

    /** Writes {@code _meta} with its name, or nothing if there is nothing to say. */
    void writeMeta(
            JsonWriter out,
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
                    out.writeValue(entry.getValue());
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
            out.writeValue(entry.getValue());
        }
        out.writeEndObject();
    }

    abstract boolean hasMeta();

    abstract void writeOwnMeta(JsonWriter out);

    private boolean isOwnMeta(String key, boolean progress) {
        return key.equals("progressToken") && progress
                || hasMeta()
                        && (key.equals("io.modelcontextprotocol/protocolVersion")
                                || key.equals("io.modelcontextprotocol/clientInfo")
                                || key.equals("io.modelcontextprotocol/clientCapabilities"));
    }
}
