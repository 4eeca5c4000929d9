package io.mcpdrivers.example.quickstart;

import io.mcpdrivers.schema.Tool;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import tools.jackson.databind.JsonNode;

/** Tools as a reader of a terminal wants them. */
final class ToolText {

    private static final int DESCRIPTION_CHARACTERS = 100;

    private ToolText() {}

    /** How the tool is called, for example {@code add a=<number> [b=<number>]}, and the beginning of what it does. */
    static String describe(Tool tool) {
        String description = tool.description() == null ? tool.title() : tool.description();
        if (description == null || description.isBlank()) {
            return "\n  " + signature(tool);
        }
        String line = description.strip().replaceAll("\\s+", " ");
        if (line.length() > DESCRIPTION_CHARACTERS) {
            line = line.substring(0, DESCRIPTION_CHARACTERS) + "...";
        }
        return "\n  " + signature(tool) + "\n      " + line;
    }

    /** How the tool is called. Arguments in brackets may be left out. */
    static String signature(Tool tool) {
        Set<String> required = new HashSet<>();
        tool.inputSchema().path("required").forEach(name -> required.add(name.asString("")));
        StringJoiner signature = new StringJoiner(" ");
        signature.add(tool.name());
        for (Map.Entry<String, JsonNode> property :
                tool.inputSchema().path("properties").properties()) {
            String argument = property.getKey() + "=<" + type(property.getValue()) + ">";
            signature.add(required.contains(property.getKey()) ? argument : "[" + argument + "]");
        }
        return signature.toString();
    }

    private static String type(JsonNode schema) {
        JsonNode type = schema.path("type");
        JsonNode choice = schema.path("enum").isArray() ? schema.path("enum") : type;
        if (!choice.isArray()) {
            return type.asString("any");
        }
        StringJoiner either = new StringJoiner("|");
        choice.forEach(one -> either.add(one.asString("")));
        return either.toString();
    }
}
