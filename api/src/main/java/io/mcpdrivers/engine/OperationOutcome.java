package io.mcpdrivers.engine;

import io.mcpdrivers.McpInterruptedException;
import io.mcpdrivers.McpRequestException;
import io.mcpdrivers.McpTimeoutException;
import io.mcpdrivers.schema.CallToolResult;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * How an operation ended, in the words of the semantic conventions.
 *
 * @param errorType {@code error.type}; null if the operation succeeded
 * @param statusCode {@code rpc.response.status_code}; null if the answer was no JSON-RPC error
 */
record OperationOutcome(
        @Nullable String errorType, @Nullable String statusCode) {

    private static final OperationOutcome SUCCESS = new OperationOutcome(null, null);
    private static final OperationOutcome TOOL_ERROR = new OperationOutcome("tool_error", null);
    private static final OperationOutcome TIMEOUT = new OperationOutcome("timeout", null);
    private static final OperationOutcome CANCELLED = new OperationOutcome("cancelled", null);

    static OperationOutcome of(String method, @Nullable Object result, @Nullable Throwable failure) {
        if (failure == null) {
            return isToolError(method, result) ? TOOL_ERROR : SUCCESS;
        }
        if (failure instanceof McpRequestException refused) {
            String code = Integer.toString(refused.code());
            return new OperationOutcome(code, code);
        }
        if (failure instanceof McpTimeoutException) {
            return TIMEOUT;
        }
        if (failure instanceof McpInterruptedException) {
            return CANCELLED;
        }
        return new OperationOutcome(typeOf(failure.getClass()), null);
    }

    /** A class of failures, by the name that the conventions want. */
    static String typeOf(Class<?> failure) {
        return Objects.requireNonNullElseGet(failure.getCanonicalName(), failure::getName);
    }

    private static boolean isToolError(String method, @Nullable Object result) {
        return result instanceof CallToolResult tool
                ? tool.isError()
                : method.equals(Request.TOOL_CALL)
                        && result instanceof JsonNode tree
                        && tree.path("isError").asBoolean(false);
    }
}
