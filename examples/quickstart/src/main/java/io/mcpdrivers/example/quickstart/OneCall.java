package io.mcpdrivers.example.quickstart;

import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpDrivers;
import io.mcpdrivers.McpRequestException;
import io.mcpdrivers.schema.AudioContent;
import io.mcpdrivers.schema.CallToolResult;
import io.mcpdrivers.schema.ContentBlock;
import io.mcpdrivers.schema.EmbeddedResource;
import io.mcpdrivers.schema.ImageContent;
import io.mcpdrivers.schema.ResourceLink;
import io.mcpdrivers.schema.TextContent;
import io.mcpdrivers.schema.Tool;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** One pooled call to any server, or the list of its tools. */
final class OneCall {

    private final String uri;
    private final Arguments arguments;
    private final PrintStream out;
    private final PrintStream err;

    OneCall(String uri, Arguments arguments, PrintStream out, PrintStream err) {
        this.uri = uri;
        this.arguments = arguments;
        this.out = out;
        this.err = err;
    }

    /** Makes the call and prints what came of it; the process's exit code. */
    int run() {
        String tool = arguments.tool();
        try (McpConnection connection = McpDrivers.getConnection(uri)) {
            return tool == null ? list(connection) : call(connection, tool);
        }
    }

    private int list(McpConnection connection) {
        List<Tool> tools = connection.listTools();
        out.println(
                connection.metadata().serverName() + " " + connection.metadata().serverVersion() + ", protocol "
                        + connection.metadata().protocolVersion() + ", " + tools.size()
                        + (tools.size() == 1 ? " tool" : " tools"));
        tools.forEach(tool -> out.println(ToolText.describe(tool)));
        return 0;
    }

    private int call(McpConnection connection, String tool) {
        CallToolResult result;
        try {
            result = connection.callTool(tool, arguments.values());
        } catch (McpRequestException e) {
            // Older servers report with an error what newer ones report in a result: wrong arguments, unknown tools.
            err.println(e.getMessage());
            help(connection, tool);
            return 1;
        }
        print(result, result.isError() ? err : out);
        if (result.isError()) {
            help(connection, tool);
            return 1;
        }
        return 0;
    }

    /** After a failed call: how it would have been right, as far as the tool list tells. */
    private void help(McpConnection connection, String name) {
        List<Tool> tools = connection.listTools();
        for (Tool tool : tools) {
            if (tool.name().equals(name)) {
                err.println();
                err.println("The tool's arguments: " + ToolText.signature(tool));
                hintAtStrings(tool);
                return;
            }
        }
        err.println();
        err.println("The server has no tool '" + name + "'. Its tools:");
        tools.forEach(tool -> err.println(ToolText.signature(tool)));
    }

    /** A number on the command line is one to the tool, too, even where it wants a string of digits. */
    private void hintAtStrings(Tool tool) {
        arguments.values().forEach((key, value) -> {
            JsonNode type = tool.inputSchema().path("properties").path(key).path("type");
            if (value.isValueNode() && !value.isString() && type.asString("").equals("string")) {
                err.println("'" + key + "' is to be a string; write it as one: " + key + "='\"" + value + "\"'");
            }
        });
    }

    private static void print(CallToolResult result, PrintStream out) {
        for (ContentBlock block : result.content()) {
            out.println(text(block));
        }
        JsonNode structured = result.structuredContent();
        if (structured != null && result.text().isEmpty()) {
            out.println(structured.toPrettyString());
        } else if (result.content().isEmpty()) {
            out.println("(an empty result)");
        }
    }

    private static String text(ContentBlock block) {
        if (block instanceof TextContent text) {
            return text.text();
        } else if (block instanceof ImageContent image) {
            return "[image " + image.mimeType() + ", " + size(image.data()) + "]";
        } else if (block instanceof AudioContent audio) {
            return "[audio " + audio.mimeType() + ", " + size(audio.data()) + "]";
        } else if (block instanceof ResourceLink link) {
            return "[link to " + link.name() + ", " + link.uri() + "]";
        } else if (block instanceof EmbeddedResource resource) {
            String text = resource.text();
            return text != null ? text : "[resource " + resource.uri() + ", " + size(resource.blob()) + "]";
        }
        return "[" + block.type() + "]";
    }

    /** The size of what a Base64 text stands for. */
    private static String size(@Nullable String base64) {
        int length = base64 == null ? 0 : base64.length();
        while (length > 0 && base64 != null && base64.charAt(length - 1) == '=') {
            length--;
        }
        return String.format(Locale.ROOT, "%,d bytes", length * 3L / 4);
    }
}
