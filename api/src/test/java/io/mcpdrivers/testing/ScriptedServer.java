package io.mcpdrivers.testing;

import io.mcpdrivers.ConnectionOptions;
import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpDrivers;
import io.mcpdrivers.spi.DriverProperty;
import io.mcpdrivers.spi.Envelope;
import io.mcpdrivers.spi.Exchange;
import io.mcpdrivers.spi.McpDriver;
import io.mcpdrivers.spi.McpUri;
import io.mcpdrivers.spi.OpenOptions;
import io.mcpdrivers.spi.Transport;
import io.mcpdrivers.spi.TransportException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * An MCP server in memory, which does what a script says. It has a driver of its own, so that a connection to
 * {@link #uri()} goes the whole way through {@link McpDrivers}. Closing it closes what is open and proves that nothing
 * is left.
 */
public final class ScriptedServer implements AutoCloseable {

    /** What the server does with a message. It runs on the one thread of the connection. */
    public interface Script {
        void take(JsonNode message, Session client) throws Exception;
    }

    static final JsonMapper MAPPER = JsonMapper.shared();

    private static final AtomicLong NAMES = new AtomicLong();

    private final Script script;
    private final String name = "server" + NAMES.incrementAndGet();
    private final MemoryDriver driver = new MemoryDriver();
    private final List<Session> sessions = new CopyOnWriteArrayList<>();
    private final List<McpConnection> connections = new CopyOnWriteArrayList<>();
    private volatile boolean keepsMessages = true;
    volatile boolean exchangePerRequest;
    volatile boolean legacyOnly;
    private volatile @Nullable TransportException refusal;
    private volatile @Nullable AssertionError scriptFailure;

    private ScriptedServer(Script script) {
        this.script = script;
        McpDrivers.register(driver);
    }

    /** A server that does nothing but what the script does. */
    public static ScriptedServer raw(Script script) {
        return new ScriptedServer(script);
    }

    /** A server of revision 2026-07-28; the script gets every request but {@code server/discover}. */
    public static ScriptedServer modern(Script rest) {
        return raw((message, client) -> {
            if (!Answers.modernHandshake(message, client)) {
                rest.take(message, client);
            }
        });
    }

    /** A server of revision 2025-11-25; the script gets what comes after the handshake, {@code ping} excluded. */
    public static ScriptedServer legacy(Script rest) {
        return raw((message, client) -> {
            if (!Answers.legacyHandshake(message, client)) {
                rest.take(message, client);
            }
        });
    }

    /** Keeps no messages, for tests that send many. */
    public ScriptedServer forgetful() {
        keepsMessages = false;
        return this;
    }

    /** As over HTTP, each request is an exchange of its own. */
    public ScriptedServer withExchangePerRequest() {
        exchangePerRequest = true;
        return this;
    }

    /** As over HTTP with SSE, which modern revisions do not have. */
    public ScriptedServer withLegacyTransport() {
        legacyOnly = true;
        return this;
    }

    public String uri() {
        return "mcp:memory:" + name;
    }

    public McpConnection open() {
        return open("");
    }

    /**
     * Opens a connection.
     *
     * @param parameters what follows the question mark
     */
    public McpConnection open(String parameters) {
        McpConnection connection = McpDrivers.open(parameters.isEmpty() ? uri() : uri() + "?" + parameters);
        connections.add(connection);
        return connection;
    }

    public McpConnection open(ConnectionOptions options) {
        McpConnection connection = McpDrivers.open(uri(), options);
        connections.add(connection);
        return connection;
    }

    /** Has a connection that was opened otherwise closed together with this server. */
    public <C extends McpConnection> C adopt(C connection) {
        connections.add(connection);
        return connection;
    }

    /** Makes every opening fail; null to let them succeed again. */
    public void refuse(@Nullable TransportException reason) {
        refusal = reason;
    }

    public List<Session> sessions() {
        return sessions;
    }

    public Session session() {
        return sessions.get(sessions.size() - 1);
    }

    @Override
    public void close() {
        connections.forEach(McpConnection::close);
        McpDrivers.deregister(driver);
        for (Session session : sessions) {
            Await.that(() -> session.transport.closed, "a transport was not closed");
            Await.that(() -> !session.transport.isThreadAlive(), "the thread of a transport lives");
        }
        AssertionError failure = scriptFailure;
        if (failure != null) {
            throw failure;
        }
    }

    /** One connection as the server sees it. */
    public static final class Session {
        private final ScriptedServer server;
        private final MemoryTransport transport;
        private final List<JsonNode> received = new CopyOnWriteArrayList<>();

        Session(ScriptedServer server, MemoryTransport transport) {
            this.server = server;
            this.transport = transport;
        }

        void received(byte[] message) {
            for (byte b : message) {
                if (b == '\n') {
                    throw new AssertionError("a message with a line break");
                }
            }
            JsonNode json = MAPPER.readTree(message);
            if (server.keepsMessages) {
                received.add(json);
            }
            try {
                server.script.take(json, this);
            } catch (Exception | AssertionError e) {
                server.scriptFailure = new AssertionError("The script failed at " + json, e);
                die("the script failed");
            }
        }

        /** What the client has sent so far. */
        public List<JsonNode> received() {
            return received;
        }

        /** What the client has sent so far of one method. */
        public List<JsonNode> received(String method) {
            List<JsonNode> found = new ArrayList<>();
            received.forEach(message -> {
                if (message.path("method").asString("").equals(method)) {
                    found.add(message);
                }
            });
            return found;
        }

        /** Waits until the client has sent a message of a kind, and gives it. */
        public JsonNode awaitReceived(Predicate<JsonNode> kind) {
            Await.that(() -> received.stream().anyMatch(kind), "the message did not come");
            return received.stream().filter(kind).findFirst().orElseThrow();
        }

        public JsonNode awaitReceived(String method) {
            return awaitReceived(message -> message.path("method").asString("").equals(method));
        }

        public void send(String json) {
            transport.deliver(json.getBytes(StandardCharsets.UTF_8));
        }

        public void send(byte[] bytes) {
            transport.deliver(bytes);
        }

        public void result(JsonNode request, String result) {
            send("{\"jsonrpc\":\"2.0\",\"id\":" + request.get("id") + ",\"result\":" + result + "}");
        }

        /** Answers with the result of a tool: one text. */
        public void text(JsonNode request, String text) {
            result(request, "{\"content\":[{\"type\":\"text\",\"text\":" + MAPPER.writeValueAsString(text) + "}]}");
        }

        public void error(JsonNode request, int code, String message) {
            send("{\"jsonrpc\":\"2.0\",\"id\":" + request.get("id") + ",\"error\":{\"code\":" + code + ",\"message\":"
                    + MAPPER.writeValueAsString(message) + "}}");
        }

        public void progress(JsonNode request, double progress) {
            JsonNode token = request.path("params").path("_meta").get("progressToken");
            send("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{\"progressToken\":" + token
                    + ",\"progress\":" + progress + "}}");
        }

        /** What a transport reports of a message that was too long. */
        public void oversized(String head, String tail, long size) {
            transport.deliverOversized(head, tail, size);
        }

        /** Fails a request as a transport does that was told nothing in the protocol. */
        public void fail(JsonNode request, TransportException.Kind kind, String reason) {
            failRequest(request.path("id").asLong(), new TransportException(kind, reason));
        }

        /** Answers a request on an exchange of its own, with a message that does not say to what. */
        public void answerWithoutId(JsonNode request, String json) {
            transport.deliverResponse(request.path("id").asLong(), json.getBytes(StandardCharsets.UTF_8));
        }

        public void failRequest(long id, TransportException cause) {
            transport.failRequest(id, cause);
        }

        /** Ends as a process does that exits. */
        public void die(String reason) {
            transport.end(new TransportException(TransportException.Kind.CONNECTION, reason));
        }

        /** Makes later messages of the client fail to be sent. */
        public void refuseMessages(@Nullable TransportException reason) {
            transport.refuse(reason);
        }

        /** What is done on the thread that sends, before a message is sent. */
        public void beforeSending(Consumer<Envelope> task) {
            transport.beforeSending = task;
        }

        /** What {@code Transport.send} throws from now on, as when it can have no thread; null for nothing. */
        public void failWith(@Nullable Error error) {
            transport.failsWith = error;
        }

        /** What {@code Transport.send} gives from now on. */
        public void exchange(Exchange exchange) {
            transport.exchange = exchange;
        }

        public void onClose(Runnable task) {
            transport.onClose(task);
        }

        /** Leaves arrays as they are when they are handed back. */
        public void withoutPoison() {
            transport.poisons = false;
        }

        public boolean isClosed() {
            return transport.closed;
        }

        public @Nullable Envelope lastEnvelope() {
            return transport.lastEnvelope;
        }
    }

    private final class MemoryDriver implements McpDriver {
        @Override
        public Set<String> schemes() {
            return Set.of("memory");
        }

        @Override
        public boolean accepts(McpUri uri) {
            return uri.scheme().equals("memory") && uri.target().equals(name);
        }

        @Override
        public List<DriverProperty> properties() {
            return List.of(
                    DriverProperty.of("arg", DriverProperty.Type.STRING, null, "An argument.")
                            .repeated(),
                    DriverProperty.of("env.*", DriverProperty.Type.STRING, null, "A variable."),
                    DriverProperty.of("size", DriverProperty.Type.INTEGER, null, "A number."));
        }

        @Override
        public Transport open(McpUri uri, OpenOptions options) throws TransportException {
            TransportException reason = refusal;
            if (reason != null) {
                throw reason;
            }
            MemoryTransport transport = new MemoryTransport(ScriptedServer.this, options);
            sessions.add(transport.session());
            return transport;
        }
    }
}
