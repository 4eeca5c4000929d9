package io.mcpdrivers.pool;

import io.mcpdrivers.CallOptions;
import io.mcpdrivers.McpBatch;
import io.mcpdrivers.ServerMetadata;
import io.mcpdrivers.engine.PhysicalConnection;
import io.mcpdrivers.engine.ServerTarget;
import io.mcpdrivers.schema.CallToolResult;
import io.mcpdrivers.schema.Tool;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import tools.jackson.databind.JsonNode;

/** A connection to nothing that is never lost, for tests in which every instruction counts. */
class StubConnection implements PhysicalConnection {

    private volatile boolean closed;

    @Override
    public ServerTarget target() {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean isSharable() {
        return false;
    }

    @Override
    public int inFlight() {
        return 0;
    }

    @Override
    public int abandoned() {
        return 0;
    }

    @Override
    public boolean isInDoubt() {
        return false;
    }

    @Override
    public long lastReceivedNanos() {
        return 0;
    }

    @Override
    public void onEnd(Runnable task) {}

    @Override
    public void onToolsChanged(Runnable task) {}

    @Override
    public CompletableFuture<Void> followTools(Runnable begun) {
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletableFuture<Void> closeAsync() {
        closed = true;
        // It ends when the test says so.
        return new CompletableFuture<>();
    }

    @Override
    public boolean isValid(Duration timeout) {
        return !closed;
    }

    @Override
    public boolean isClosed() {
        return closed;
    }

    @Override
    public void close() {
        closed = true;
    }

    @Override
    public boolean isWrapperFor(Class<?> type) {
        return false;
    }

    @Override
    public <T> T unwrap(Class<T> type) {
        throw new UnsupportedOperationException();
    }

    @Override
    public ServerMetadata metadata() {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<Tool> listTools(CallOptions options) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<List<Tool>> listToolsAsync(CallOptions options) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CallToolResult callTool(String name, Object arguments, CallOptions options) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<CallToolResult> callToolAsync(String name, Object arguments, CallOptions options) {
        throw new UnsupportedOperationException();
    }

    @Override
    public McpBatch batch() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void ping(CallOptions options) {}

    @Override
    public CompletableFuture<Void> pingAsync(CallOptions options) {
        throw new UnsupportedOperationException();
    }

    @Override
    public JsonNode request(String method, Object params, CallOptions options) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<JsonNode> requestAsync(String method, Object params, CallOptions options) {
        throw new UnsupportedOperationException();
    }
}
