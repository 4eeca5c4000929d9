package io.mcpdrivers.driver.http;

import io.mcpdrivers.spi.Envelope;
import io.mcpdrivers.spi.Exchange;
import io.mcpdrivers.spi.Transport;
import io.mcpdrivers.spi.TransportException;
import io.mcpdrivers.spi.TransportListener;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One server over HTTP. Requests are {@link PostedRequest}s; what is here is what outlasts them: the session, the
 * streams that stand, and the end.
 */
final class HttpTransport implements Transport {

    private static final long LONGEST_NOTIFYING_NANOS = TimeUnit.SECONDS.toNanos(10);
    /** Most often it is about a server that does not answer, and others wait to be sent behind it. */
    private static final long LONGEST_CANCELLING_NANOS = TimeUnit.SECONDS.toNanos(2);

    private static final Logger log = LoggerFactory.getLogger(HttpTransport.class);

    final HttpSettings settings;
    final HttpFailures failures;
    final Wire wire;
    final Delivery delivery;
    final LegacySession session = new LegacySession(this);
    final SharedClient client;
    private final Set<Ticket> tickets = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean closing = new AtomicBoolean();
    private final CountDownLatch closed = new CountDownLatch(1);

    private volatile Endpoint endpoint;
    /** Set once it turns out that the server speaks HTTP with SSE. */
    private volatile @Nullable OldTransport old;

    private volatile @Nullable TransportException lostBy;

    HttpTransport(HttpSettings settings, SharedClient client) {
        this.settings = settings;
        this.client = client;
        this.failures = new HttpFailures(settings);
        this.wire = new Wire(settings, client, failures);
        this.delivery = new Delivery(settings.serverName);
        this.endpoint = settings.endpoints.get(0);
        ExchangeWatch.add(this);
    }

