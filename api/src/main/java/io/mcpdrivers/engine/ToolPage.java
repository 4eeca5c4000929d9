package io.mcpdrivers.engine;

import io.mcpdrivers.schema.Tool;
import io.mcpdrivers.schema.ToolAnnotations;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * One page of {@code tools/list}.
 *
 * @param tools the tools of the page
 * @param nextCursor where the next page begins; null if this is the last
 * @param size its length in bytes
 */
record ToolPage(List<Tool> tools, @Nullable String nextCursor, long size) {

    private static final Logger log = LoggerFactory.getLogger(ToolPage.class);

    static final ResultReader<ToolPage> READER = in -> {
        long start = in.position();
        JsonNode result = ResultReader.TREE.read(in);
        List<Tool> tools = new ArrayList<>();
        int nameless = 0;
        for (JsonNode tool : result.path("tools")) {
            if (tool.path("name").isString()) {
                tools.add(tool(tool));
            } else {
                nameless++;
            }
        }
        if (nameless > 0) {
            log.warn("{} tools without a name are left out of the list", nameless);
        }
        return new ToolPage(tools, string(result, "nextCursor"), in.position() - start);
    };

    private static Tool tool(JsonNode json) {
        JsonNode inputSchema = json.path("inputSchema");
        return new Tool(
                json.path("name").asString(),
                string(json, "title"),
                string(json, "description"),
                inputSchema.isObject() ? inputSchema : JsonNodeFactory.instance.objectNode(),
                value(json, "outputSchema"),
                json.path("annotations").isObject() ? annotations(json.path("annotations")) : null,
                value(json, "_meta"));
    }

    private static ToolAnnotations annotations(JsonNode json) {
        return new ToolAnnotations(
                string(json, "title"),
                flag(json, "readOnlyHint"),
                flag(json, "destructiveHint"),
                flag(json, "idempotentHint"),
                flag(json, "openWorldHint"));
    }

    private static @Nullable JsonNode value(JsonNode json, String name) {
        JsonNode value = json.path(name);
        return value.isMissingNode() || value.isNull() ? null : value;
    }

    private static @Nullable String string(JsonNode json, String name) {
        JsonNode value = json.path(name);
        return value.isString() ? value.asString() : null;
    }

    private static @Nullable Boolean flag(JsonNode json, String name) {
        JsonNode value = json.path(name);
        return value.isBoolean() ? value.asBoolean() : null;
    }
}
