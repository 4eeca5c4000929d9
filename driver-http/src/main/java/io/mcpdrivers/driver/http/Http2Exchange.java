package io.mcpdrivers.driver.http;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLHandshakeException;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.client5.http.async.AsyncExecCallback;
import org.apache.hc.client5.http.async.AsyncExecChain;
import org.apache.hc.client5.http.async.AsyncExecRuntime;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.http.ConnectionRequestTimeoutException;
import org.apache.hc.core5.http.EntityDetails;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.MessageConstraintException;
import org.apache.hc.core5.http.ProtocolException;
import org.apache.hc.core5.http.RequestNotExecutedException;
import org.apache.hc.core5.http.message.BasicHttpRequest;
import org.apache.hc.core5.http.nio.AsyncEntityProducer;
import org.apache.hc.core5.http.nio.AsyncResponseConsumer;
import org.apache.hc.core5.http.nio.CapacityChannel;
import org.apache.hc.core5.http.nio.entity.BasicAsyncEntityProducer;
import org.apache.hc.core5.http.nio.support.BasicRequestProducer;
import org.apache.hc.core5.http.nio.support.classic.SharedInputBuffer;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.net.URIAuthority;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * One request over HTTP/2. The library's reactor hands over head and body of the response; the thread that carries the
 * request waits for them, never longer than it is allowed to.
 */
final class Http2Exchange extends Attempt implements Received {

    private static final String EXCHANGE = Http2Exchange.class.getName();
    private static final int MOST_INTERIM = 20;
    /** What the server may send beyond its first window before any of it was read. */
    private static final int WINDOW = 64 * 1024;

    private final CloseableHttpAsyncClient http;
    private final @Nullable Header proxyAuthorization;
    private final Ticket ticket;
    private final FromReactor incoming = new FromReactor();
    private final SharedInputBuffer body = new SharedInputBuffer(WINDOW);
    /** Open until the head of the response has come, or it never will. */
    private final CountDownLatch answered = new CountDownLatch(1);

    private volatile @Nullable Future<Void> future;
    /** What holds the connection. */
    private volatile @Nullable AsyncExecRuntime runtime;

    private volatile boolean cancelled;
    /** Whether the end of the body has come, though perhaps it was not read yet. */
    private volatile boolean whole;

    private volatile @Nullable IOException failure;
    private volatile @Nullable HttpResponse response;
    private volatile @Nullable EntityDetails entity;
    /** Until when the next read may take. */
    private long readUntil;

    Http2Exchange(CloseableHttpAsyncClient http, @Nullable Header proxyAuthorization, Ticket ticket) {
        this.http = http;
        this.proxyAuthorization = proxyAuthorization;
        this.ticket = ticket;
    }

    @Override
    Answer send(Endpoint at, Wire.Outgoing request, OwnHeaders.Sent own, boolean trusted) throws IOException {
        Host host = at.host();
        URIAuthority authority =
                new URIAuthority(host.name(), host.authority().equals(host.address()) ? host.port() : -1);
        BasicHttpRequest sent = new BasicHttpRequest(request.method(), host.scheme(), authority, at.path());
        for (Header header : own.headers()) {
            sent.addHeader(header.name, header.value);
        }
        for (Header header : request.headers()) {
            if (trusted || !header.sensitive) {
                sent.addHeader(header.name, header.value);
            }
        }
        if (proxyAuthorization != null && !at.isSecure()) {
            sent.setHeader(proxyAuthorization.name, proxyAuthorization.value);
        }
        byte[] message = request.body();
        if (message != null) {
            sent.addHeader("Content-Type", "application/json");
        }
        BasicRequestProducer producer =
                new BasicRequestProducer(sent, message == null ? null : new BasicAsyncEntityProducer(message, null));
        HttpClientContext context = HttpClientContext.create();
        context.setAttribute(EXCHANGE, this);
        Future<Void> running = http.execute(Http2Client.host(host), producer, incoming, null, context, incoming);
        future = running;
        if (cancelled) {
            running.cancel(true);
        }
        awaitHead();
        return new Answer(this, ticket, at);
    }

    /** Called for each request before it has a connection. */
    static void begin(
            HttpRequest request,
            @Nullable AsyncEntityProducer body,
            AsyncExecChain.Scope scope,
            AsyncExecChain chain,
            AsyncExecCallback callback)
            throws HttpException, IOException {
        if (scope.clientContext.getAttribute(EXCHANGE) instanceof Http2Exchange exchange) {
            exchange.runtime = scope.execRuntime;
        }
        chain.proceed(request, body, scope, callback);
    }

    private void awaitHead() throws IOException {
        try {
            if (!answered.await(Math.max(1, ticket.remaining()), TimeUnit.NANOSECONDS)) {
                cancel();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            cancel();
        }
        IOException failed = failure;
        if (failed != null) {
            throw failed;
        }
        if (response == null) {
            throw new InterruptedIOException("The request was given up");
        }
    }

    /** What the library calls, on a thread of its own: must not wait. */
    private final class FromReactor implements AsyncResponseConsumer<Void>, FutureCallback<Void> {

        private int interim;
        private @Nullable FutureCallback<Void> whenComplete;

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
    }

    /** Wakes whoever waits; of a body that has come whole, the rest can still be read. */
    private void end() {
        if (!whole) {
            body.abort();
        }
        answered.countDown();
    }

    /** The library's own failures, as those of the driver's own connections are called. */
    private static IOException translated(Exception cause) {
        for (Throwable t = cause; t != null; t = t.getCause()) {
            if (t instanceof MessageConstraintException || t instanceof ProtocolException) {
                return withCause(new NoHttp(String.valueOf(t.getMessage())), cause);
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
    boolean isReused() {
        return false;
    }

    @Override
    boolean maySent(IOException failed) {
        for (Throwable t = failed; t != null; t = t.getCause()) {
            if (t instanceof ConnectException
                    || t instanceof UnknownHostException
                    || t instanceof NoRouteToHostException
                    || t instanceof ConnectTimeoutException
                    || t instanceof ConnectionRequestTimeoutException
                    || t instanceof RequestNotExecutedException
                    || t instanceof SSLHandshakeException) {
                return false;
            }
        }
        return true;
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
            if (cancelled || Thread.currentThread().isInterrupted()) {
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
        readUntil = System.nanoTime() + (millis == 0 ? TimeUnit.DAYS.toNanos(3650) : millis * 1_000_000L);
    }

    @Override
    public void release() {
        // The library has noticed the end of the body.
    }

    @Override
    public void giveUp() {
        cancel();
    }

    @Override
    public void cancel() {
        cancelled = true;
        end();
        Future<Void> running = future;
        if (running != null) {
            running.cancel(true);
        }
        AsyncExecRuntime held = runtime;
        if (held != null && !whole) {
            // Once an error has begun to be told, the library takes cancelling for too late.
            held.discardEndpoint();
        }
    }
}
