package io.mcpdrivers.engine;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads the result of one kind of request, straight from the message. */
interface ResultReader<R> {

    /**
     * Reads the value that comes, and nothing behind it.
     *
     * @param in stands before the result
     */
    R read(JsonReader in) throws InputRequired;

    /** Any result, as a tree. */
    ResultReader<JsonNode> TREE = in -> {
        JsonNode result = JsonTrees.read(in);
        if (result instanceof ObjectNode object) {
            JsonNode type = object.path("resultType");
            if (type.isString()) {
                InputRequired.check(type.asString(), object.path("requestState"), object.path("inputRequests"));
            }
        }
        return result;
    };

    /** A result that says nothing but that the server answered; it is always true. */
    ResultReader<Boolean> ANSWERED = in -> {
        in.skip();
        return true;
    };

    /** Reads a tree; null is null. */
    static @Nullable JsonNode tree(JsonReader in) {
        if (in.kind() == 'n') {
            in.skip();
            return null;
        }
        return JsonTrees.read(in);
    }
}
