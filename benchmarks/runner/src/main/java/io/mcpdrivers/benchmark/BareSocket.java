package io.mcpdrivers.benchmark;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** A socket per thread, a prepared request, an answer whose length is known after the first time. */
final class BareSocket implements Peer {

    private final Target target;
    private final ThreadLocal<Line> line = ThreadLocal.withInitial(Line::new);

    BareSocket(Target target) {
        this.target = target;
    }

    private final class Line {
        final Socket socket;
        final InputStream in;
        final OutputStream out;
        final byte[] buffer = new byte[64 * 1024];
        final Map<Object, byte[]> requests = new HashMap<>();
        final Map<Object, Integer> lengths = new HashMap<>();

        Line() {
            try {
                socket = new Socket(InetAddress.getLoopbackAddress(), target.port());
                socket.setTcpNoDelay(true);
                in = socket.getInputStream();
                out = socket.getOutputStream();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }

        void exchange(Object key, String body) throws IOException {
            byte[] request = requests.get(key);
            if (request == null) {
                request = request(body);
                requests.put(key, request);
            }
            out.write(request);
            Integer length = lengths.get(key);
            if (length == null) {
                lengths.put(key, readToEnd());
                return;
            }
            for (int got = 0; got < length; ) {
                got += read();
            }
        }

        private int read() throws IOException {
            int read = in.read(buffer);
            if (read < 0) {
                throw new EOFException();
            }
            return read;
        }

        private int readToEnd() throws IOException {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            String end = target.transport().equals("sse") ? "\r\n0\r\n\r\n" : "\"complete\"}}";
            do {
                all.write(buffer, 0, read());
            } while (!all.toString(StandardCharsets.UTF_8).endsWith(end));
            return all.size();
        }
    }

    private byte[] request(String body) {
        String path = target.endpoint().substring(target.endpoint().indexOf('/', "http://".length()));
        return ("POST " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                        + "Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: 2026-07-28\r\n"
                        + "Mcp-Method: tools/call\r\nMcp-Name: echo\r\nContent-Length: " + body.length() + "\r\n\r\n"
                        + body)
                .getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public String echo(String message) throws IOException {
        line.get().exchange(message, Limits.echo(1234, message));
        return message;
    }

    @Override
    public int blob(int size) throws IOException {
        line.get().exchange(size, Limits.blob(1234, size));
        return size;
    }

    @Override
    public void close() {
        // The JVM ends.
    }
}
