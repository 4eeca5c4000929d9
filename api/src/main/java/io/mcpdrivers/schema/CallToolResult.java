package io.mcpdrivers.schema;

import io.mcpdrivers.McpProtocolException;
import io.mcpdrivers.McpToolException;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a tool returned. Immutable.
 *
 * @see <a href="https://modelcontextprotocol.io/specification/2026-07-28/server/tools#tool-result">Specification: Tool
 *     result</a>
 */
public final class CallToolResult {

    private final List<ContentBlock> content;
    private final @Nullable JsonNode structuredContent;
    private final boolean isError;
    private final Supplier<@Nullable JsonNode> meta;

    /**
     * Creates a result.
     *
     * @param content the blocks, in order
     * @param structuredContent the result as JSON; null if there is none
     * @param isError whether the tool reports an error
     * @param meta gives the {@code _meta} of the result, or null if it has none; asked each time that somebody wants to
     *     see it, since hardly anybody does
     */
    public CallToolResult(
            List<ContentBlock> content,
            @Nullable JsonNode structuredContent,
            boolean isError,
            Supplier<@Nullable JsonNode> meta) {
        this.content = List.copyOf(content);
        this.structuredContent = structuredContent;
        this.isError = isError;
        this.meta = Objects.requireNonNull(meta, "meta");
    }

    /**
     * The blocks.
     *
     * @return the blocks in their order, not modifiable; empty if there are none
     */
    public List<ContentBlock> content() {
        return content;
    }

    /**
     * The result as JSON, which since revision 2026-07-28 may be any JSON value.
     *
     * @return the structured content; null if the tool gave none
     */
    public @Nullable JsonNode structuredContent() {
        return structuredContent;
    }

    /**
     * Whether the tool reports an error, which then stands in the content.
     *
     * @return true if so
     */
    public boolean isError() {
        return isError;
    }

    /**
     * The {@code _meta} of the result.
     *
     * @return as the server sent it; null if it sent none
     */
    public @Nullable JsonNode meta() {
        return meta.get();
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
            return JsonMapper.shared().treeToValue(structuredContent, type);
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

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof CallToolResult that
                && isError == that.isError
                && content.equals(that.content)
                && Objects.equals(structuredContent, that.structuredContent)
                && Objects.equals(meta(), that.meta());
    }

    @Override
    public int hashCode() {
        return Objects.hash(content, structuredContent, isError);
    }

    @Override
    public String toString() {
        return "CallToolResult[content=" + content + ", structuredContent=" + structuredContent + ", isError=" + isError
                + "]";
    }
}
