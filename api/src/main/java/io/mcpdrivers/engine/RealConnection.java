package io.mcpdrivers.engine;

import io.mcpdrivers.CallOptions;
import io.mcpdrivers.McpBatch;
import io.mcpdrivers.McpConnectionClosedException;
import io.mcpdrivers.McpConnectionLostException;
import io.mcpdrivers.McpException;
import io.mcpdrivers.McpProtocolException;
import io.mcpdrivers.McpRequestException;
import io.mcpdrivers.ServerMetadata;
import io.mcpdrivers.schema.CallToolResult;
import io.mcpdrivers.schema.Tool;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A connection over one transport. */
final class RealConnection implements PhysicalConnection {

    /** What a server is asked to tell of. */
    private static final Map<String, Object> TOOL_CHANGES = Map.of("notifications", Map.of("toolsListChanged", true));

    private final RpcChannel channel;
    private final CurrentSession sessions;
    private final Runnable shutdownEntry;
    private final Caller caller;
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    /** Requests that last as long as the connection. */
    private final AtomicInteger following = new AtomicInteger();

    private volatile boolean closing;
    /** Whether it is this side that ended it; what the server has ended is closed afterwards, too. */
    private volatile boolean endedHere;

    RealConnection(RpcChannel channel, Session session, Runnable shutdownEntry) {
        this.channel = channel;
        this.sessions = new CurrentSession(channel, session);
        this.shutdownEntry = shutdownEntry;
        this.caller = new Caller(
                channel,
                sessions,
                List.of(
                        new LostSessionRemedy(sessions, toolHeaders()),
                        new RevisionRemedy(sessions, toolHeaders()),
                        new HeaderMismatchRemedy(this)));
        // A server that has ended may have left children behind, whether or not anybody closes the connection.
        onEnd(this::closeTransport);
        if (channel.meter() != null) {
            onEnd(this::measureEnd);
        }
    }

    private void measureEnd() {
        ConnectionMeter meter = channel.meter();
        if (meter != null) {
            meter.ended(metadata().protocolVersion(), endedHere ? null : McpConnectionLostException.class);
        }
    }

    @Override
    public ServerMetadata metadata() {
        return sessions.get().metadata();
    }

    @Override
    public List<Tool> listTools(CallOptions options) {
        checkOpen();
        return readTools(() -> options);
    }

    /**
     * The tools; those with broken annotations are left out where that matters.
     *
     * @param options asked for each page
     */
    List<Tool> readTools(Supplier<CallOptions> options) {
        ToolList tools = new ToolList(channel.target(), channel.words(), mirrors());
        while (tools.wantsMore()) {
            try {
                tools.add(caller.call(tools.nextRequest(), options.get(), ToolPage.READER));
            } catch (McpRequestException e) {
                throwUnlessWithoutTools(e);
                return List.of();
            }
        }
        return tools.all();
    }

    /** A server that does not claim to have tools need not know how to list them. */
    private void throwUnlessWithoutTools(McpRequestException e) {
        if (e.code() != Protocol.METHOD_NOT_FOUND || metadata().capabilities().has("tools")) {
            throw e;
        }
    }

    @Override
    public CompletableFuture<List<Tool>> listToolsAsync(CallOptions options) {
        ToolList tools = new ToolList(channel.target(), channel.words(), mirrors());
        Derived<List<Tool>> all = new Derived<>();
        listRest(tools, options, all);
        return all;
    }

    private void listRest(ToolList tools, CallOptions options, Derived<List<Tool>> all) {
        all.follow(
                callAsync(tools.nextRequest(), options, ToolPage.READER),
                page -> {
                    tools.add(page);
                    if (tools.wantsMore()) {
                        listRest(tools, options, all);
                    } else {
                        all.complete(tools.all());
                    }
                },
                failure -> {
                    if (failure instanceof McpRequestException refused) {
                        throwUnlessWithoutTools(refused);
                        all.complete(List.of());
                    }
                });
    }

    @Override
    public CallToolResult callTool(String name, @Nullable Object arguments, CallOptions options) {
        checkOpen();
        return caller.call(toolCall(name, arguments), options, CallToolResultReader.INSTANCE);
    }

    @Override
    public CompletableFuture<CallToolResult> callToolAsync(
            String name, @Nullable Object arguments, CallOptions options) {
        Request request;
        try {
            request = toolCall(name, arguments);
        } catch (McpException e) {
            return CompletableFuture.failedFuture(e);
        }
        return callAsync(request, options, CallToolResultReader.INSTANCE);
    }

    Request toolCall(String name, @Nullable Object arguments) {
        return Request.toolCall(name, arguments, toolHeaders());
    }

    /** Whether arguments are sent in headers too, which the specification wants over HTTP since 2026-07-28. */
    boolean mirrors() {
        return sessions.get().isStateless() && channel.transport().hasExchangePerRequest();
    }

