package io.mcpdrivers.pool;

import io.mcpdrivers.CallOptions;
import io.mcpdrivers.engine.PhysicalConnection;
import io.mcpdrivers.schema.CallToolResult;
import io.mcpdrivers.schema.Tool;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The calls that a lease makes. */
final class Calls {

    private Calls() {}

    /** A call that is made once more as it is. */
    private abstract static class Whole<T> implements Call<T> {
        private final RetryPolicy policy;

        Whole(RetryPolicy policy) {
            this.policy = policy;
        }

        /** Whether it may be carried out twice. */
        abstract boolean isHarmless();

        @Override
        public final @Nullable Call<T> again(@Nullable T result, @Nullable Throwable failure) {
            return failure != null && policy.allows(failure, isHarmless()) ? this : null;
        }
    }

    static Call<CallToolResult> tool(RetryPolicy policy, String name, @Nullable Object arguments) {
        return new Whole<>(policy) {
            @Override
            boolean isHarmless() {
                return policy.isHarmlessTool(name);
            }

            @Override
            public CallToolResult make(PhysicalConnection connection, CallOptions options) {
                return connection.callTool(name, arguments, options);
            }

            @Override
            public CompletableFuture<CallToolResult> makeAsync(PhysicalConnection connection, CallOptions options) {
                return connection.callToolAsync(name, arguments, options);
            }
        };
    }

    static Call<JsonNode> request(RetryPolicy policy, String method, @Nullable Object params) {
        return new Whole<>(policy) {
            @Override
            boolean isHarmless() {
                return RetryPolicy.isHarmlessMethod(method);
            }

            @Override
            public JsonNode make(PhysicalConnection connection, CallOptions options) {
                return connection.request(method, params, options);
            }

            @Override
            public CompletableFuture<JsonNode> makeAsync(PhysicalConnection connection, CallOptions options) {
                return connection.requestAsync(method, params, options);
            }
        };
    }

    static Call<List<Tool>> listTools(RetryPolicy policy) {
        return new Whole<>(policy) {
            @Override
            boolean isHarmless() {
                return true;
            }

            @Override
            public List<Tool> make(PhysicalConnection connection, CallOptions options) {
                return connection.listTools(options);
            }

            @Override
            public CompletableFuture<List<Tool>> makeAsync(PhysicalConnection connection, CallOptions options) {
                return connection.listToolsAsync(options);
            }
        };
    }

    @SuppressWarnings("NullAway") // A ping has no result.
    static Call<Void> ping(RetryPolicy policy) {
        return new Whole<>(policy) {
            @Override
            boolean isHarmless() {
                return true;
            }

            @Override
            public Void make(PhysicalConnection connection, CallOptions options) {
                connection.ping(options);
                return null;
            }

            @Override
            public CompletableFuture<Void> makeAsync(PhysicalConnection connection, CallOptions options) {
                return connection.pingAsync(options);
            }
        };
    }
}
