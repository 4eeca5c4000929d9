package io.mcpdrivers.driver.http;

import io.mcpdrivers.spi.Envelope;
import io.mcpdrivers.spi.Exchange;
import io.mcpdrivers.spi.Transport;
import io.mcpdrivers.spi.TransportException;
import io.mcpdrivers.spi.TransportListener;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.hc.core5.http.Header;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One server over HTTP. Requests are {@link PostedRequest}s; what is here is what outlasts them: the session, the
 * streams that stand, and the end.
 */
final class HttpTransport implements Transport {

    private static final long LONGEST_NOTIFYING_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long LONGEST_DELETING_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long OVERDUE_NANOS = 50_000_000L;

    private static final Logger log = LoggerFactory.getLogger(HttpTransport.class);

    final HttpSettings settings;
    final HttpFailures failures;
    final Wire wire;
    final Delivery delivery;
    private final SharedClient client;
    private final Set<Ticket> tickets = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean closing = new AtomicBoolean();
    private final CountDownLatch closed = new CountDownLatch(1);

    private volatile Endpoint endpoint;
    /** The session that the server has given; null if there is none. */
    private volatile @Nullable String sessionId;
    /** The session that follows it once the server was told {@code notifications/initialized}; null if none does. */
    private volatile @Nullable NextSession nextSession;
    /** The revision of the last message. */
    private volatile @Nullable String revision;

    private volatile @Nullable Ticket standingStream;
    /** Set once it turns out that the server speaks HTTP with SSE. */
    private volatile @Nullable OldTransport old;

    private volatile @Nullable TransportException lostBy;

    private record NextSession(@Nullable String id) {}

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
                    openOld(Ticket.until(deadline, false));
                } else {
                    Preconnection.make(client, each, failures, deadline - System.nanoTime());
                }
                EndpointHealth.succeeded(each);
                return;
            } catch (TransportException e) {
                if (e.kind() == TransportException.Kind.CONNECTION) {
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
        if (sessionId != null && !initialize || old != null) {
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
        if (envelope.protocolVersion() != null) {
            revision = envelope.protocolVersion();
        }
        if (envelope.kind() != Envelope.Kind.REQUEST) {
            tell(envelope, message);
            return Exchange.NONE;
        }
        Ticket ticket = Ticket.until(envelope.lastDeadlineNanos(), RequestHeaders.isModern(envelope.protocolVersion()));
        register(ticket);
        PostedRequest request = new PostedRequest(this, envelope, message, ticket);
        if (envelope.callerWaits()) {
            request.run();
        } else if (!RequestThreads.execute(request, Math.max(1, envelope.deadlineNanos() - System.nanoTime()))) {
            unregister(ticket);
            throw failures.notDelivered(
                    TransportException.Kind.TIMEOUT, endpoint, "was not sent the request: too many are under way");
        }
        return ticket;
    }

    /** Sends what awaits no answer, on the calling thread: what is sent next must not overtake it. */
    private void tell(Envelope envelope, byte[] message) throws TransportException {
        Ticket ticket = Ticket.until(
                System.nanoTime() + Math.min(LONGEST_NOTIFYING_NANOS, envelope.deadlineNanos() - System.nanoTime()),
                false);
        register(ticket);
        NextSession next = RequestHeaders.INITIALIZED.equals(envelope.method()) ? nextSession : null;
        try {
            OldTransport stream = old;
            if (stream != null) {
                stream.post(envelope, message, ticket);
                return;
            }
            String session = next == null ? sessionId : next.id;
            Answer answer = wire.send(
                    new Wire.Outgoing("POST", endpoint, RequestHeaders.post(envelope, session, settings.gzip), message),
                    ticket);
            if (answer.status() / 100 != 2) {
                throw failures.status(answer, answer.text(), sessionId != null);
            }
            answer.finish();
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
            if (next != null) {
                takeNextSession(next);
            }
        }
        if (RequestHeaders.INITIALIZED.equals(envelope.method())
                && !RequestHeaders.isModern(envelope.protocolVersion())) {
            openStandingStream(envelope.protocolVersion());
        }
    }

    private void openStandingStream(@Nullable String agreed) {
        Ticket ticket = Ticket.endless();
        endStandingStream();
        standingStream = ticket;
        try {
            register(ticket);
        } catch (TransportException e) {
            return;
        }
        RequestThreads.stream(new StandingStream(this, ticket, agreed, sessionId));
    }

    private void endStandingStream() {
        Ticket running = standingStream;
        standingStream = null;
        if (running != null) {
            running.cancel();
            unregister(running);
        }
    }

    @Nullable
    String sessionId() {
        return sessionId;
    }

    /**
     * The server has answered {@code initialize}. Where a session is renewed, requests that are under way belong to the
     * old one, and nothing else must reach the new one before it was told {@code notifications/initialized}.
     */
    void beginSession(@Nullable String id) {
        if (sessionId == null) {
            sessionId = id;
            nextSession = null;
        } else {
            nextSession = new NextSession(id);
        }
    }

    private void takeNextSession(NextSession next) {
        endStandingStream();
        sessionId = next.id;
        nextSession = null;
    }

    private void register(Ticket ticket) throws TransportException {
        tickets.add(ticket);
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

    void unregister(Ticket ticket) {
        tickets.remove(ticket);
    }

    /** Called by the watch now and then. */
    void endOverdue() {
        for (Ticket ticket : tickets) {
            if (ticket.remaining() < -OVERDUE_NANOS) {
                ticket.expire();
            }
        }
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
            endSession();
        } finally {
            ExchangeWatch.remove(this);
            client.release();
        }
    }

    private void endSession() {
        NextSession next = nextSession;
        String id = next == null ? sessionId : next.id;
        if (id == null) {
            return;
        }
        Ticket ticket = Ticket.within(LONGEST_DELETING_NANOS);
        tickets.add(ticket);
        try {
            List<Header> headers = RequestHeaders.delete(revision, id);
            wire.send(new Wire.Outgoing("DELETE", endpoint, headers, null), ticket)
                    .finish();
        } catch (IOException e) {
            // A server that cannot be told will forget the session by itself.
            log.debug("The session with server '{}' was not ended: {}", settings.serverName, e.getMessage());
        } finally {
            tickets.remove(ticket);
        }
    }
}
