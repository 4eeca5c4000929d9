package io.mcpdrivers.engine;

import io.mcpdrivers.McpProtocolException;
import io.mcpdrivers.schema.Tool;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Gathers the pages of {@code tools/list}, and does not follow a server in circles. */
final class ToolList {

    private static final int MOST_PAGES = 1_000;
    private static final int MOST_TOOLS = 100_000;

    private final ServerTarget server;
    private final List<Tool> tools = new ArrayList<>();
    private final Set<String> cursors = new HashSet<>();
    private @Nullable String cursor;
    private boolean complete;

    ToolList(ServerTarget server) {
        this.server = server;
    }

    boolean wantsMore() {
        return !complete;
    }

    Request nextRequest() {
        String from = cursor;
        return from == null
                ? Request.of("tools/list")
                : Request.of("tools/list", null, out -> {
                    out.writeName("cursor");
                    out.writeString(from);
                });
    }

    void add(ToolPage page) {
        tools.addAll(page.tools());
        if (tools.size() > MOST_TOOLS) {
            throw new McpProtocolException(
                    "The tool list of server '" + server.name() + "' has more than " + MOST_TOOLS + " tools", null);
        }
        cursor = page.nextCursor();
        if (cursor == null) {
            complete = true;
        } else if (!cursors.add(cursor)) {
            throw new McpProtocolException(
                    "The tool list of server '" + server.name() + "' goes in circles: cursor " + server.quote(cursor)
                            + " has come before",
                    null);
        } else if (cursors.size() >= MOST_PAGES) {
            throw new McpProtocolException(
                    "The tool list of server '" + server.name() + "' has more than " + MOST_PAGES + " pages", null);
        }
    }

    List<Tool> all() {
        return Collections.unmodifiableList(tools);
    }
}
