package io.mcpdrivers.driver.http;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One request over HTTP/1.1 on one connection: what a call costs is mostly what is here. Head and body of a request go out in one write where they are small.
 */
final class DirectExchange extends Attempt implements Received {

    private static final long LONGEST_CONNECT_NANOS = 30_000_000_000L;
    private static final int EARLY_ANSWER_MILLIS = 100;

    private final ConnectionPool pool;
    private final Ticket ticket;
    private final boolean fresh;
    /** The connection while it is held; whoever takes it out gives it back. */
    private final AtomicReference<@Nullable WireConnection> held = new AtomicReference<>();

    private volatile boolean cancelled;
    private boolean reused;
    /** Whether the last byte of the request may be with the system; only then can the server have acted on it. */
    private boolean sent;

    private ConnectionPool.@Nullable Origin origin;
    private @Nullable ResponseHead head;
    private @Nullable BodyFraming body;

    /** Makes one, perhaps on a new connection in any case. */
    DirectExchange(ConnectionPool pool, Ticket ticket, boolean fresh) {
        this.fresh = fresh;
        this.pool = pool;
        this.ticket = ticket;
    }

    @Override
    Answer send(Endpoint at, Wire.Outgoing request, OwnHeaders.Sent own, boolean trusted) throws IOException {
        ConnectionPool.Origin leasedFrom = pool.lease(at, ticket);
        origin = leasedFrom;
        WireConnection connection = leasedFrom.take(fresh);
        reused = connection != null;
        if (connection == null) {
            connection = new WireConnection();
        }
        hold(connection);
        try {
            if (!reused) {
                pool.connect(connection, at, Math.min(LONGEST_CONNECT_NANOS, ticket.remaining()));
            }
            boolean early = write(connection, at, request, own, trusted);
            limit(connection);
            ResponseHead received = ResponseHead.readFinal(connection);
            head = received;
            body = BodyFraming.of(received, connection);
            if (early) {
                body.forbidReuse();
            }
            if (!received.hasBody()) {
                release();
            }
            return new Answer(this, ticket, at);
        } catch (IOException | RuntimeException | Error e) {
            if (sent && e instanceof IOException broken) {
                breaks(broken);
            }
            giveUp();
            throw e;
        }
    }

    /** Notes that the connection has broken, unless it was ended here. */
    private void breaks(IOException e) {
        ConnectionPool.Origin from = origin;
        if (from != null
                && !cancelled
                && !(e instanceof InterruptedIOException)
                && !Thread.currentThread().isInterrupted()) {
            from.distrust();
        }
    }

    private void hold(WireConnection connection) throws IOException {
        held.set(connection);
        if (cancelled) {
            giveUp();
            throw new InterruptedIOException("The request was given up");
        }
    }

    /** Returns true if the server answers before it has read the whole request. */
    private boolean write(
            WireConnection connection, Endpoint at, Wire.Outgoing request, OwnHeaders.Sent own, boolean trusted)
            throws IOException {
        RequestHead lines = new RequestHead(connection.buffer);
        HttpProxy forwarding = at.isSecure() ? null : pool.proxy();
        lines.text(request.method()).text(" ");
        if (forwarding == null) {
            lines.add(at.requestLine());
        } else {
            // The whole URL: the proxy carries what it is sent to whoever that names.
            lines.text("http://").text(at.host().authority()).add(at.requestLine());
            forwarding.writeAuthorization(lines);
        }
        own.writeTo(lines);
        for (Header header : request.headers()) {
            if (trusted || !header.sensitive) {
                lines.header(header);
            }
        }
        byte[] message = request.body();
        int added = 0;
        if (message == null) {
            lines.end();
        } else {
            added = lines.end(message);
        }
        connection.requests++;
        try {
            connection.write(lines.bytes(), 0, lines.length());
            if (message != null && added < message.length) {
                connection.write(message, added, message.length - added);
            }
            sent = true;
            return false;
        } catch (IOException e) {
            // A write that is interrupted does not say how much it has written: perhaps all.
            sent = Thread.currentThread().isInterrupted();
            // It may have refused the request by its head, and closed.
            try {
                if (!reused && connection.comesWithin(EARLY_ANSWER_MILLIS)) {
                    return true;
                }
            } catch (IOException closed) {
                e.addSuppressed(closed);
            }
            throw e;
        }
    }

    @Override
    boolean isReused() {
        return reused;
    }

    @Override
    boolean maySent(IOException failure) {
        return sent;
    }

    private void limit(WireConnection connection) throws IOException {
        connection.limitReads(ticket.readMillis(connection.readsCanBeEnded()));
    }

    @Override
    public void limitRead(Ticket limiting) throws IOException {
        WireConnection connection = held.get();
        if (connection != null) {
            connection.limitReads(limiting.readMillis(connection.readsCanBeEnded()));
        }
    }

    @Override
    public void limitRead(int millis) throws IOException {
        WireConnection connection = held.get();
        if (connection != null) {
            connection.limitReads(millis);
        }
    }

    private ResponseHead head() {
        ResponseHead received = head;
        if (received == null) {
            throw new IllegalStateException("There is no response yet");
        }
        return received;
    }

    @Override
    public int status() {
        return head().status;
    }

    @Override
    public @Nullable String header(String name) {
        return head().header(name);
    }

    @Override
    public String headers(String name) {
        return head().headers(name);
    }

    @Override
    public boolean hasBody() {
        return head().hasBody();
    }

    @Override
    public long length() {
        return head().length;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        BodyFraming framing = body;
        try {
            return framing == null ? -1 : framing.read(buffer, offset, length);
        } catch (IOException e) {
            breaks(e);
            throw e;
        }
    }

    @Override
    public void release() {
        WireConnection connection = held.getAndSet(null);
        BodyFraming framing = body;
        ResponseHead received = head;
        ConnectionPool.Origin from = origin;
        if (connection == null || from == null) {
            return;
        }
        if (framing != null && received != null && framing.isReusable() && received.keepsAlive()) {
            from.release(connection, KeepAlive.nanos(received.header("keep-alive")));
        } else {
            connection.close();
            from.release(null, 0);
        }
    }

    @Override
    public void giveUp() {
        cancel();
    }

    @Override
    public void cancel() {
        cancelled = true;
        WireConnection connection = held.getAndSet(null);
        ConnectionPool.Origin from = origin;
        if (connection == null || from == null) {
            return;
        }
        // First: closing wakes the thread that reads, which is to find it given back.
        from.release(null, 0);
        connection.close();
    }
}
