package io.mcpdrivers.driver.http;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * Connects to servers: to one address of a name after the other, perhaps through a proxy, and TLS above it. Behind an HTTP
 * proxy, connections for servers without TLS end at that.
 */
final class Connector {

    /** There is no connection after the time that was given for it. */
    static final class ConnectTimeoutException extends SocketTimeoutException {
        private static final long serialVersionUID = 1L;

        ConnectTimeoutException(String message) {
            super(message);
        }
    }

    private final SSLContext tls;
    private final @Nullable InetSocketAddress socks;
    private final @Nullable HttpProxy proxy;

    Connector(SSLContext tls, @Nullable InetSocketAddress socks, @Nullable HttpProxy proxy) {
        this.tls = tls;
        this.socks = socks;
        this.proxy = proxy;
    }

    @Nullable
    HttpProxy proxy() {
        return proxy;
    }

    /** What all connections that can be used for an endpoint lead to. */
    Host destination(Endpoint at) {
        return proxy == null || at.isSecure() ? at.host() : proxy.host();
    }

    /** Connects within a time, which is shared out to the addresses that are left. */
    void connect(WireConnection connection, Endpoint at, long nanos) throws IOException {
        long deadline = System.nanoTime() + nanos;
        Socket socket = tcp(connection, proxy == null ? at.host() : proxy.host(), deadline);
        socket.setTcpNoDelay(true);
        socket.setKeepAlive(true);
        if (!at.isSecure()) {
            connection.use(socket);
            return;
        }
        // The watch bounds all reads together.
        socket.setSoTimeout(millis(deadline - System.nanoTime()));
        if (proxy != null) {
            connection.use(socket);
            proxy.openTunnel(connection, at.host());
        }
        connection.use(secured(socket, at.host()));
    }

    private SSLSocket secured(Socket socket, Host host) throws IOException {
        SSLSocket secured = (SSLSocket) tls.getSocketFactory().createSocket(socket, host.name(), host.port(), true);
        SSLParameters parameters = secured.getSSLParameters();
        // Else any certificate that is trusted would do, whatever its name.
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        SNIHostName name = serverName(host.name());
        if (name != null) {
            parameters.setServerNames(List.of(name));
        }
        secured.setSSLParameters(parameters);
        secured.startHandshake();
        return secured;
    }

    /** What a server that has several certificates chooses by; null for an address, which is no name. */
    static @Nullable SNIHostName serverName(String name) {
        boolean address = name.indexOf(':') >= 0 || name.matches("[0-9.]+");
        try {
            return address ? null : new SNIHostName(name.endsWith(".") ? name.substring(0, name.length() - 1) : name);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private Socket tcp(WireConnection connection, Host to, long deadline) throws IOException {
        String name = to.name();
        int port = to.port();
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
        InetAddress[] addresses = addresses(to);
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
        throw failed(last, (proxy == null ? "" : "the proxy ") + name + ":" + port + " " + addresses(addresses));
    }

    private InetAddress[] addresses(Host to) throws IOException {
        try {
            return InetAddress.getAllByName(to.name());
        } catch (UnknownHostException e) {
            // Not the server's, of which its name would not be known then.
            throw proxy == null ? e : failed(e, "the proxy " + to.address());
        }
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
