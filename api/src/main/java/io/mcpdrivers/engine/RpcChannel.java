package io.mcpdrivers.engine;

import io.mcpdrivers.CallOptions;
import io.mcpdrivers.McpConnectionLostException;
import io.mcpdrivers.McpException;
import io.mcpdrivers.McpInterruptedException;
import io.mcpdrivers.McpProtocolException;
import io.mcpdrivers.McpTimeoutException;
import io.mcpdrivers.spi.Envelope;
import io.mcpdrivers.spi.Transport;
import io.mcpdrivers.spi.TransportException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Requests and responses over one transport: gives out ids, and hands each response, unparsed, to the call that waits
 * for it. Any number of threads may call at once. What arrives is told apart on the thread that reads; nothing else
 * happens there.
 */
final class RpcChannel {

    /** Given-up requests that are remembered, so that their late answers are known for what they are. */
    private static final int MOST_ABANDONED = 10_000;

    private static final Logger log = LoggerFactory.getLogger(RpcChannel.class);

    private final Transport transport;
    private final ServerTarget target;
    private final AtomicLong ids = new AtomicLong();
    private final ConcurrentHashMap<Long, PendingCall> pending = new ConcurrentHashMap<>();
    private final Set<Long> abandoned = ConcurrentHashMap.newKeySet();
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private volatile long lastReceivedNanos = System.nanoTime();
    /** Why no call can be made any more; null while calls can. */
    private volatile @Nullable McpException ended;

    private volatile @Nullable String revision;

    RpcChannel(Transport transport, ServerTarget target) {
        this.transport = transport;
        this.target = target;
        transport.start(new InboundMessages(this, target));
    }

    ServerTarget target() {
        return target;
    }

    Transport transport() {
        return transport;
    }

    /** The revision that was agreed on; null before. */
    @Nullable
    String revision() {
        return revision;
    }

    void agreeOn(String agreed) {
        revision = agreed;
    }

    int inFlight() {
        return pending.size();
    }

    int abandoned() {
        return abandoned.size();
    }

    long lastReceivedNanos() {
        return lastReceivedNanos;
    }

    /** Has a task run at the end of the transport, on one of its threads; at once if it has ended. */
    void onEnd(Runnable task) {
        CompletableFuture<Void> unused = end.whenComplete((nothing, failure) -> task.run());
    }

    boolean isOpen() {
        return ended == null && transport.isOpen();
    }

    long nextId() {
        return ids.incrementAndGet();
    }

    /**
     * Sends a call; it is completed by its answer, or by {@link #abandon}.
     *
     * @param callerWaits whether the calling thread will do nothing but wait for the answer
     */
    void send(PendingCall call, Session session, CallOptions options, boolean callerWaits) {
        byte[] message = Outgoing.request(call.id, call.request, session, options);
        Long id = call.id;
        pending.put(id, call);
        McpException reason = ended;
        if (reason != null && pending.remove(id) != null) {
            throw notDelivered(reason);
        }
        Envelope envelope = new Envelope(
                Envelope.Kind.REQUEST,
                call.id,
                call.request.method(),
                session.metadata().protocolVersion(),
                call.request.name(),
                Map.of(),
                call.deadlineNanos,
                callerWaits);
        try {
            call.exchange = transport.send(envelope, message);
        } catch (TransportException e) {
            // If the transport has failed the call meanwhile, its word is as good.
            if (pending.remove(id, call)) {
                throw Failures.calling(e, e.mayHaveBeenDelivered());
            }
        }
    }

    private McpException notDelivered(McpException reason) {
        return new McpConnectionLostException(reason.getMessage() + " (the request was not delivered)", false, reason);
    }

    /**
     * Waits for the answer to a call, on the thread that made it, and reports its progress meanwhile.
     *
     * @throws McpException if it failed, did not come in time, or the thread was interrupted
     */
    Reply await(PendingCall call) {
        while (!call.isDone()) {
            if (Thread.interrupted()) {
                boolean waited = abandon(call, "interrupted");
                Thread.currentThread().interrupt();
                if (waited) {
                    throw new McpInterruptedException(
                            "Interrupted while waiting for the answer to " + describe(call), null);
                }
                break;
            }
            long nanos = call.deadlineNanos - System.nanoTime();
            if (nanos <= 0) {
                if (abandon(call, "timeout")) {
                    throw timedOut(call);
                }
                break;
            }
            LockSupport.parkNanos(this, nanos);
            call.reportProgress();
        }
        while (!call.isDone()) {
            // Whoever removed the call is about to leave its outcome.
            Thread.onSpinWait();
        }
        call.reportProgress();
        return call.reply();
    }

