package io.mcpdrivers.benchmark.http;

import java.io.IOException;
import java.io.InputStream;

/** One library, called as a driver would call it: the calling thread has nothing to do until the answer is there. */
interface Client extends AutoCloseable {

    /** What a driver sends beside the body. */
    String[][] HEADERS = {
        {"Content-Type", "application/json"},
        {"Accept", "application/json, text/event-stream"},
        {"MCP-Protocol-Version", "2026-07-28"},
        {"Mcp-Method", "tools/call"},
        {"Mcp-Name", "get_weather"},
    };

    /** Posts, and reads the answer to its end; gives its length. */
    int post(String path, byte[] body) throws Exception;

    /** Reads to the end, by way of a buffer that is at hand, as a driver would have one. */
    static int drain(InputStream in) throws IOException {
        byte[] buffer = BUFFER.get();
        int length = 0;
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
            length += read;
        }
        return length;
    }

    ThreadLocal<byte[]> BUFFER = ThreadLocal.withInitial(() -> new byte[8192]);

    static Client of(String name, int port) throws Exception {
        return switch (name) {
            case "socket" -> new SocketClient(port);
            case "jdk" -> new JdkClient(port);
            case "apache" -> new ApacheClient(port);
            case "apache-async" -> new ApacheAsyncClient(port);
            case "okhttp" -> new OkHttp(port);
            case "jetty" -> new JettyClient(port);
            case "driver" -> new DriverClient(port);
            default -> throw new IllegalArgumentException("No client '" + name + "'");
        };
    }
}
