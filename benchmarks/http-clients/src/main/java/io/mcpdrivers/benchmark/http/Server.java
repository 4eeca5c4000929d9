package io.mcpdrivers.benchmark.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Answers POSTs at the least cost: a thread per connection, prepared bytes. Prints its port, ends with its input. */
final class Server {

    private static final String MESSAGE =
            "{\"jsonrpc\":\"2.0\",\"id\":1234,\"result\":{\"content\":[{\"type\":\"text\","
                    + "\"text\":\"The weather in Seattle is rainy, 11 degrees, with a light wind from the west.\"}],"
                    + "\"isError\":false,\"resultType\":\"complete\"}}";
    static final byte[] JSON = bytes("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
            + MESSAGE.length() + "\r\n\r\n" + MESSAGE);
    private static final String EVENT = "event: message\ndata: " + MESSAGE + "\n\n";
    static final byte[] SSE = bytes("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n" + Integer.toHexString(EVENT.length()) + "\r\n" + EVENT
            + "\r\n0\r\n\r\n");

    private Server() {}

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    public static void main(String[] arguments) throws IOException {
        try (ServerSocket listening = new ServerSocket(0, 200, InetAddress.getLoopbackAddress())) {
            Thread acceptor = new Thread(() -> accept(listening), "accept");
            acceptor.setDaemon(true);
            acceptor.start();
            System.out.println(listening.getLocalPort());
            while (System.in.read() >= 0) {
                // Until the one who started this ends.
            }
        }
    }

    private static void accept(ServerSocket listening) {
        try {
            while (true) {
                Socket socket = listening.accept();
                Thread thread = new Thread(() -> serve(socket), "serve");
                thread.setDaemon(true);
                thread.start();
            }
        } catch (IOException e) {
            // The listening socket was closed.
        }
    }

    private static void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            InputStream in = socket.getInputStream();
            OutputStream out = socket.getOutputStream();
            byte[] buffer = new byte[16 * 1024];
            int length = 0;
            while (true) {
                int end = requestEnd(buffer, length);
                if (end < 0) {
                    int read = in.read(buffer, length, buffer.length - length);
                    if (read < 0) {
                        return;
                    }
                    length += read;
                    continue;
                }
                out.write(buffer[6] == 's' ? SSE : JSON);
                System.arraycopy(buffer, end, buffer, 0, length - end);
                length -= end;
            }
        } catch (IOException e) {
            // The client has gone.
        }
    }

    /** Where the request ends that the buffer begins with; -1 if that is not known yet. */
    private static int requestEnd(byte[] buffer, int length) {
        int contentLength = 0;
        int line = 0;
        for (int i = 1; i < length; i++) {
            if (buffer[i] == '\n' && buffer[i - 1] == '\r') {
                if (i - line == 1) {
                    int end = i + 1 + contentLength;
                    return end <= length ? end : -1;
                }
                if (i - line > 16 && (buffer[line] | 32) == 'c' && (buffer[line + 8] | 32) == 'l') {
                    contentLength = 0;
                    for (int k = line + 15; k < i; k++) {
                        if (buffer[k] >= '0' && buffer[k] <= '9') {
                            contentLength = contentLength * 10 + buffer[k] - '0';
                        }
                    }
                }
                line = i + 1;
            }
        }
        return -1;
    }
}
