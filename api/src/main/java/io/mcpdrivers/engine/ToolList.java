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
    /** How many messages of the largest size all pages together may make. */
    private static final int MOST_MESSAGES = 4;

    private final ServerTarget server;
    private final ServerWords words;
    private final ToolHeaders.@Nullable Listing headers;
    private final List<Tool> tools = new ArrayList<>();
    private final Set<String> cursors = new HashSet<>();
    private @Nullable String cursor;
    private boolean complete;
    private long size;

    /**
     * Begins a list.
     *
     * @param mirrors whether arguments are sent in headers, so that tools whose annotations for that are broken have to
     *     be left out
     */
    ToolList(ServerTarget server, ServerWords words, boolean mirrors) {
        this.server = server;
        this.words = words;
        this.headers = mirrors ? server.toolHeaders().new Listing() : null;
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
        size += page.size();
        if (size > (long) MOST_MESSAGES * server.maxMessageSize()) {
            throw new McpProtocolException(
                    "The tool list of server '" + server.name() + "' is larger than " + MOST_MESSAGES
                            + " times the maxMessageSize of " + server.maxMessageSize()
                            + " bytes; raise maxMessageSize if it is meant to be",
                    null);
        }
        if (headers == null) {
            tools.addAll(page.tools());
        } else {
            page.tools().stream()
                    .filter(tool -> headers.admits(tool, server.name(), words))
                    .forEach(tools::add);
        }
        if (tools.size() > MOST_TOOLS) {
            throw new McpProtocolException(
                    "The tool list of server '" + server.name() + "' has more than " + MOST_TOOLS + " tools", null);
        }
        cursor = page.nextCursor();
        if (cursor == null) {
            complete = true;
            if (headers != null) {
                headers.complete();
            }
        } else if (!cursors.add(cursor)) {
            throw new McpProtocolException(
                    "The tool list of server '" + server.name() + "' goes in circles: cursor " + words.quote(cursor)
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
