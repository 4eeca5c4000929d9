package io.mcpdrivers.driver.http;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.http.EntityDetails;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.MessageConstraintException;
import org.apache.hc.core5.http.ProtocolException;
import org.apache.hc.core5.http.nio.AsyncResponseConsumer;
import org.apache.hc.core5.http.nio.CapacityChannel;
import org.apache.hc.core5.http.nio.support.classic.SharedInputBuffer;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * The response to a request over HTTP/2. The library's reactor, which must not wait, hands over head and body; the thread
 * that carries the request waits for them, never longer than it is allowed to.
 */
final class Http2Response implements Received, AsyncResponseConsumer<Void>, FutureCallback<Void> {

    private static final int MOST_INTERIM = 20;
    /** What the server may send beyond its first window before any of it was read. */
    private static final int WINDOW = 64 * 1024;

    private static final long NO_LIMIT_NANOS = TimeUnit.DAYS.toNanos(3650);

    private final Http2Exchange exchange;
    private final SharedInputBuffer body = new SharedInputBuffer(WINDOW);
    /** Open until the head has come, or it never will. */
    private final CountDownLatch answered = new CountDownLatch(1);

    private volatile @Nullable HttpResponse response;
    private volatile @Nullable EntityDetails entity;
    /** Whether the end of the body has come, though perhaps it was not read yet. */
    private volatile boolean whole;

    private volatile boolean ended;
    private volatile @Nullable IOException failure;

    /** The reactor's own. */
    private int interim;

    private @Nullable FutureCallback<Void> whenComplete;
    /** The reader's own: until when the next read may take. */
    private long readUntil;

    Http2Response(Http2Exchange exchange) {
        this.exchange = exchange;
    }

    void awaitHead(long nanos) throws IOException {
        try {
            if (!answered.await(Math.max(1, nanos), TimeUnit.NANOSECONDS)) {
                exchange.cancel();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            exchange.cancel();
        }
        IOException failed = failure;
        if (failed != null) {
            throw failed;
        }
        if (response == null) {
            throw new InterruptedIOException("The request was given up");
        }
    }

    @Override
    public void informationResponse(HttpResponse information, HttpContext context) throws ProtocolException {
        if (++interim > MOST_INTERIM) {
            throw new ProtocolException("more than " + MOST_INTERIM + " interim answers");
        }
    }

    @Override
    public void consumeResponse(
            HttpResponse head,
            @Nullable EntityDetails details,
            HttpContext context,
            FutureCallback<Void> resultCallback) {
        if (!exchange.isEstablished()) {
            // The library hands over a refusal of CONNECT as if it came from the server, whom nobody has asked.
            org.apache.hc.core5.http.Header challenge = head.getFirstHeader("Proxy-Authenticate");
            failed(new HttpProxy.Refused(
                    head.getCode(), challenge == null ? "" : String.valueOf(challenge.getValue()), ""));
            exchange.cancel();
            return;
        }
        whenComplete = resultCallback;
        entity = details;
        response = head;
        if (details == null) {
            complete();
        }
        answered.countDown();
    }

    private void complete() {
        FutureCallback<Void> callback = whenComplete;
        whenComplete = null;
        if (callback != null) {
            callback.completed(null);
        }
    }

    @Override
    public void updateCapacity(CapacityChannel capacity) throws IOException {
        body.updateCapacity(capacity);
    }

    @Override
    public void consume(ByteBuffer bytes) {
        int unused = body.fill(bytes);
    }

    @Override
    public void streamEnd(@Nullable List<? extends org.apache.hc.core5.http.Header> trailers) {
        whole = true;
        body.markEndStream();
        complete();
    }

    @Override
    public void completed(@Nullable Void nothing) {
        // The rest of the body is read from the buffer.
    }

    @Override
    public void failed(Exception cause) {
        if (failure == null) {
            failure = translated(cause);
        }
        end();
    }

    @Override
    public void cancelled() {
        end();
    }

    @Override
    public void releaseResources() {
        answered.countDown();
    }

    boolean isWhole() {
        return whole;
    }

    /** Wakes whoever waits; of a body that has come whole, the rest can still be read. */
    void end() {
        ended = true;
        if (!whole) {
            body.abort();
        }
        answered.countDown();
    }

    /** The library's own failures, as those of the driver's own connections are called. */
    private static IOException translated(Exception cause) {
        for (Throwable t = cause; t != null; t = t.getCause()) {
            if (t instanceof MessageConstraintException || t instanceof ProtocolException) {
                return withCause(new NoHttp("", String.valueOf(t.getMessage()), ""), cause);
            }
            if (t instanceof ConnectTimeoutException) {
                return withCause(new Connector.ConnectTimeoutException(String.valueOf(t.getMessage())), cause);
            }
        }
        return cause instanceof IOException known ? known : new IOException(cause.getMessage(), cause);
    }

    private static IOException withCause(IOException failure, Exception cause) {
        failure.initCause(cause);
        return failure;
    }

    @Override
    public int status() {
        return head().getCode();
    }

    private HttpResponse head() {
        HttpResponse received = response;
        if (received == null) {
            throw new IllegalStateException("There is no response yet");
        }
        return received;
    }

    @Override
    public @Nullable String header(String name) {
        org.apache.hc.core5.http.Header header = head().getFirstHeader(name);
        return header == null ? null : header.getValue();
    }

    @Override
    public String headers(String name) {
        StringBuilder all = new StringBuilder();
        for (org.apache.hc.core5.http.Header header : head().getHeaders(name)) {
            all.append(all.isEmpty() ? "" : ", ").append(header.getValue());
        }
        return all.toString();
    }

    @Override
    public boolean hasBody() {
        return entity != null;
    }

    @Override
    public long length() {
        EntityDetails details = entity;
        return details == null ? 0 : details.getContentLength();
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        long left = readUntil - System.nanoTime();
        try {
            return body.read(buffer, offset, length, Timeout.ofMilliseconds(Math.max(1, left / 1_000_000 + 1)));
        } catch (InterruptedIOException e) {
            IOException failed = failure;
            if (failed != null) {
                throw failed;
            }
            if (ended || Thread.currentThread().isInterrupted()) {
                throw e;
            }
            throw (IOException) new SocketTimeoutException("Read timed out").initCause(e);
        }
    }

    @Override
    public void limitRead(Ticket limiting) {
        limitRead(limiting.readMillis(false));
    }

    @Override
    public void limitRead(int millis) {
        readUntil = System.nanoTime() + (millis == 0 ? NO_LIMIT_NANOS : millis * 1_000_000L);
    }

    @Override
    public void release() {
        // The library has noticed the end of the body.
    }

    @Override
    public void giveUp() {
        exchange.cancel();
    }

    @Override
    public void cancel() {
        exchange.cancel();
    }
}
