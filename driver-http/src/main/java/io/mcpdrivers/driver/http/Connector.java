package io.mcpdrivers.driver.http;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.protocol.HttpCoreContext;
import org.jspecify.annotations.Nullable;

/** Connects to servers: to one address of a name after the other, perhaps through a SOCKS proxy, and TLS above it. */
final class Connector {

    private final TlsSocketStrategy tls;
    private final @Nullable InetSocketAddress socks;

    Connector(TlsSocketStrategy tls, @Nullable InetSocketAddress socks) {
        this.tls = tls;
        this.socks = socks;
    }

    /** Connects within a time, which is shared out to the addresses that are left. */
    void connect(WireConnection connection, Endpoint at, long nanos) throws IOException {
        long deadline = System.nanoTime() + nanos;
        Socket socket = tcp(connection, at, deadline);
        socket.setTcpNoDelay(true);
        socket.setKeepAlive(true);
        if (at.isSecure()) {
            socket.setSoTimeout(millis(deadline - System.nanoTime()));
            connection.use(
                    tls.upgrade(socket, at.host().getHostName(), at.host().getPort(), null, HttpCoreContext.create()));
        } else {
            connection.use(socket);
        }
    }

    private Socket tcp(WireConnection connection, Endpoint at, long deadline) throws IOException {
        String name = at.host().getHostName();
        int port = at.host().getPort();
        if (socks != null) {
            // The proxy looks the name up.
            Socket socket = new Socket(new Proxy(Proxy.Type.SOCKS, socks));
            connection.bind(socket);
            try {
                socket.connect(InetSocketAddress.createUnresolved(name, port), millis(deadline - System.nanoTime()));
                return socket;
            } catch (IOException e) {
                throw failed(e, name + ":" + port + " by way of a SOCKS proxy");
            }
        }
        InetAddress[] addresses = InetAddress.getAllByName(name);
        IOException last = null;
        for (int i = 0; i < addresses.length; i++) {
            // A channel's: a thread that is interrupted gets out of a read, and the end of an idle one can be seen.
            Socket socket = SocketChannel.open().socket();
            connection.bind(socket);
            try {
                long share = (deadline - System.nanoTime()) / (addresses.length - i);
                socket.connect(new InetSocketAddress(addresses[i], port), millis(share));
                return socket;
            } catch (IOException e) {
                socket.close();
                if (connection.isClosed() || Thread.currentThread().isInterrupted()) {
                    throw e;
                }
                if (last != null) {
                    e.addSuppressed(last);
                }
                last = e;
            }
        }
        throw failed(last, name + ":" + port + " " + addresses(addresses));
    }

    private static String addresses(InetAddress[] addresses) {
        return Arrays.stream(addresses)
                .map(InetAddress::getHostAddress)
                .toList()
                .toString();
    }

    private static IOException failed(@Nullable IOException cause, String what) {
        String message = "Connect to " + what + " failed: " + (cause == null ? "no address" : cause.getMessage());
        IOException failure = cause instanceof SocketTimeoutException
                ? new ConnectTimeoutException(message)
                : new ConnectException(message);
        failure.initCause(cause);
        return failure;
    }

    /** A time limit of a socket, for which 0 would be none. */
    static int millis(long nanos) {
        return (int) Math.max(1, Math.min(nanos / 1_000_000, Integer.MAX_VALUE));
    }
}
