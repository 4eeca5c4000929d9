package io.mcpdrivers.spi;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Two connected sockets: a transport on the one, the test plays the server on the other. */
final class SocketPair implements AutoCloseable {

    final Socket client;
    final Socket server;
    final AtomicInteger channelCloses = new AtomicInteger();
    final AtomicInteger aborts = new AtomicInteger();
    /** What the channel's close waits for. */
    volatile CountDownLatch mayClose = new CountDownLatch(0);

    SocketPair() throws IOException {
        try (ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            client = new Socket(InetAddress.getLoopbackAddress(), listening.getLocalPort());
            server = listening.accept();
        }
        client.setTcpNoDelay(true);
        server.setTcpNoDelay(true);
    }

    StreamTransport transport() throws IOException {
        return transport(client.getInputStream(), client.getOutputStream());
    }

    StreamTransport transport(InputStream in, OutputStream out) {
        return new StreamTransport(in, out, OpenOptions.of("pair"), new StreamTransport.Channel() {
            @Override
            public void abort() {
                aborts.incrementAndGet();
                closeSocket(client);
            }

            @Override
            public void close() {
                channelCloses.incrementAndGet();
                closeSocket(client);
                try {
                    mayClose.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }

            @Override
            public TransportException describeEnd(@Nullable IOException cause) {
                return new TransportException(
                        TransportException.Kind.CONNECTION, "the pair has ended: " + cause, false, cause);
            }
        });
    }

    static Envelope request(long id, Duration timeout) {
        return envelope(Envelope.Kind.REQUEST, id, timeout);
    }

    static Envelope envelope(Envelope.Kind kind, long id, Duration timeout) {
        return new Envelope(kind, id, "test", null, null, Map.of(), System.nanoTime() + timeout.toNanos());
    }

    static void closeSocket(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        closeSocket(client);
        closeSocket(server);
    }
}
