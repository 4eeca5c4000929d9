package io.mcpdrivers.driver.http;

import java.io.IOException;
import org.apache.hc.client5.http.io.ManagedHttpClientConnection;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.EndpointDetails;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpStatus;
import org.apache.hc.core5.http.Method;
import org.apache.hc.core5.http.impl.io.HttpRequestExecutor;
import org.apache.hc.core5.http.io.HttpClientConnection;
import org.apache.hc.core5.http.io.HttpResponseInformationCallback;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * Carries one request and the head of its response over a connection, and notes how far it got: a request whose last
 * byte was not handed over to the system has certainly not been acted on.
 */
final class WireExecutor extends HttpRequestExecutor {

    private static final Timeout EARLY_ANSWER = Timeout.ofMilliseconds(100);

    @Override
    public ClassicHttpResponse execute(
            ClassicHttpRequest request,
            HttpClientConnection connection,
            @Nullable HttpResponseInformationCallback onInformation,
            HttpContext anyContext)
            throws IOException, HttpException {
        if (!(anyContext instanceof WireContext context)) {
            return super.execute(request, connection, onInformation, anyContext);
        }
        try {
            context.tunnelling = Method.CONNECT.isSame(request.getMethod());
            begin(connection, context);
            boolean early = write(request, connection, context);
            ClassicHttpResponse response = connection.receiveResponseHeader();
            while (response.getCode() < HttpStatus.SC_SUCCESS) {
                response = connection.receiveResponseHeader();
            }
            if (early) {
                response.setHeader("Connection", "close");
            }
            if (!Method.HEAD.isSame(request.getMethod())
                    && response.getCode() != HttpStatus.SC_NO_CONTENT
                    && response.getCode() != HttpStatus.SC_NOT_MODIFIED) {
                connection.receiveResponseEntity(response);
            }
            return response;
        } catch (IOException | HttpException | RuntimeException e) {
            connection.close(CloseMode.IMMEDIATE);
            throw e;
        }
    }

    private static void begin(HttpClientConnection connection, WireContext context) throws IOException {
        context.connection = connection;
        context.tunnelled |= context.tunnelling;
        EndpointDetails details = connection.getEndpointDetails();
        boolean used = details != null && details.getRequestCount() > 0;
        context.reused = used && !context.tunnelled;
        if (context.reused && isStale(connection)) {
            throw new ConnectionClosedException("The server has closed the connection before it was sent anything");
        }
        context.ticket.limitRead(connection);
    }

    private static boolean isStale(HttpClientConnection connection) {
        return connection instanceof ManagedHttpClientConnection managed && ChannelSockets.isStale(managed.getSocket());
    }

    /** Returns true if the server answers before it has read the whole request. */
    private static boolean write(ClassicHttpRequest request, HttpClientConnection connection, WireContext context)
            throws IOException, HttpException {
        try {
            connection.sendRequestHeader(request);
            if (request.getEntity() != null) {
                connection.sendRequestEntity(request);
            }
            connection.flush();
            // What asks a proxy for a tunnel is not the request yet.
            context.sent = !context.tunnelling;
            return false;
        } catch (IOException e) {
            // It may have refused the request by its head, and closed.
            try {
                if (!context.reused && connection.isDataAvailable(EARLY_ANSWER)) {
                    return true;
                }
            } catch (IOException closed) {
                e.addSuppressed(closed);
            }
            throw e;
        }
    }
}