    /**
     * Waits, on the thread that made them, until one of the calls has its answer, the time is over or the thread is
     * interrupted.
     */
    void awaitAny(long nanos, PendingCall... calls) {
        long until = System.nanoTime() + nanos;
        while (!Thread.currentThread().isInterrupted()) {
            for (PendingCall call : calls) {
                if (call.isDone()) {
                    return;
                }
            }
            long left = until - System.nanoTime();
            if (left <= 0) {
                return;
            }
            LockSupport.parkNanos(this, left);
        }
    }

    McpTimeoutException timedOut(PendingCall call) {
        return new McpTimeoutException(
                "No answer to " + describe(call) + " within " + Text.duration(Duration.ofNanos(call.timeoutNanos)),
                true,
                null);
    }

    private String describe(PendingCall call) {
        String name = call.request.name();
        return call.request.method() + (name == null ? "" : " '" + name + "'") + " from server '" + target.name() + "'";
    }

    /**
     * Gives a call up and tells the server so.
     *
     * @return false if it had ended before
     */
    boolean abandon(PendingCall call, String reason) {
        if (!pending.remove(call.id, call)) {
            return false;
        }
        if (abandoned.size() < MOST_ABANDONED) {
            abandoned.add(call.id);
        }
        if (!call.exchange.cancel() && !call.request.method().equals("initialize")) {
            Background.BLOCKING.execute(() -> sendCancelled(call.id, reason));
        }
        return true;
    }

    private void sendCancelled(long id, String reason) {
        notify("notifications/cancelled", Outgoing.cancelled(id, reason));
    }

    /** Sends a notification; a failure is of no consequence, since the end of the transport is noticed elsewhere. */
    void notify(String method, byte[] message) {
        sendQuietly(Envelope.Kind.NOTIFICATION, method, message);
    }

    /** Answers a request of the server. */
    void respond(byte[] message) {
        sendQuietly(Envelope.Kind.RESPONSE, null, message);
    }

    private void sendQuietly(Envelope.Kind kind, @Nullable String method, byte[] message) {
        long deadline = System.nanoTime() + target.requestTimeout().toNanos();
        try {
            transport.send(new Envelope(kind, 0, method, revision, null, Map.of(), deadline), message);
        } catch (TransportException e) {
            log.debug("Server '{}' was not sent {}: {}", target.name(), kind, e.getMessage());
        }
    }

    /** Whose progress a notification tells; null if nobody waits for it. */
    @Nullable
    PendingCall pending(long id) {
        return pending.get(id);
    }

    /** A response has come. */
    void responded(long id, byte[] buffer, int offset, int length) {
        lastReceivedNanos = System.nanoTime();
        PendingCall call = pending.remove(id);
        if (call != null) {
            call.complete(new Reply(buffer, offset, length));
        } else if (abandoned.remove(id)) {
            log.debug("Server '{}' answered request {} after it was given up", target.name(), id);
        } else {
            log.warn(
                    "Server '{}' answered request {}, which nobody has made or which was answered before",
                    target.name(),
                    id);
        }
    }

    /** Something other than a response has come. */
    void received() {
        lastReceivedNanos = System.nanoTime();
    }

    /** The response to a call was too large and has been skipped. */
    void tooLarge(long id, long size) {
        if (id >= 0) {
            fail(id, tooLarge(size, ""));
            abandoned.remove(id);
            return;
        }
        for (Long each : List.copyOf(pending.keySet())) {
            fail(each, tooLarge(size, "; it cannot be told which request it answered, so all of them fail"));
        }
    }

    private McpProtocolException tooLarge(long size, String addition) {
        return new McpProtocolException(
                "Server '" + target.name() + "' sent a message of " + size + " bytes, more than the maxMessageSize of "
                        + target.maxMessageSize() + addition + "; raise maxMessageSize or ask for less",
                null);
    }

    void failed(long id, TransportException cause) {
        fail(id, Failures.calling(cause, cause.mayHaveBeenDelivered()));
    }

    private void fail(long id, McpException failure) {
        PendingCall call = pending.remove(id);
        if (call != null) {
            call.complete(failure);
        }
    }

    /** The transport has ended: everybody who waits is told at once. */
    void closed(@Nullable TransportException cause) {
        McpConnectionLostException reason = cause == null
                ? new McpConnectionLostException(
                        "The connection to server '" + target.name() + "' was closed", true, null)
                : (McpConnectionLostException) lost(cause);
        ended = cause == null
                ? reason
                : new McpConnectionLostException(String.valueOf(cause.getMessage()), false, cause);
        List<PendingCall> calls = new ArrayList<>(pending.values());
        for (PendingCall call : calls) {
            if (pending.remove(call.id, call)) {
                call.complete(reason);
            }
        }
        abandoned.clear();
        end.complete(null);
    }

    private static McpException lost(TransportException cause) {
        return new McpConnectionLostException(
                cause.getMessage() + " (the request may have been carried out)", true, cause);
    }
}
