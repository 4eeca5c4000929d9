package io.mcpdrivers.engine;

import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A request to be sent.
 *
 * @param method the JSON-RPC method
 * @param name what it is about, for transports that mirror it: a tool's name, a resource's URI; null if nothing
 * @param params writes the members of {@code params}, but for {@code _meta}
 * @param extraMeta further members of {@code _meta} that stand in the parameters the user gave; null if none
 * @param mirrored arguments that are sent in headers too, by the headers' names without their prefix; empty if none
 */
record Request(
        String method,
        @Nullable String name,
        Params params,
        @Nullable ObjectNode extraMeta,
        Map<String, String> mirrored) {

    /** Writes members into the object that is open. */
    interface Params {
        void write(JsonWriter out);
    }

    /** Lasts until one side ends it. */
    static final String LISTEN = "subscriptions/listen";

    static final String TOOL_CALL = "tools/call";

    private static final Params NONE = out -> {};

    /** Whether the server may ask the user before it answers: not if the library itself wants to know something. */
    boolean mayAsk() {
        return switch (method) {
            case "initialize", "ping", "server/discover", "tools/list" -> false;
            default -> true;
        };
    }

    static Request of(String method) {
        return of(method, null, NONE);
    }

    static Request of(String method, @Nullable String name, Params params) {
        return new Request(method, name, params, null, Map.of());
    }

    /** The call of a tool. */
    static Request toolCall(String tool, @Nullable Object arguments, ToolHeaders headers) {
        HeaderParameters inHeaders = headers.of(Objects.requireNonNull(tool, "name"));
        if (inHeaders.parameters().isEmpty()) {
            return toolCall(tool, arguments, Map.of());
        }
        // What is mirrored has to be what is written, whatever becomes of the user's objects meanwhile.
        ObjectNode tree = Json.toObject(what(tool), arguments);
        return toolCall(tool, tree, inHeaders.values(tool, tree));
    }

    private static Request toolCall(String tool, @Nullable Object arguments, Map<String, String> mirrored) {
        Params params = out -> {
            out.writeName("name");
            out.writeString(tool);
            out.writeName("arguments");
            if (arguments instanceof Map<?, ?> map) {
                out.writeMap(map);
            } else {
                // Only what is written shows whether it is an object, so it is written as a tree first.
                out.writeValue(Json.toObject(what(tool), arguments));
            }
        };
        return new Request(TOOL_CALL, tool, params, null, mirrored);
    }

    private static String what(String tool) {
        return "arguments of tool '" + tool + "'";
    }

    /** A request with parameters as the user gave them. */
    static Request of(String method, @Nullable Object params, ToolHeaders headers) {
        ObjectNode object = Json.toObject("parameters of " + method, params);
        return ofTree(Objects.requireNonNull(method, "method"), object, headers);
    }

    private static Request ofTree(String method, ObjectNode params, ToolHeaders headers) {
        String name = nameIn(method, params);
        return new Request(
                method,
                name,
                out -> writeMembers(out, params),
                params.get("_meta") instanceof ObjectNode meta ? meta : null,
                name != null && method.equals(TOOL_CALL)
                        ? headers.of(name).values(name, params.path("arguments"))
                        : Map.of());
    }

    /** What a request is about, for the methods of which the specification says it. */
    private static @Nullable String nameIn(String method, ObjectNode params) {
        JsonNode name = switch (method) {
            case TOOL_CALL, "prompts/get" -> params.get("name");
            case "resources/read" -> params.get("uri");
            default -> null;
        };
        return name != null && name.isString() ? name.asString() : null;
    }

    /**
     * The same request as it was written once, with the arguments in headers that are wanted now.
     *
     * @param message the whole message
     */
    Request mirroredAnew(byte[] message, ToolHeaders headers) {
        ObjectNode written =
                (ObjectNode) JsonTrees.read(message, 0, message.length).get("params");
        written.remove("_meta");
        Request again = ofTree(method, written, headers);
        return new Request(method, name, again.params, extraMeta, again.mirrored);
    }

    /**
     * The same request as it was written once, whatever has become of the objects that it was written from.
     *
     * @param message the whole message
     * @param requestState the member {@code requestState}; null for none
     * @param inputResponses the member {@code inputResponses}; null for none
     */
    Request again(byte[] message, @Nullable String requestState, @Nullable ObjectNode inputResponses) {
        ObjectNode written =
                (ObjectNode) JsonTrees.read(message, 0, message.length).get("params");
        written.remove("_meta");
        written.remove("requestState");
        if (requestState != null) {
            written.put("requestState", requestState);
        }
        written.remove("inputResponses");
        if (inputResponses != null) {
            written.set("inputResponses", inputResponses);
        }
        return new Request(method, name, out -> writeMembers(out, written), extraMeta, mirrored);
    }

    private static void writeMembers(JsonWriter out, ObjectNode object) {
        for (Map.Entry<String, JsonNode> member : object.properties()) {
            if (!member.getKey().equals("_meta")) {
                out.writeName(member.getKey());
                out.writeValue(member.getValue());
            }
        }
    }
}
