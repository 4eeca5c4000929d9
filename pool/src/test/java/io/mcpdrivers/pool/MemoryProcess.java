package io.mcpdrivers.pool;

import io.mcpdrivers.spi.DaemonThreads;
import io.mcpdrivers.spi.Envelope;
import io.mcpdrivers.spi.Exchange;
import io.mcpdrivers.spi.McpUri;
import io.mcpdrivers.spi.Transport;
import io.mcpdrivers.spi.TransportException;
import io.mcpdrivers.spi.TransportListener;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One process of a {@link MemoryServer}, and the transport to it. */
final class MemoryProcess implements Transport {

    private static final ExecutorService THREADS =
            Executors.newCachedThreadPool(DaemonThreads.platform("memory-server"));
    private static final AtomicLong IDS = new AtomicLong();
    private static final JsonMapper JSON = JsonMapper.shared();

    final MemoryServer server;
    final McpUri uri;
    /** How many leases a test believes to be on it. */
    final AtomicInteger users = new AtomicInteger();

    /** As that of a process, for tests that say how much memory it uses. */
    final long id = IDS.incrementAndGet();

    private final ArrayDeque<Runnable> inbound = new ArrayDeque<>();
    private final AtomicBoolean ended = new AtomicBoolean();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final AtomicBoolean closing = new AtomicBoolean();
    private boolean delivering;
    private volatile TransportListener listener;
    private volatile boolean open = true;
    /** The request that asks to be told of changes; -1 for none. */
    private volatile long listenId = -1;

    MemoryProcess(MemoryServer server, McpUri uri) {
        this.server = server;
        this.uri = uri;
    }

    @Override
    public void start(TransportListener newListener) {
        listener = newListener;
    }

    @Override
    public Exchange send(Envelope envelope, byte[] message) throws TransportException {
        if (!open) {
            throw lost(false);
        }
        if (envelope.kind() != Envelope.Kind.REQUEST) {
            return Exchange.NONE;
        }
        JsonNode request = JSON.readTree(message);
        long id = envelope.id();
        switch (String.valueOf(envelope.method())) {
            case "initialize" -> {
                if (!server.silentHandshake && !server.modern) {
                    answer(
                            id,
                            "{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{\"tools\":{}},"
                                    + "\"serverInfo\":{\"name\":\"memory\",\"version\":\"1\"}}");
                } else if (server.modern) {
                    error(id);
                }
            }
            case "server/discover" -> {
                if (!server.modern) {
                    error(id);
                } else {
                    pinged(
                            id,
                            "{\"supportedVersions\":[\"2026-07-28\"],\"capabilities\":{\"tools\":{\"listChanged\":true}},"
                                    + "\"resultType\":\"complete\"}");
                }
            }
            case "ping" -> pinged(id, "{}");
            case "tools/list" -> {
                server.lists.incrementAndGet();
                if (server.tools != null) {
                    answer(id, "{\"resultType\":\"complete\",\"tools\":[" + server.tools + "]}");
                    return Exchange.NONE;
                }
                if (server.silentList) {
                    return Exchange.NONE;
                }
                server.executed.incrementAndGet();
                answer(
                        id,
                        "{\"resultType\":\"complete\",\"ttlMs\":0,\"cacheScope\":\"private\",\"tools\":["
                                + "{\"name\":\"echo\",\"inputSchema\":{\"type\":\"object\"}},"
                                + "{\"name\":\"readAndDie\",\"inputSchema\":{\"type\":\"object\"},"
                                + "\"annotations\":{\"readOnlyHint\":true}},"
                                + "{\"name\":\"addAndDie\",\"inputSchema\":{\"type\":\"object\"},"
                                + "\"annotations\":{\"idempotentHint\":true,\"readOnlyHint\":false}},"
                                + "{\"name\":\"countAndDie\",\"inputSchema\":{\"type\":\"object\"}}]}");
            }
            case "tools/call" -> {
                server.callDeadlineNanos = envelope.deadlineNanos();
                call(
                        id,
                        request.path("params").path("name").asString(),
                        request.path("params").path("arguments"),
                        request.path("params").has("inputResponses"));
            }
            case "subscriptions/listen" -> {
                if (server.refusesListening) {
                    error(id);
                } else {
                    listenId = id;
                    server.listens.incrementAndGet();
                    receive("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/subscriptions/acknowledged\",\"params\":"
                            + "{\"_meta\":{\"io.modelcontextprotocol/subscriptionId\":" + id + "},"
                            + "\"notifications\":{\"toolsListChanged\":true}}}");
                }
            }
            case "resources/read", "vendor/get" -> dieOnce(id);
            default -> error(id);
        }
        return Exchange.NONE;
    }

