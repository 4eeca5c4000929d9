package io.mcpdrivers.pool;

import io.mcpdrivers.spi.McpUri;
import io.mcpdrivers.spi.TransportException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** An MCP server in memory that does what a test tells it to. Each connection is a {@link MemoryProcess} of its own. */
final class MemoryServer {

    private static final Map<String, MemoryServer> SERVERS = new ConcurrentHashMap<>();

    final String name;
    volatile boolean modern;
    /** Starts wait for this. */
    volatile CountDownLatch startGate = new CountDownLatch(0);
    /** Ends wait for this. */
    volatile CountDownLatch closeGate = new CountDownLatch(0);
    /** Calls of the tool {@code hold} wait for this. */
    volatile CountDownLatch holdGate = new CountDownLatch(0);
    /** What the driver does on the thread of each start. */
    volatile Runnable duringStart = () -> {};
    /** So many starts fail. */
    final AtomicInteger failingStarts = new AtomicInteger();

    volatile TransportException.Kind failureKind = TransportException.Kind.CONNECTION;
    volatile boolean silentPing;
    /** How calls and pings are refused, without a word of the protocol; null if they are served. */
    volatile TransportException.Kind refusal;

    volatile boolean silentHandshake;
    /** How often it was asked to tell of changes. */
    final AtomicInteger listens = new AtomicInteger();

    volatile boolean refusesListening;
    /** How often its tools were listed. */
    final AtomicInteger lists = new AtomicInteger();
    /** What it lists instead of its usual tools: JSON objects with commas between. */
    volatile String tools;

    volatile boolean silentList;
    /** What sending a ping fails with. */
    volatile Error pingError;

    final AtomicInteger startAttempts = new AtomicInteger();
    final AtomicInteger pings = new AtomicInteger();
    /** How often the tool {@code decline} was called, which the first time is not taken. */
    final AtomicInteger declined = new AtomicInteger();

    final AtomicInteger executed = new AtomicInteger();
    /** Until when the last call of a tool had time, as {@link System#nanoTime()} gives it. */
    volatile long callDeadlineNanos;
    /** How many calls were refused. */
    final AtomicInteger refused = new AtomicInteger();

    final AtomicInteger live = new AtomicInteger();
    final AtomicInteger mostLive = new AtomicInteger();
    final List<MemoryProcess> processes = new CopyOnWriteArrayList<>();

    private MemoryServer(String name) {
        this.name = name;
    }

    /** The server of a name, which is made when first asked for. */
    static MemoryServer of(String name) {
        return SERVERS.computeIfAbsent(name, MemoryServer::new);
    }

    static MemoryServer modern(String name) {
        MemoryServer server = of(name);
        server.modern = true;
        return server;
    }

    String uri() {
        return "mcp:mem:" + name;
    }

    MemoryProcess open(McpUri uri) throws TransportException {
        startAttempts.incrementAndGet();
        try {
            startGate.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TransportException(TransportException.Kind.CONNECTION, "start of " + name + " was interrupted");
        }
        if (failingStarts.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            throw new TransportException(failureKind, "start of " + name + " failed as told");
        }
        duringStart.run();
        MemoryProcess process = new MemoryProcess(this, uri);
        int now = live.incrementAndGet();
        mostLive.accumulateAndGet(now, Math::max);
        processes.add(process);
        return process;
    }

    static void awaitHold(CountDownLatch gate) {
        try {
            gate.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    void awaitClose() {
        boolean interrupted = false;
        while (true) {
            try {
                closeGate.await(30, TimeUnit.SECONDS);
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** The process that was started at a place in the order. */
    MemoryProcess process(int index) {
        return processes.get(index);
    }

    /** Lets everything go, so that nothing a test leaves behind blocks. */
    void release() {
        startGate.countDown();
        closeGate.countDown();
        holdGate.countDown();
    }

    static void releaseAll() {
        SERVERS.values().forEach(MemoryServer::release);
    }

    static int liveInAll() {
        return SERVERS.values().stream().mapToInt(server -> server.live.get()).sum();
    }

    static void forgetAll() {
        SERVERS.clear();
    }
}
