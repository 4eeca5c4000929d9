package io.mcpdrivers.benchmark.http;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The limit: a socket per thread, a prepared request, an answer whose length is known after the first time. */
final class SocketClient implements Client {

    private final int port;
    private final List<Socket> sockets = new ArrayList<>();
    private final ThreadLocal<Line> line = ThreadLocal.withInitial(this::connect);

    SocketClient(int port) {
        this.port = port;
    }

    private static final class Line {
        final InputStream in;
        final OutputStream out;
        final byte[] buffer = new byte[8192];

        Line(Socket socket) throws IOException {
            in = socket.getInputStream();
            out = socket.getOutputStream();
        }
    }

    private Line connect() {
        try {
            Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setTcpNoDelay(true);
            synchronized (sockets) {
                sockets.add(socket);
            }
            return new Line(socket);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public int post(String path, byte[] body) throws IOException {
        Line own = line.get();
        StringBuilder head = new StringBuilder(300).append("POST ").append(path).append(" HTTP/1.1\r\nHost: a\r\n");
        for (String[] header : HEADERS) {
            head.append(header[0]).append(": ").append(header[1]).append("\r\n");
        }
        head.append("Content-Length: ").append(body.length).append("\r\n\r\n");
        byte[] begin = head.toString().getBytes(StandardCharsets.ISO_8859_1);
        byte[] request = new byte[begin.length + body.length];
        System.arraycopy(begin, 0, request, 0, begin.length);
        System.arraycopy(body, 0, request, begin.length, body.length);
        own.out.write(request);
        byte[] expected = path.equals("/sse") ? Server.SSE : Server.JSON;
        int length = 0;
        while (length < expected.length) {
            int read = own.in.read(own.buffer);
            if (read < 0) {
                throw new EOFException();
            }
            length += read;
        }
        return length;
    }

    @Override
    public void close() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
