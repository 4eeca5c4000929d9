package io.mcpdrivers.engine;

import io.mcpdrivers.CallOptions;
import io.mcpdrivers.McpConnectionLostException;
import io.mcpdrivers.McpException;
import io.mcpdrivers.McpInterruptedException;
import io.mcpdrivers.McpProtocolException;
import io.mcpdrivers.McpTimeoutException;
import io.mcpdrivers.spi.Envelope;
import io.mcpdrivers.spi.Exchange;
import io.mcpdrivers.spi.Transport;
import io.mcpdrivers.spi.TransportException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
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

    /** Cancellations that wait to be sent. They are a courtesy, and a server that hangs is not worth more. */
    private static final int MOST_CANCELLATIONS = 256;

    private static final Logger log = LoggerFactory.getLogger(RpcChannel.class);

    /** The end of the transport, of which each call that it hits gets an exception of its own. */
    private record End(String reason, @Nullable TransportException cause) {
        McpConnectionLostException lost(boolean mayHaveExecuted) {
            return Failures.lost(reason, mayHaveExecuted, cause);
        }
    }

    private final Transport transport;
    private final ServerTarget target;
    private final ServerWords words;
    private final Oddities oddities;
    private final ClientFeatures features;
    private final @Nullable ConnectionMeter meter;
    private final AtomicLong ids = new AtomicLong();
    private final ConcurrentHashMap<Long, PendingCall> pending = new ConcurrentHashMap<>();
    private final Set<Long> abandoned = ConcurrentHashMap.newKeySet();
    private final SerialTasks cancellations = new SerialTasks(Background::runSoon);
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private volatile long lastReceivedNanos = System.nanoTime();
    /** Whether the server has rejected a request as one that it does not understand, and answered none since. */
    private volatile boolean inDoubt;
    /** Why no call can be made any more; null while calls can. */
    private volatile @Nullable End ended;

    private volatile @Nullable String revision;
    private volatile Runnable toolsChanged = () -> {};
    private volatile Runnable listening = () -> {};

    RpcChannel(Transport transport, ServerTarget target) {
        this.transport = transport;
        this.target = target;
        this.words = new ServerWords(target.uri(), transport);
        this.oddities = new Oddities(target.name());
        this.features = ClientFeatures.of(target);
        this.meter = Telemetry.of(target);
        transport.start(new InboundMessages(this, target));
    }

    ServerTarget target() {
        return target;
    }

    Oddities oddities() {
        return oddities;
    }

    /** How what the server says may be shown. */
    ServerWords words() {
        return words;
    }

    /** Measures this connection; null if nothing does. */
    @Nullable
    ConnectionMeter meter() {
        return meter;
    }

    /** What the server may ask for. */
    ClientFeatures features() {
        return features;
    }

    /** Keeps the calls that are pending now, and may be why the server asks, from running out of time until released. */
    List<PendingCall> holdPending() {
        List<PendingCall> held =
                pending.values().stream().filter(call -> call.request.mayAsk()).toList();
        held.forEach(PendingCall::hold);
        return held;
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

    boolean isInDoubt() {
        return inDoubt;
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
        ConnectionMeter measured = meter;
        // What lasts as long as the connection, and fails when that ends as it should, is no operation to be timed.
        if (measured == null || call.request.method().equals(Request.LISTEN)) {
            transmit(call, session, options, Map.of(), callerWaits);
            return;
        }
        OperationMeter operation = measured.started(call, session.metadata().protocolVersion(), call.meter);
        call.meter = operation;
        try {
            operation.sending(() -> transmit(call, session, options, operation.meta(), callerWaits));
        } catch (RuntimeException | Error e) {
            operation.ended(null, e);
            throw e;
        }
    }

    private void transmit(
            PendingCall call, Session session, CallOptions options, Map<String, String> tracing, boolean callerWaits) {
        byte[] message = Outgoing.request(call.id, call.request, session, options, tracing);
        call.message = message;
        call.session = session;
        Long id = call.id;
        pending.put(id, call);
        End end = ended;
        if (end != null && pending.remove(id, call)) {
            throw end.lost(false);
        }
        long holdNanos = mayBeHeld(session) ? call.holdNanos() : 0;
        Envelope envelope = new Envelope(
                Envelope.Kind.REQUEST,
                call.id,
                call.request.method(),
                session.metadata().protocolVersion(),
                call.request.name(),
                call.request.mirrored(),
                call.deadlineNanos,
                callerWaits && holdNanos == 0,
                call.lastDeadlineNanos + holdNanos);
        try {
            call.exchange = transport.send(envelope, message);
            // Then nobody else has told the call of the end, or will.
            End meanwhile = ended;
            if (meanwhile != null && pending.remove(id, call)) {
                call.fail(() -> meanwhile.lost(true));
            }
        } catch (TransportException e) {
            // If the transport has failed the call meanwhile, its word is as good.
            if (pending.remove(id, call)) {
                throw notSent(call, e);
            }
        } catch (RuntimeException e) {
            if (pending.remove(id, call)) {
                throw new McpConnectionLostException(
                        "The driver of server '" + target.name() + "' failed to send " + call.request.method() + ": "
                                + e,
                        true,
                        e);
            }
        } catch (Error e) {
            // Such as when no thread can be had for it. Nobody else would ever take it out.
            pending.remove(id, call);
            throw e;
        }
        if (call.abandonedFor != null) {
            tellOfAbandoning(call);
        }
    }

    /**
     * Whether the time of a call may stand still while a transport carries it that would otherwise end it by itself. Then
     * only this channel does.
     */
    private boolean mayBeHeld(Session session) {
        return !features.isEmpty() && revision != null && !session.isStateless();
    }

    /** What it means that a transport did not take a request, which it may do without being broken. */
    private McpException notSent(PendingCall call, TransportException e) {
        if (transport.isOpen() && !e.mayHaveBeenDelivered()) {
            if (Thread.currentThread().isInterrupted()) {
                return new McpInterruptedException("Interrupted while sending " + describe(call), e);
            }
            if (call.deadlineNanos - System.nanoTime() <= 0) {
                return new McpTimeoutException(
                        "The request was not delivered within "
                                + Text.duration(Duration.ofNanos(call.timeoutNanos)) + ": " + describe(call) + " ("
                                + e.getMessage() + ")",
                        false,
                        e);
            }
        }
        return Failures.calling(e, e.mayHaveBeenDelivered());
    }

    /**
     * Waits for the answer to a call, on the thread that made it, and reports its progress meanwhile.
     *
     * @param others calls of this thread whose progress is to be reported as well
     * @throws McpException if it failed, did not come in time, or the thread was interrupted
     */
    Reply await(PendingCall call, List<PendingCall> others) {
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
            long nanos = call.remainingNanos();
            if (nanos <= 0) {
                if (abandon(call, "timeout")) {
                    throw timedOut(call);
                }
                break;
            }
            // One at a time, since a server that never stops reporting must not outlast the timeout.
            if (!reportProgress(call, others)) {
                LockSupport.parkNanos(this, nanos);
            }
        }
        while (!call.isDone()) {
            // Whoever removed the call is about to leave its outcome, and then ends this pause.
            LockSupport.parkNanos(this, 1_000_000);
        }
        while (call.reportProgress()) {
            // What has come before the answer.
        }
        return call.reply();
    }

    private static boolean reportProgress(PendingCall call, List<PendingCall> others) {
        if (call.reportProgress()) {
            return true;
        }
        for (PendingCall other : others) {
            if (other.reportProgress()) {
                return true;
            }
        }
        return false;
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

    /** The connection has ended amid a call on which the server has acted already. */
    McpConnectionLostException lost(@Nullable Throwable cause) {
        End known = ended;
        return known != null ? known.lost(true) : Failures.lost(closedReason(), true, cause);
    }

    private String closedReason() {
        return "The connection to server '" + target.name() + "' was closed";
    }

    McpTimeoutException timedOut(PendingCall call) {
        return new McpTimeoutException("No answer to " + describe(call) + waited(call), true, null);
    }

    private static String waited(PendingCall call) {
        String timeout = Text.duration(Duration.ofNanos(call.timeoutNanos));
        if (!call.isPostponed()) {
            return " within " + timeout;
        }
        return call.deadlineNanos == call.lastDeadlineNanos
                ? " within " + Text.duration(Duration.ofNanos(call.longestNanos))
                        + ", the longest that progress gives it"
                : ", and no further progress within " + timeout;
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
        // Remembered before it is forgotten, so that an answer that comes right now finds one or the other.
        boolean remembered = abandoned.size() < MOST_ABANDONED && abandoned.add(call.id);
        if (!pending.remove(call.id, call)) {
            if (remembered) {
                abandoned.remove(call.id);
            }
            return false;
        }
        call.abandonedFor = reason;
        if (call.exchange != null) {
            tellOfAbandoning(call);
        }
        // Else it is being sent; whoever sends it tells the server afterwards.
        return true;
    }

    /** Gives a call up of which nobody will ask for the outcome. */
    void drop(PendingCall call, String reason) {
        abandon(call, reason);
        OperationMeter operation = call.meter;
        if (operation != null) {
            operation.ended(null, new McpInterruptedException(reason, null));
        }
    }

    private void tellOfAbandoning(PendingCall call) {
        Exchange exchange = call.exchange;
        String reason = call.abandonedFor;
        if (exchange == null || reason == null || !call.takesTelling()) {
            return;
        }
        if (exchange.cancel()) {
            // The way that the answer would have come is closed.
            abandoned.remove(call.id);
            return;
        }
        // The specification forbids cancelling initialize.
        if (!call.request.method().equals("initialize")) {
            long id = call.id;
            if (!cancellations.offer(() -> sendCancelled(id, reason), MOST_CANCELLATIONS)) {
                log.debug("Server '{}' is not told that request {} was given up", target.name(), id);
            }
        }
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
        if (inDoubt) {
            inDoubt = false;
        }
        PendingCall call = pending.remove(id);
        if (call != null) {
            call.complete(new Reply(buffer, offset, length));
            return;
        }
        transport.recycle(buffer);
        if (abandoned.remove(id)) {
            log.debug("Server '{}' answered request {} after it was given up", target.name(), id);
        } else {
            oddities.report(
                    Oddities.Kind.RESPONSE_TO_NOTHING,
                    () -> "answered request " + id + ", which nobody has made or which was answered before");
        }
    }

    /** See {@link PhysicalConnection#onToolsChanged}. */
    void onToolsChanged(Runnable task) {
        toolsChanged = task;
    }

    /** The server says that its list of tools has changed. */
    void toolsChanged() {
        toolsChanged.run();
    }

    /** Has a task run when the server acknowledges that it was asked to tell of changes. */
    void onListening(Runnable task) {
        listening = task;
    }

    /** From now on the server tells of what a request asked it to tell of. */
    void listening(long id) {
        PendingCall call = pending.get(id);
        if (call != null && call.request.method().equals(Request.LISTEN)) {
            listening.run();
        }
    }

    /** Something other than a response has come. */
    void received() {
        lastReceivedNanos = System.nanoTime();
    }

    /** The server tells no more of what a request asked it to tell of; other requests are not its to end. */
    void endedListening(long id) {
        PendingCall call = pending.get(id);
        if (call != null && call.request.method().equals(Request.LISTEN)) {
            fail(id, () -> new McpException("Server '" + target.name() + "' has ended the subscription", null));
        }
    }

    /** The response to a call was too large and has been skipped. */
    void tooLarge(long id, long size) {
        if (id >= 0) {
            fail(id, () -> tooLarge(size, ""));
            abandoned.remove(id);
            return;
        }
        for (PendingCall each : List.copyOf(pending.values())) {
            // All but one of them will be answered all the same.
            boolean remembered = abandoned.size() < MOST_ABANDONED && abandoned.add(each.id);
            if (pending.remove(each.id, each)) {
                each.fail(() -> tooLarge(size, "; it cannot be told which request it answered, so all of them fail"));
            } else if (remembered) {
                abandoned.remove(each.id);
            }
        }
    }

    private McpProtocolException tooLarge(long size, String addition) {
        return new McpProtocolException(
                "Server '" + target.name() + "' sent a message of " + size + " bytes, more than the maxMessageSize of "
                        + target.maxMessageSize() + addition + "; raise maxMessageSize or ask for less",
                null);
    }

    void failed(long id, TransportException cause) {
        if (cause.kind() == TransportException.Kind.REJECTED) {
            // It may not be what it was any more; the next connection asks.
            target.memory().forget();
            inDoubt = true;
        } else if (cause.kind() == TransportException.Kind.REFUSED) {
            received();
        }
        fail(id, () -> Failures.calling(cause, cause.mayHaveBeenDelivered()));
        abandoned.remove(id);
    }

    private void fail(long id, Supplier<McpException> failure) {
        PendingCall call = pending.remove(id);
        if (call != null) {
            call.fail(failure);
        }
    }

    /** The transport has ended, or is of no use any more: everybody who waits is told at once. */
    void closed(@Nullable TransportException cause) {
        End reason = new End(cause == null ? closedReason() : String.valueOf(cause.getMessage()), cause);
        synchronized (end) {
            if (ended != null) {
                return;
            }
            ended = reason;
        }
        for (PendingCall call : List.copyOf(pending.values())) {
            // Whoever is just sending one is about to learn whether it was delivered, and tells the call.
            if (call.exchange != null && pending.remove(call.id, call)) {
                call.fail(() -> reason.lost(true));
            }
        }
        abandoned.clear();
        features.end();
        end.complete(null);
    }
}
