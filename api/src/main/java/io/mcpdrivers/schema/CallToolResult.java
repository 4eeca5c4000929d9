package io.mcpdrivers.schema;

import io.mcpdrivers.McpProtocolException;
import io.mcpdrivers.McpToolException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a tool returned.
 *
 * @param content the blocks, in order; empty if there are none
 * @param structuredContent the result as JSON, which may be any JSON value; null if the tool gave none
 * @param isError whether the tool reports an error, which then stands in the content
 * @param meta the {@code _meta} of the result; null if it has none
 * @see <a href="https://modelcontextprotocol.io/specification/2026-07-28/server/tools#tool-result">Specification: Tool
 *     result</a>
 */
public record CallToolResult(
        List<ContentBlock> content,
        @Nullable JsonNode structuredContent,
        boolean isError,
        @Nullable JsonNode meta) {

    private static final JsonMapper MAPPER = JsonMapper.shared();

    /** Makes the content immutable. */
    public CallToolResult {
        content = List.copyOf(content);
    }

    /**
     * The text of the result: that of all text blocks, with a line break between them.
     *
     * @return the text; empty if there is none
     */
    public String text() {
        String first = null;
        StringBuilder joined = null;
        for (ContentBlock block : content) {
            if (block instanceof TextContent text) {
                if (first == null) {
                    first = text.text();
                } else {
                    joined = joined == null ? new StringBuilder(first) : joined;
                    joined.append('\n').append(text.text());
                }
            }
        }
        return joined != null ? joined.toString() : first == null ? "" : first;
    }

    /**
     * The structured content as an object.
     *
     * @param type what to read it as, by Jackson's rules
     * @param <T> its type
     * @return the object; null if the tool gave no structured content
     * @throws McpProtocolException if the content does not fit the type
     */
    public <T> @Nullable T structuredContent(Class<T> type) {
        if (structuredContent == null) {
            return null;
        }
        try {
            return MAPPER.treeToValue(structuredContent, type);
        } catch (JacksonException e) {
            throw new McpProtocolException(
                    "The tool's structured content cannot be read as " + type.getName() + ": " + e.getOriginalMessage(),
                    e);
        }
    }

    /**
     * This result, for those who prefer an exception to a look at {@link #isError()}.
     *
     * @return this
     * @throws McpToolException if the tool reported an error
     */
    public CallToolResult orThrow() {
        if (isError) {
            throw new McpToolException(this);
        }
        return this;
    }
}