    /** Connects to the first endpoint that can be reached. */
    void open() throws TransportException {
        long deadline = System.nanoTime() + settings.connectNanos;
        TransportException first = null;
        for (Endpoint each : EndpointHealth.order(settings.endpoints, settings.balance)) {
            endpoint = each;
            try {
                if (settings.oldTransport) {
                    openOld(Ticket.until(deadline));
                    EndpointHealth.succeeded(each);
                } else {
                    // That it takes connections does not say that it answers well: its first answer tells.
                    Preconnection.make(client, each, failures, deadline - System.nanoTime());
                }
                return;
            } catch (TransportException e) {
                if (Thread.currentThread().isInterrupted()) {
                    // It says nothing of the endpoint, and would fail at each of the others.
                    throw e;
                }
                if (HttpFailures.mayPass(e)) {
                    EndpointHealth.failed(each);
                }
                if (first == null) {
                    first = e;
                } else {
                    first.addSuppressed(e);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }

    Endpoint endpoint() {
        return endpoint;
    }

    /** An endpoint cannot be reached: takes another one, unless a session binds this transport to it. */
    boolean leaveEndpoint(Endpoint failed, Set<Endpoint> tried, boolean initialize) {
        EndpointHealth.failed(failed);
        if (session.id() != null && !initialize || old != null) {
            return false;
        }
        tried.add(failed);
        for (Endpoint each : EndpointHealth.order(settings.endpoints, settings.balance)) {
            if (!tried.contains(each)) {
                endpoint = each;
                return true;
            }
        }
        return false;
    }

    @Nullable
    OldTransport old() {
        return old;
    }

    /** Opens the stream of the old transport. */
    OldTransport openOld(Ticket ticket) throws TransportException {
        OldTransport opened;
        try {
            register(ticket);
            opened = OldTransport.open(this, endpoint, ticket);
        } catch (Ticket.Abandoned e) {
            unregister(ticket);
            throw failures.notDelivered(
                    TransportException.Kind.CONNECTION,
                    endpoint,
                    "did not say where to post messages to (event 'endpoint') in time");
        } catch (TransportException e) {
            unregister(ticket);
            throw e;
        }
        old = opened;
        return opened;
    }

    @Override
    public void start(TransportListener listener) {
        delivery.start(listener);
        OldTransport stream = old;
        if (stream != null) {
            stream.start();
        }
    }

    @Override
    public Exchange send(Envelope envelope, byte[] message) throws TransportException {
        boolean modern = RequestHeaders.isModern(envelope.protocolVersion());
        if (modern && session.id() != null && !RequestHeaders.INITIALIZE.equals(envelope.method())) {
            // What a modern server gives as a session is none.
            session.forget();
        }
        if (envelope.kind() != Envelope.Kind.REQUEST) {
            tell(envelope, message);
            return Exchange.NONE;
        }
        Ticket ticket = Ticket.until(envelope.lastDeadlineNanos(), modern, envelope.id());
        ticket.answerBy(envelope.deadlineNanos());
        register(ticket);
        boolean taken = false;
        try {
            PostedRequest request = new PostedRequest(this, envelope, message, ticket);
            if (envelope.callerWaits()) {
                request.run();
            } else if (!RequestThreads.execute(
                    endpoint.host(), request, Math.max(1, envelope.deadlineNanos() - System.nanoTime()))) {
                throw failures.notDelivered(
                        TransportException.Kind.TIMEOUT, endpoint, "was not sent the request: too many are under way");
            }
            taken = true;
            return ticket;
        } finally {
            if (!taken) {
                // Also when no thread can be had for it, which is an error.
                unregister(ticket);
            }
        }
    }

    /** Sends what awaits no answer, on the calling thread: what is sent next must not overtake it. */
    private void tell(Envelope envelope, byte[] message) throws TransportException {
        long longest =
                RequestHeaders.CANCELLED.equals(envelope.method()) ? LONGEST_CANCELLING_NANOS : LONGEST_NOTIFYING_NANOS;
        Ticket ticket = Ticket.within(Math.min(longest, envelope.deadlineNanos() - System.nanoTime()));
        register(ticket);
        boolean initialized = RequestHeaders.INITIALIZED.equals(envelope.method());
        try {
            OldTransport stream = old;
            if (stream != null) {
                stream.post(envelope, message, ticket);
                return;
            }
            String sessionId = initialized ? session.idOfHandshake() : session.id();
            Answer answer = wire.send(
                    new Wire.Outgoing(
                            "POST", endpoint, RequestHeaders.post(envelope, sessionId, settings.gzip), message),
                    ticket);
            if (answer.status() / 100 != 2) {
                String body = answer.text();
                answer.discard();
                throw failures.status(answer, body, sessionId != null);
            }
            // Whatever else it says does not matter.
            answer.finishSoon();
        } catch (Ticket.Abandoned e) {
            if (!ticket.sent) {
                throw failures.notDelivered(
                        TransportException.Kind.TIMEOUT, endpoint, "could not be sent a message in time");
            }
        } catch (TransportException e) {
            if (!e.mayHaveBeenDelivered()) {
                throw e;
            }
            log.debug("{} after it was sent a message that awaits no answer", e.getMessage());
        } catch (IOException e) {
            log.debug("Server '{}' was sent a message; its acknowledgement broke off: {}", settings.serverName, e);
        } finally {
            unregister(ticket);
            if (initialized) {
                session.takeNext();
            }
        }
        if (initialized && !RequestHeaders.isModern(envelope.protocolVersion())) {
            session.established(envelope.protocolVersion(), envelope.deadlineNanos());
        }
    }

    void register(Ticket ticket) throws TransportException {
        watch(ticket);
        if (!isOpen()) {
            tickets.remove(ticket);
            TransportException cause = lostBy;
            throw new TransportException(
                    cause == null ? TransportException.Kind.CONNECTION : cause.kind(),
                    cause == null
                            ? "The connection to server '" + settings.serverName + "' is closed"
                            : String.valueOf(cause.getMessage()),
                    false,
                    cause);
        }
    }

    /** Has something ended when its time is over, also while the transport is being closed. */
    void watch(Ticket ticket) {
        tickets.add(ticket);
        ticket.isWatched();
    }

    void unregister(Ticket ticket) {
        tickets.remove(ticket);
    }

    /** How much is under way, for tests. */
    int underWay() {
        return tickets.size();
    }

    /** A response has come, on a stream that is not its request's: that needs none any more. */
    void answeredElsewhere(long id) {
        for (Ticket ticket : tickets) {
            if (ticket.requestId() == id) {
                ticket.cancel();
            }
        }
    }

    /** Called by the watch now and then; returns how long it is until the next one is overdue. */
    long endOverdue() {
        long next = Long.MAX_VALUE;
        for (Ticket ticket : tickets) {
            long left = ticket.remaining();
            if (left <= 0) {
                ticket.expire();
            } else {
                next = Math.min(next, left);
            }
        }
        return next;
    }

    /** The old transport's stream has ended, and with it all that waits for messages on it. */
    void lose(TransportException cause) {
        if (closing.get() || lostBy != null) {
            return;
        }
        lostBy = cause;
        for (Ticket ticket : tickets) {
            ticket.cancel();
        }
        delivery.end(cause);
    }

    @Override
    public boolean isLegacyOnly() {
        return old != null;
    }

    @Override
    public boolean isOpen() {
        return !closing.get() && lostBy == null;
    }

    @Override
    public boolean hasExchangePerRequest() {
        return old == null;
    }

    @Override
    public String redact(String text) {
        return failures.redacted(text);
    }

    @Override
    public void close() {
        boolean interrupted = Thread.interrupted();
        if (closing.compareAndSet(false, true)) {
            try {
                endEverything();
            } finally {
                closed.countDown();
            }
        }
        while (closed.getCount() > 0) {
            try {
                closed.await();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void endEverything() {
        for (Ticket ticket : tickets) {
            ticket.cancel();
        }
        delivery.end(null);
        try {
            session.end();
        } finally {
            ExchangeWatch.remove(this);
            client.release();
        }
    }
}
