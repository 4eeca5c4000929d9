package io.mcpdrivers.engine;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads the result of one kind of request, straight from the message. */
interface ResultReader<R> {

    /**
     * Reads the value that begins at the parser's current token, and nothing behind it.
     *
     * @param parser stands at the first token of the result
     * @param buffer what the parser reads from
     * @param offset where in the buffer the parser began
     */
    R read(JsonParser parser, byte[] buffer, int offset) throws InputRequired;

    /** Any result, as a tree. */
    ResultReader<JsonNode> TREE = (parser, buffer, offset) -> {
        JsonNode result = Json.MAPPER.readTree(parser);
        if (result instanceof ObjectNode object) {
            JsonNode type = object.path("resultType");
            if (type.isString()) {
                InputRequired.check(type.asString(), object.path("requestState"), object.path("inputRequests"));
            }
        }
        return result;
    };

    /** A result that says nothing but that the server answered; it is always true. */
    ResultReader<Boolean> ANSWERED = (parser, buffer, offset) -> {
        parser.skipChildren();
        return true;
    };

    /** Reads a tree, or null for anything but an object or array. */
    static @Nullable JsonNode tree(JsonParser parser, JsonToken token) {
        if (token == JsonToken.VALUE_NULL) {
            return null;
        }
        return Json.MAPPER.readTree(parser);
    }

    /** Reads a string; anything else is null. */
    static @Nullable String string(JsonParser parser, JsonToken token) {
        if (token == JsonToken.VALUE_STRING) {
            return parser.getString();
        }
        parser.skipChildren();
        return null;
    }
}