    private boolean refused(long id) {
        TransportException.Kind kind = server.refusal;
        if (kind == null) {
            return false;
        }
        deliver(() -> listener.onRequestFailed(id, new TransportException(kind, "the memory server refuses")));
        return true;
    }

    private void call(long id, String tool, JsonNode arguments, boolean answered) throws TransportException {
        if (refused(id)) {
            server.refused.incrementAndGet();
            return;
        }
        switch (tool) {
            case "echo" -> {
                server.executed.incrementAndGet();
                text(id, arguments.path("message").asString(""));
            }
            case "hold" -> {
                CountDownLatch gate = server.holdGate;
                server.executed.incrementAndGet();
                THREADS.execute(() -> {
                    MemoryServer.awaitHold(gate);
                    text(id, "held");
                });
            }
            case "ask" -> {
                if (answered) {
                    text(id, "thanks");
                } else {
                    answer(
                            id,
                            "{\"resultType\":\"input_required\",\"requestState\":\"x\",\"inputRequests\":{\"one\":"
                                    + "{\"method\":\"elicitation/create\",\"params\":{\"mode\":\"form\","
                                    + "\"message\":\"Name?\",\"requestedSchema\":"
                                    + "{\"type\":\"object\",\"properties\":{}}}}}}");
                }
            }
            case "silence" -> server.executed.incrementAndGet();
            case "decline" -> {
                // As over HTTP, where one request may be refused and the others go on.
                if (server.declined.getAndIncrement() == 0) {
                    throw lost(false);
                }
                text(id, "taken");
            }
            case "refuse" -> {
                open = false;
                throw lost(false);
            }
            case "readAndDie", "addAndDie", "countAndDie" -> dieOnce(id);
            default -> error(id);
        }
    }

    /** The first call in the life of the server kills the process after it was carried out. */
    private void dieOnce(long id) {
        if (server.executed.incrementAndGet() == 1) {
            kill();
        } else {
            text(id, "executed " + server.executed.get() + " times");
        }
    }

    private void pinged(long id, String result) {
        // What is to become of it is settled before a test learns that it has come.
        boolean silent = server.silentPing;
        Error error = server.pingError;
        server.pings.incrementAndGet();
        if (error != null) {
            throw error;
        }
        if (!silent && !refused(id)) {
            answer(id, result);
        }
    }

    private void text(long id, String text) {
        answer(
                id,
                "{\"resultType\":\"complete\",\"content\":[{\"type\":\"text\",\"text\":" + JSON.writeValueAsString(text)
                        + "}]}");
    }

    private void answer(long id, String result) {
        receive("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"result\":" + result + "}");
    }

    private void error(long id) {
        receive("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"error\":{\"code\":-32601,\"message\":\"Method not found\"}}");
    }

    /** Sends a notification without parameters. */
    void tell(String method) {
        receive("{\"jsonrpc\":\"2.0\",\"method\":\"" + method + "\"}");
    }

    /** Tells no more of changes, with a result or abruptly. */
    void endListening(boolean gracefully) {
        long id = listenId;
        listenId = -1;
        if (gracefully) {
            answer(id, "{\"resultType\":\"complete\"}");
        } else {
            receive("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":" + id
                    + "}}");
        }
    }

    private void receive(String message) {
        byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
        deliver(() -> listener.onMessage(bytes, 0, bytes.length));
    }

    /** Runs deliveries one at a time, in their order. */
    private void deliver(Runnable delivery) {
        synchronized (inbound) {
            inbound.add(delivery);
            if (delivering) {
                return;
            }
            delivering = true;
        }
        THREADS.execute(this::deliverAll);
    }

    private void deliverAll() {
        while (true) {
            Runnable next;
            synchronized (inbound) {
                next = inbound.poll();
                if (next == null) {
                    delivering = false;
                    return;
                }
            }
            next.run();
        }
    }

    private static TransportException lost(boolean mayHaveBeenDelivered) {
        return new TransportException(
                TransportException.Kind.CONNECTION, "the memory server has ended", mayHaveBeenDelivered, null);
    }

    /** Ends the process as by a signal. */
    void kill() {
        open = false;
        end(lost(true));
    }

    private void end(TransportException cause) {
        if (ended.compareAndSet(false, true)) {
            server.live.decrementAndGet();
            TransportListener told = listener;
            if (told != null) {
                deliver(() -> told.onClosed(cause));
            }
        }
    }

    @Override
    public OptionalLong processId() {
        return OptionalLong.of(id);
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public void close() {
        open = false;
        if (closing.compareAndSet(false, true)) {
            server.awaitClose();
            end(null);
            closed.countDown();
            return;
        }
        try {
            closed.await(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public String toString() {
        return server.name + "[" + server.processes.indexOf(this) + "]";
    }
}
