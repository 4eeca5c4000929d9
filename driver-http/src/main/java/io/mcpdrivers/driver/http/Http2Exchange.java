package io.mcpdrivers.driver.http;

import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.util.concurrent.Future;
import javax.net.ssl.SSLHandshakeException;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.client5.http.async.AsyncExecCallback;
import org.apache.hc.client5.http.async.AsyncExecChain;
import org.apache.hc.client5.http.async.AsyncExecRuntime;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ConnectionRequestTimeoutException;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.RequestNotExecutedException;
import org.apache.hc.core5.http.message.BasicHttpRequest;
import org.apache.hc.core5.http.nio.AsyncEntityProducer;
import org.apache.hc.core5.http.nio.entity.BasicAsyncEntityProducer;
import org.apache.hc.core5.http.nio.support.BasicRequestProducer;
import org.apache.hc.core5.net.URIAuthority;
import org.jspecify.annotations.Nullable;

/** One request over HTTP/2. */
final class Http2Exchange extends Attempt {

    private static final String EXCHANGE = Http2Exchange.class.getName();

    private final CloseableHttpAsyncClient http;
    private final @Nullable Header proxyAuthorization;
    private final Ticket ticket;
    private final Http2Response response = new Http2Response(this);

    private volatile boolean cancelled;
    private volatile @Nullable Future<Void> future;
    /** Whether there is a connection to whom the request is for, behind the tunnel if there is a proxy. */
    private volatile boolean established;
    /** Whether there ever was one. */
    private volatile boolean reached;
    /** What holds the connection. */
    private volatile @Nullable AsyncExecRuntime runtime;

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
        Future<Void> running = http.execute(Http2Client.host(host), producer, response, null, context, response);
        future = running;
        if (cancelled) {
            cancel();
        }
        response.awaitHead(ticket.remaining());
        return new Answer(response, ticket, at);
    }

    /** Called for each request before it has a connection, and again should the library send it again. */
    static void begin(
            HttpRequest request,
            @Nullable AsyncEntityProducer body,
            AsyncExecChain.Scope scope,
            AsyncExecChain chain,
            AsyncExecCallback callback)
            throws HttpException, IOException {
        if (scope.clientContext.getAttribute(EXCHANGE) instanceof Http2Exchange exchange) {
            exchange.established = false;
            exchange.runtime = scope.execRuntime;
        }
        chain.proceed(request, body, scope, callback);
    }

    /** Called for each request that has a connection, before any of it is sent. */
    static void established(
            HttpRequest request,
            @Nullable AsyncEntityProducer body,
            AsyncExecChain.Scope scope,
            AsyncExecChain chain,
            AsyncExecCallback callback)
            throws HttpException, IOException {
        if (scope.clientContext.getAttribute(EXCHANGE) instanceof Http2Exchange exchange) {
            exchange.established = true;
            exchange.reached = true;
        }
        chain.proceed(request, body, scope, callback);
    }

    boolean isEstablished() {
        return established;
    }

    @Override
    boolean isReused() {
        return false;
    }

    @Override
    boolean maySent(IOException failed) {
        if (!reached) {
            return false;
        }
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
    public void cancel() {
        cancelled = true;
        response.end();
        Future<Void> running = future;
        if (running != null) {
            running.cancel(true);
        }
        AsyncExecRuntime held = runtime;
        if (held != null && !response.isWhole()) {
            // Once an error has begun to be told, the library takes cancelling for too late.
            held.discardEndpoint();
        }
    }
}
