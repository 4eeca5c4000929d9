package io.mcpdrivers.driver.http;

import java.io.IOException;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.io.HttpClientConnection;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.message.BasicHeader;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.io.ModalCloseable;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/** One request that the library's client sends: behind an HTTP proxy, and over HTTP/2. */
final class LibraryExchange extends Attempt {

    private static final Header JSON = new BasicHeader("Content-Type", "application/json");

    private final CloseableHttpClient http;
    private final boolean http2;
    private final @Nullable Header proxyAuthorization;
    private final WireContext context;
    private final CancellableRequest cancellable = new CancellableRequest();

    LibraryExchange(CloseableHttpClient http, boolean http2, @Nullable Header proxyAuthorization, Ticket ticket) {
        this.http = http;
        this.http2 = http2;
        this.proxyAuthorization = proxyAuthorization;
        this.context = new WireContext(ticket);
    }

    @Override
    Answer send(Endpoint at, Wire.Outgoing request, OwnHeaders.Sent own, boolean trusted) throws IOException {
        WireRequest sent = new WireRequest(request.method(), at, cancellable);
        own.addTo(sent);
        for (Header header : request.headers()) {
            if (trusted || !header.isSensitive()) {
                sent.addHeader(header);
            }
        }
        if (request.body() != null) {
            sent.setEntity(new ByteArrayEntity(request.body(), null));
            sent.addHeader(JSON);
        }
        if (proxyAuthorization != null && !at.isSecure()) {
            sent.setHeader(proxyAuthorization);
        }
        ClassicHttpResponse response = http.executeOpen(at.host(), sent, context);
        return new Answer(new Response(response, context, cancellable), context.ticket, at);
    }

    @Override
    boolean isReused() {
        return context.reused;
    }

    @Override
    boolean maySent(IOException failure) {
        return http2 ? !HttpFailures.isUnsent(failure) : context.sent;
    }

    @Override
    boolean isTunnelling() {
        return context.tunnelling;
    }

    @Override
    public boolean cancel() {
        return cancellable.cancel();
    }

    private static final class Response implements Received {
        private final ClassicHttpResponse response;
        private final WireContext context;
        private final CancellableRequest cancellable;

        Response(ClassicHttpResponse response, WireContext context, CancellableRequest cancellable) {
            this.response = response;
            this.context = context;
            this.cancellable = cancellable;
        }

        @Override
        public int status() {
            return response.getCode();
        }

        @Override
        public @Nullable String header(String name) {
            Header header = response.getFirstHeader(name);
            return header == null ? null : header.getValue();
        }

        @Override
        public String headers(String name) {
            StringBuilder all = new StringBuilder();
            for (Header header : response.getHeaders(name)) {
                all.append(all.isEmpty() ? "" : ", ").append(header.getValue());
            }
            return all.toString();
        }

        @Override
        public boolean hasBody() {
            return response.getEntity() != null;
        }

        @Override
        public long length() {
            HttpEntity entity = response.getEntity();
            return entity == null ? 0 : entity.getContentLength();
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            HttpEntity entity = response.getEntity();
            return entity == null ? -1 : entity.getContent().read(buffer, offset, length);
        }

        @Override
        public boolean limitRead(Ticket ticket) {
            HttpClientConnection connection = context.connection;
            if (connection != null) {
                ticket.limitRead(connection);
            }
            return connection != null;
        }

        @Override
        public boolean limitRead(int millis) {
            HttpClientConnection connection = context.connection;
            if (connection != null) {
                connection.setSocketTimeout(Timeout.ofMilliseconds(millis));
            }
            return connection != null;
        }

        @Override
        public void release() {
            // The library has noticed the end of the body.
        }

        @Override
        public void giveUp() {
            HttpClientConnection connection = context.connection;
            if (connection != null) {
                // At once: a peer that does not read could hold up a polite end of TLS.
                connection.close(CloseMode.IMMEDIATE);
            }
            try {
                if (response instanceof ModalCloseable closeable) {
                    closeable.close(CloseMode.IMMEDIATE);
                } else {
                    response.close();
                }
            } catch (IOException e) {
                // It is closed all the same.
            }
        }

        @Override
        public boolean cancel() {
            return cancellable.cancel();
        }
    }
}