    private ToolHeaders toolHeaders() {
        return channel.target().toolHeaders();
    }

    @Override
    public McpBatch batch() {
        return new CallBatch(this, caller);
    }

    @Override
    public void ping(CallOptions options) {
        checkOpen();
        caller.call(sessions.get().ping(), options, ResultReader.ANSWERED);
    }

    @Override
    public CompletableFuture<Void> pingAsync(CallOptions options) {
        Derived<Void> answered = new Derived<>();
        answered.follow(
                callAsync(sessions.get().ping(), options, ResultReader.ANSWERED), answer -> answered.complete(null));
        return answered;
    }

    @Override
    public JsonNode request(String method, @Nullable Object params, CallOptions options) {
        checkOpen();
        return caller.call(Request.of(method, params, toolHeaders()), options, ResultReader.TREE);
    }

    @Override
    public CompletableFuture<JsonNode> requestAsync(String method, @Nullable Object params, CallOptions options) {
        Request request;
        try {
            request = Request.of(method, params, toolHeaders());
        } catch (McpException e) {
            return CompletableFuture.failedFuture(e);
        }
        return callAsync(request, options, ResultReader.TREE);
    }

    private <R> CompletableFuture<R> callAsync(Request request, CallOptions options, ResultReader<R> reader) {
        if (closing) {
            return CompletableFuture.failedFuture(closedException());
        }
        return caller.callAsync(request, options, reader);
    }

    @Override
    public boolean isValid(Duration timeout) {
        if (isClosed()) {
            return false;
        }
        try {
            caller.call(sessions.get().ping(), CallOptions.timeout(timeout), ResultReader.ANSWERED);
            return true;
        } catch (McpRequestException | McpProtocolException e) {
            // It answered, if not as it should have.
            return true;
        } catch (McpException e) {
            // Neither a busy server nor a supplier of headers that fails is helped by connecting once more.
            return Failures.isOfRequest(e);
        }
    }

    void checkOpen() {
        if (closing) {
            throw closedException();
        }
    }

    private McpConnectionClosedException closedException() {
        return new McpConnectionClosedException(
                "The connection to server '" + channel.target().name() + "' was closed; get a new one", null);
    }

    @Override
    public boolean isClosed() {
        return closing || !channel.isOpen();
    }

    @Override
    public void close() {
        beginClosing();
        closeTransport();
    }

    private void beginClosing() {
        if (channel.isOpen()) {
            endedHere = true;
        }
        closing = true;
    }

    private void closeTransport() {
        try {
            channel.transport().close();
        } finally {
            ShutdownSequence.remove(shutdownEntry);
            closed.complete(null);
        }
    }

    @Override
    public CompletableFuture<Void> closeAsync() {
        beginClosing();
        Background.persist(this::closeTransport);
        return closed.copy();
    }

    @Override
    public ServerTarget target() {
        return channel.target();
    }

    @Override
    public boolean isSharable() {
        return sessions.get().isStateless();
    }

    @Override
    public int inFlight() {
        return Math.max(0, channel.inFlight() - following.get());
    }

    @Override
    public int abandoned() {
        return channel.abandoned();
    }

    @Override
    public long lastReceivedNanos() {
        return channel.lastReceivedNanos();
    }

    @Override
    public boolean isInDoubt() {
        return channel.isInDoubt();
    }

    @Override
    public void onEnd(Runnable task) {
        channel.onEnd(() -> Background.persist(task));
    }

    @Override
    public void onToolsChanged(Runnable task) {
        channel.onToolsChanged(task);
    }

    @Override
    public CompletableFuture<Void> followTools(Runnable begun) {
        if (!isSharable()
                || !metadata().capabilities().path("tools").path("listChanged").asBoolean(false)) {
            return CompletableFuture.completedFuture(null);
        }
        following.incrementAndGet();
        channel.onListening(begun);
        Derived<Void> ended = new Derived<>();
        ended.follow(
                callAsync(
                        Request.of(Request.LISTEN, TOOL_CHANGES, toolHeaders()),
                        CallOptions.timeout(Duration.ofDays(36_500)),
                        ResultReader.ANSWERED),
                answer -> ended.complete(null));
        return ended.whenComplete((nothing, failure) -> following.decrementAndGet());
    }

    @Override
    public boolean isWrapperFor(Class<?> type) {
        return type.isInstance(this) || type.isInstance(channel.transport());
    }

    @Override
    public <T> T unwrap(Class<T> type) {
        if (type.isInstance(this)) {
            return type.cast(this);
        }
        if (type.isInstance(channel.transport())) {
            return type.cast(channel.transport());
        }
        throw new McpException(
                "A connection to server '" + channel.target().name() + "' wraps no " + type.getName(), null);
    }

    @Override
    public String toString() {
        return "connection to " + channel.target() + (isClosed() ? ", closed" : "");
    }
}
