package io.mcpdrivers.engine;

import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A request to be sent.
 *
 * @param method the JSON-RPC method
 * @param name what it is about, for transports that mirror it: a tool's name, a resource's URI; null if nothing
 * @param params writes the members of {@code params}, but for {@code _meta}
 * @param extraMeta further members of {@code _meta} that stand in the parameters the user gave; null if none
 */
record Request(
        String method,
        @Nullable String name,
        Params params,
        @Nullable ObjectNode extraMeta) {

    /** Writes members into the object that is open. */
    interface Params {
        void write(JsonGenerator out);
    }

    private static final Params NONE = out -> {};

    static Request of(String method) {
        return new Request(method, null, NONE, null);
    }

    static Request of(String method, @Nullable String name, Params params) {
        return new Request(method, name, params, null);
    }

    /** A request with parameters as the user gave them. */
    static Request of(String method, @Nullable Object params) {
        ObjectNode object = Json.toObject("parameters of " + method, params);
        JsonNode meta = object.get("_meta");
        JsonNode name = object.has("name") ? object.get("name") : object.get("uri");
        return new Request(
                Objects.requireNonNull(method, "method"),
                name != null && name.isString() ? name.asString() : null,
                out -> writeMembers(out, object),
                meta instanceof ObjectNode given ? given : null);
    }

    /**
     * The same request as it was written once, whatever has become of the objects that it was written from.
     *
     * @param message the whole message
     * @param requestState the member {@code requestState}; null for none
     */
    Request again(byte[] message, @Nullable String requestState) {
        ObjectNode written = (ObjectNode) Json.MAPPER.readTree(message).get("params");
        written.remove("_meta");
        written.remove("requestState");
        if (requestState != null) {
            written.put("requestState", requestState);
        }
        return new Request(method, name, out -> writeMembers(out, written), extraMeta);
    }

    private static void writeMembers(JsonGenerator out, ObjectNode object) {
        for (Map.Entry<String, JsonNode> member : object.properties()) {
            if (!member.getKey().equals("_meta")) {
                out.writeName(member.getKey());
                Json.writeValue(out, member.getValue());
            }
        }
    }
}
