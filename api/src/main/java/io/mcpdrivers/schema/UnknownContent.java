package io.mcpdrivers.schema;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A block of a kind that this library does not know.
 *
 * @param type the kind on the wire
 * @param json the whole block as the server sent it
 */
public record UnknownContent(String type, JsonNode json) implements ContentBlock {

    @Override
    public @Nullable JsonNode annotations() {
        return json.get("annotations");
    }

    @Override
    public @Nullable JsonNode meta() {
        return json.get("_meta");
    }
}
