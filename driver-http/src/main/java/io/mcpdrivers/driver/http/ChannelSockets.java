package io.mcpdrivers.driver.http;

import java.io.IOException;
import java.net.Proxy;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import org.apache.hc.client5.http.io.DetachedSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * Sockets that belong to a channel. Two things come of it: a thread that is interrupted gets out of a read, and it can
 * be seen without waiting whether the server has closed a connection.
 */
final class ChannelSockets implements DetachedSocketFactory {

    @Override
    public Socket create(@Nullable Proxy proxy) throws IOException {
        return proxy == null ? SocketChannel.open().socket() : new Socket(proxy);
    }

    /**
     * Whether an idle connection is of no use any more: its end has come, or bytes that nobody has asked for, such as
     * the notice of a server that closes, also over TLS, where that is a record. False if it cannot be seen.
     */
    static boolean isStale(@Nullable Socket socket) {
        if (socket == null) {
            // Closed in this very moment, by whoever ends the transport.
            return true;
        }
        SocketChannel channel = socket.getChannel();
        if (channel == null) {
            return false;
        }
        try {
            channel.configureBlocking(false);
            try {
                return channel.read(ByteBuffer.allocate(1)) != 0;
            } finally {
                channel.configureBlocking(true);
            }
        } catch (IOException e) {
            return true;
        }
    }
}
