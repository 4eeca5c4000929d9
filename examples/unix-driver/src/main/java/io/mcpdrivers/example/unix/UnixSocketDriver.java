package io.mcpdrivers.example.unix;

import io.mcpdrivers.spi.DaemonThreads;
import io.mcpdrivers.spi.DriverProperty;
import io.mcpdrivers.spi.McpDriver;
import io.mcpdrivers.spi.McpUri;
import io.mcpdrivers.spi.OpenOptions;
import io.mcpdrivers.spi.StreamTransport;
import io.mcpdrivers.spi.Transport;
import io.mcpdrivers.spi.TransportException;
import io.mcpdrivers.spi.TransportException.Kind;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Connects to an MCP server that listens on a Unix domain socket and reads and writes one message a line:
 * {@code mcp:unix:/run/server.sock}. It takes no parameters of its own.
 */
public final class UnixSocketDriver implements McpDriver {

    /** Made by the ServiceLoader. */
    public UnixSocketDriver() {}

    @Override
    public Set<String> schemes() {
        return Set.of("unix");
    }

    @Override
    public List<DriverProperty> properties() {
        return List.of();
    }

    @Override
    public Transport open(McpUri uri, OpenOptions options) throws TransportException {
        if (uri.target().startsWith("unix://")) {
            throw new TransportException(
                    Kind.CONFIGURATION,
                    "'" + uri.display() + "' is a URL, but a path is expected: write mcp:unix:"
                            + uri.display().substring("unix://".length()));
        }
        UnixDomainSocketAddress address;
        try {
            address = UnixDomainSocketAddress.of(uri.target());
        } catch (IllegalArgumentException e) {
            throw failure(Kind.CONFIGURATION, "'" + uri.display() + "' is no path: " + e.getMessage(), e);
        }
        SocketChannel socket = null;
        try {
            socket = SocketChannel.open(StandardProtocolFamily.UNIX);
            connect(socket, address, options);
        } catch (IOException e) {
            closeQuietly(socket);
            throw e instanceof TransportException t ? t : explain(uri, address, e);
        }
        return new StreamTransport(
                new SocketInput(socket), new SocketOutput(socket), options, new Socket(uri, options, socket));
    }

    /**
     * Connecting waits while the server's queue is full, for as long as it likes: so another thread does it. Not a
     * virtual one, on which it would not wait but fail.
     */
    private static void connect(SocketChannel socket, UnixDomainSocketAddress address, OpenOptions options)
            throws IOException {
        FutureTask<Boolean> connecting = new FutureTask<>(() -> socket.connect(address));
        DaemonThreads.platform("mcp-connect-" + options.serverName())
                .newThread(connecting)
                .start();
        try {
            connecting.get(options.connectTimeout().toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
        } catch (TimeoutException e) {
            throw failure(
                    Kind.TIMEOUT,
                    "'" + address + "' did not accept a connection within "
                            + options.connectTimeout().toMillis() + " ms; is the server busy or stopped?",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failure(Kind.CONNECTION, "Interrupted while connecting to '" + address + "'", e);
        }
    }

    private static TransportException explain(McpUri uri, UnixDomainSocketAddress address, IOException e) {
        String target = "'" + uri.display() + "'";
        if (String.valueOf(e.getMessage()).contains("too long")) {
            return failure(
                    Kind.CONFIGURATION,
                    "The path " + target + " is " + uri.target().length() + " characters long, more than the system"
                            + " allows for a socket, which is about 100; use a shorter one",
                    e);
        }
        if (!Files.exists(address.getPath())) {
            return failure(Kind.CONNECTION, "There is no socket " + target + "; is the server running?", e);
        }
        if (e instanceof ConnectException) {
            return failure(Kind.CONNECTION, "No server listens on " + target + "; is it running?", e);
        }
        return failure(Kind.CONNECTION, "Cannot connect to " + target + ": " + e.getMessage(), e);
    }

    private static TransportException failure(Kind kind, String message, Throwable cause) {
        return new TransportException(kind, message, false, cause);
    }

    private static void closeQuietly(@Nullable SocketChannel socket) {
        if (socket != null) {
            try {
                socket.close();
            } catch (IOException e) {
                // It is given up anyway.
            }
        }
    }

    /** What the streams belong to. */
    private record Socket(McpUri uri, OpenOptions options, SocketChannel socket) implements StreamTransport.Channel {
        @Override
        public void abort() {
            closeQuietly(socket);
        }

        @Override
        public void close() {
            closeQuietly(socket);
        }

        @Override
        public TransportException describeEnd(@Nullable IOException cause) {
            String server = "Server '" + options.serverName() + "' at '" + uri.display() + "' ";
            return cause == null
                    ? new TransportException(Kind.CONNECTION, server + "closed the connection")
                    : failure(Kind.CONNECTION, server + "was lost: " + cause.getMessage(), cause);
        }

        @Override
        public boolean suitsVirtualThreads() {
            return true;
        }
    }
}
