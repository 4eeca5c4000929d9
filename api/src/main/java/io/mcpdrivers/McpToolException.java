package io.mcpdrivers;

import io.mcpdrivers.schema.CallToolResult;

/** A tool reported an error in its result; thrown only by {@link CallToolResult#orThrow()}. */
public class McpToolException extends McpException {

    private static final long serialVersionUID = 1L;

    private final transient CallToolResult result;

    /**
     * Creates an exception.
     *
     * @param result a result with {@link CallToolResult#isError()}
     */
    public McpToolException(CallToolResult result) {
        super("The tool reported an error: " + result.text(), null);
        this.result = result;
    }

    /**
     * The whole result.
     *
     * @return the result; null after serialization of this exception
     */
    public CallToolResult result() {
        return result;
    }

    @Override
    public boolean mayHaveExecuted() {
        return true;
    }
}
