package io.mcpdrivers.example.unix;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** Writes a socket, see {@link SocketInput}. */
final class SocketOutput extends OutputStream {

    private final SocketChannel socket;

    SocketOutput(SocketChannel socket) {
        this.socket = socket;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        ByteBuffer left = ByteBuffer.wrap(bytes, offset, length);
        while (left.hasRemaining()) {
            socket.write(left);
        }
    }
}
