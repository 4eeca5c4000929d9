package io.mcpdrivers.engine;

import io.mcpdrivers.schema.Tool;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which parameters the tools of one server want in headers, as its tool list last said. All connections to the server
 * share it, so that one of them has to read the list. Thread-safe.
 */
public final class ToolHeaders {

    private static final Logger log = LoggerFactory.getLogger(ToolHeaders.class);

    private static final int MOST_WARNINGS = 100;

    /** Of the last list that came whole; the later one counts if two are read at once. */
    private volatile Map<String, HeaderParameters> byTool = Map.of();

    private final Set<String> warned = ConcurrentHashMap.newKeySet();

    ToolHeaders() {}

    /** The parameters of a tool; none if it was not listed yet. */
    HeaderParameters of(String tool) {
        return byTool.getOrDefault(tool, HeaderParameters.NONE);
    }

    /** Takes in a whole tool list, to be filled tool by tool. */
    final class Listing {
        private final Map<String, HeaderParameters> found = new HashMap<>();

        /** Whether the tool may be shown: one with broken annotations may not. */
        boolean admits(Tool tool, String server, ServerWords words) {
            try {
                HeaderParameters parameters = HeaderParameters.of(tool.inputSchema(), words::quote);
                if (!parameters.parameters().isEmpty()) {
                    found.put(tool.name(), parameters);
                }
                return true;
            } catch (HeaderParameters.Invalid e) {
                String name = words.quote(tool.name());
                if (warned.size() < MOST_WARNINGS && warned.add(name + e.getMessage())) {
                    log.warn("Tool {} of server '{}' is left out: {}", name, server, e.getMessage());
                }
                return false;
            }
        }

        void complete() {
            byTool = found.isEmpty() ? Map.of() : found;
        }
    }
}
