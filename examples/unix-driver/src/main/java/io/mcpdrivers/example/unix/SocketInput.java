package io.mcpdrivers.example.unix;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/**
 * Reads a socket. {@code java.nio.channels.Channels.newInputStream} would not do: up to Java 18, a read from its stream
 * holds a lock that every write needs.
 */
final class SocketInput extends InputStream {

    private final SocketChannel socket;

    SocketInput(SocketChannel socket) {
        this.socket = socket;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        return socket.read(ByteBuffer.wrap(buffer, offset, length));
    }
}
