package io.mcpdrivers.driver.http;

import io.mcpdrivers.spi.TransportException;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stream on which a legacy server sends what belongs to no request, for as long as the session lives. A server need
 * not offer it.
 */
final class StandingStream implements Runnable {

    private static final int MOST_DOUBLINGS = 5;

    private static final Logger log = LoggerFactory.getLogger(StandingStream.class);

    private final HttpTransport transport;
    private final Ticket ticket;
    private final @Nullable String revision;
    private final @Nullable String sessionId;
    private final CountDownLatch answered = new CountDownLatch(1);

    StandingStream(HttpTransport transport, Ticket ticket, @Nullable String revision, @Nullable String sessionId) {
        this.transport = transport;
        this.ticket = ticket;
        this.revision = revision;
        this.sessionId = sessionId;
    }

    /** Waits until the server has offered the stream or refused it; an interrupt ends that early and is kept. */
    void awaitAnswer(long nanos) {
        try {
            if (!answered.await(nanos, TimeUnit.NANOSECONDS)) {
                log.debug(
                        "Server '{}' has not said yet whether it offers a standing stream",
                        transport.settings.serverName);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void run() {
        try {
            listen();
        } catch (IOException e) {
            if (!ticket.isOver()) {
                log.debug("Server '{}' sends nothing by itself: {}", transport.settings.serverName, e.getMessage());
            }
        } catch (RuntimeException | Error e) {
            log.error("The standing stream of server '{}' failed", transport.settings.serverName, e);
        } finally {
            answered.countDown();
            transport.unregister(ticket);
        }
    }

    private void listen() throws IOException {
        EventStream stream = new EventStream(transport, 0);
        for (int failures = 0; ; ) {
            long events = stream.events();
            try {
                Answer answer = transport.wire.send(
                        new Wire.Outgoing(
                                "GET",
                                transport.endpoint(),
                                RequestHeaders.stream(revision, sessionId, stream.lastEventId()),
                                null),
                        ticket);
                answered.countDown();
                if (answer.isEventStream()) {
                    stream.read(answer, ticket);
                } else {
                    boolean busy = answer.status() == 429 || answer.status() >= 500;
                    answer.discard();
                    if (!busy) {
                        log.debug(
                                "Server '{}' offers no standing stream: status {}",
                                transport.settings.serverName,
                                answer.status());
                        return;
                    }
                }
            } catch (TransportException e) {
                if (e.kind() != TransportException.Kind.CONNECTION) {
                    throw e;
                }
            }
            answered.countDown();
            failures = stream.events() > events ? 0 : failures + 1;
            ticket.pause(stream.pauseNanos() << Math.max(0, Math.min(failures - 1, MOST_DOUBLINGS)));
        }
    }
}
