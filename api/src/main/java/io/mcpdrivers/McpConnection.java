package io.mcpdrivers;

import io.mcpdrivers.schema.CallToolResult;
import io.mcpdrivers.schema.Tool;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A connection to an MCP server: the counterpart of {@code java.sql.Connection}.
 *
 * <p>Any number of threads may use one connection at once; their requests are in flight together. Each call has a
 * blocking form and one that gives a {@link CompletableFuture}. The futures complete on threads of the library;
 * cancelling one cancels the request. A blocked thread that is interrupted gets {@link McpInterruptedException}.
 *
 * <p>The second form does not wait for an answer, but it sends the request on the calling thread. If the server does not
 * read what it is sent, as a process whose input is full, that can block for the call's timeout, a second at least; the future
 * then fails. A thread that must never block is to leave the call to another one.
 *
 * <p>Every call fails with
 *
 * <ul>
 *   <li>{@link McpTimeoutException} if no answer came within the call's timeout, by default the URI's
 *       {@code requestTimeout} (30 s), which progress extends for those who listen to it, up to
 *       {@code maxRequestTimeout} (10 min);
 *   <li>{@link McpConnectionLostException} if the connection was lost; it tells whether the server may have acted;
 *   <li>{@link McpConnectionException}, and no subclass, if the server has refused the request without a word of the
 *       protocol, such as by an HTTP status; the connection is in order;
 *   <li>{@link McpAuthorizationException} if it was refused for lack of authorization;
 *   <li>{@link McpRequestException} if the server answered with an error;
 *   <li>{@link McpProtocolException} if its answer breaks the protocol;
 *   <li>{@link McpConnectionClosedException} if this connection was closed before.
 * </ul>
 *
 * The futures fail with the same exceptions.
 */
public interface McpConnection extends AutoCloseable {

    /**
     * What the server said of itself when the connection was made. No I/O.
     *
     * @return the metadata
     */
    ServerMetadata metadata();

    /**
     * All tools of the server, every page of the list.
     *
     * @return the tools in the server's order; empty if it has none
     */
    default List<Tool> listTools() {
        return listTools(CallOptions.defaults());
    }

    /**
     * As {@link #listTools()}.
     *
     * @param options how to make each of the requests
     * @return the tools in the server's order; empty if it has none
     */
    List<Tool> listTools(CallOptions options);

    /**
     * As {@link #listTools()}, without blocking.
     *
     * @return the tools in the server's order
     */
    default CompletableFuture<List<Tool>> listToolsAsync() {
        return listToolsAsync(CallOptions.defaults());
    }

    /**
     * As {@link #listTools(CallOptions)}, without blocking.
     *
     * @param options how to make each of the requests
     * @return the tools in the server's order
     */
    CompletableFuture<List<Tool>> listToolsAsync(CallOptions options);

    /**
     * Calls a tool. An error that the tool reports is a result with {@link CallToolResult#isError()}, not an exception.
     *
     * @param name the tool's name
     * @param arguments its arguments by name; values may be whatever Jackson can write; null for none
     * @return the tool's result
     */
    default CallToolResult callTool(String name, @Nullable Map<String, ?> arguments) {
        return callTool(name, (Object) arguments, CallOptions.defaults());
    }

    /**
     * As {@link #callTool(String, Map)}.
     *
     * @param name the tool's name
     * @param arguments its arguments by name; null for none
     * @param options how to make the call
     * @return the tool's result
     */
    default CallToolResult callTool(String name, @Nullable Map<String, ?> arguments, CallOptions options) {
        return callTool(name, (Object) arguments, options);
    }

    /**
     * As {@link #callTool(String, Map)}, with the arguments in one object.
     *
     * @param name the tool's name
     * @param arguments a {@link JsonNode} or any object that Jackson writes as a JSON object, such as a record; null
     *     for none
     * @return the tool's result
     */
    default CallToolResult callTool(String name, @Nullable Object arguments) {
        return callTool(name, arguments, CallOptions.defaults());
    }

    /**
     * As {@link #callTool(String, Object)}.
     *
     * @param name the tool's name
     * @param arguments a {@code Map}, {@link JsonNode} or any object that Jackson writes as a JSON object; null for none
     * @param options how to make the call
     * @return the tool's result
     * @throws McpException if Jackson cannot write the arguments, before anything is sent
     */
    CallToolResult callTool(String name, @Nullable Object arguments, CallOptions options);

    /**
     * As {@link #callTool(String, Map)}, without blocking.
     *
     * @param name the tool's name
     * @param arguments its arguments by name; null for none
     * @return the tool's result
     */
    default CompletableFuture<CallToolResult> callToolAsync(String name, @Nullable Map<String, ?> arguments) {
        return callToolAsync(name, (Object) arguments, CallOptions.defaults());
    }

    /**
     * As {@link #callTool(String, Map, CallOptions)}, without blocking.
     *
     * @param name the tool's name
     * @param arguments its arguments by name; null for none
     * @param options how to make the call
     * @return the tool's result
     */
    default CompletableFuture<CallToolResult> callToolAsync(
            String name, @Nullable Map<String, ?> arguments, CallOptions options) {
        return callToolAsync(name, (Object) arguments, options);
    }

    /**
     * As {@link #callTool(String, Object)}, without blocking.
     *
     * @param name the tool's name
     * @param arguments a {@link JsonNode} or any object that Jackson writes as a JSON object; null for none
     * @return the tool's result
     */
    default CompletableFuture<CallToolResult> callToolAsync(String name, @Nullable Object arguments) {
        return callToolAsync(name, arguments, CallOptions.defaults());
    }

    /**
     * As {@link #callTool(String, Object, CallOptions)}, without blocking. The arguments are written before this
     * returns.
     *
     * @param name the tool's name
     * @param arguments a {@code Map}, {@link JsonNode} or any object that Jackson writes as a JSON object; null for none
     * @param options how to make the call
     * @return the tool's result
     */
    CompletableFuture<CallToolResult> callToolAsync(String name, @Nullable Object arguments, CallOptions options);

    /**
     * A batch of tool calls on this connection, all in flight at once.
     *
     * @return a new, empty batch
     */
    McpBatch batch();

    /**
     * Makes a round trip to the server: {@code ping} up to revision 2025-11-25, {@code server/discover} since, which
     * has no {@code ping}.
     *
     * @param options how to make the request
     */
    void ping(CallOptions options);

    /** As {@link #ping(CallOptions)} with the defaults. */
    default void ping() {
        ping(CallOptions.defaults());
    }

    /**
     * As {@link #ping()}, without blocking.
     *
     * @return completes when the answer has come
     */
    default CompletableFuture<Void> pingAsync() {
        return pingAsync(CallOptions.defaults());
    }

    /**
     * As {@link #ping(CallOptions)}, without blocking.
     *
     * @param options how to make the request
     * @return completes when the answer has come
     */
    CompletableFuture<Void> pingAsync(CallOptions options);

    /**
     * Sends any request, for what has no method of its own here.
     *
     * @param method the JSON-RPC method, for example {@code resources/list}
     * @param params the parameters: a {@code Map}, {@link JsonNode} or any object that Jackson writes as a JSON object;
     *     null for none. What the protocol revision asks for in {@code _meta} is added
     * @return the result as the server sent it
     */
    default JsonNode request(String method, @Nullable Object params) {
        return request(method, params, CallOptions.defaults());
    }

    /**
     * As {@link #request(String, Object)}.
     *
     * @param method the JSON-RPC method
     * @param params the parameters; null for none
     * @param options how to make the request
     * @return the result as the server sent it
     */
    JsonNode request(String method, @Nullable Object params, CallOptions options);

    /**
     * As {@link #request(String, Object)}, without blocking.
     *
     * @param method the JSON-RPC method
     * @param params the parameters; null for none
     * @return the result as the server sent it
     */
    default CompletableFuture<JsonNode> requestAsync(String method, @Nullable Object params) {
        return requestAsync(method, params, CallOptions.defaults());
    }

    /**
     * As {@link #request(String, Object, CallOptions)}, without blocking.
     *
     * @param method the JSON-RPC method
     * @param params the parameters; null for none
     * @param options how to make the request
     * @return the result as the server sent it
     */
    CompletableFuture<JsonNode> requestAsync(String method, @Nullable Object params, CallOptions options);

    /**
     * Whether the server answers, checked by a round trip.
     *
     * @param timeout how long to wait for the answer; positive
     * @return false if it does not answer in time or the connection is lost or closed; never throws for that
     */
    boolean isValid(Duration timeout);

    /**
     * Whether {@link #close()} was called, or the connection was lost. No I/O.
     *
     * @return true if no call can succeed any more
     */
    boolean isClosed();

    /**
     * Gives the connection up: a pooled one goes back warm, a physical one ends the server's process or session, which
     * may take some seconds if the server resists. Idempotent. May be called by any thread. Calls in flight on a pooled
     * connection finish; on a physical one they fail.
     */
    @Override
    void close();

    /**
     * Whether {@link #unwrap} gives something of a type.
     *
     * @param type a class or interface
     * @return true if it does
     */
    boolean isWrapperFor(Class<?> type);

    /**
     * Reaches through this object to what it wraps, as from a pooled lease to the physical connection.
     *
     * @param type the class or interface wanted
     * @param <T> its type
     * @return this object or one that it wraps
     * @throws McpException if it wraps none of that type
     */
    <T> T unwrap(Class<T> type);
}
