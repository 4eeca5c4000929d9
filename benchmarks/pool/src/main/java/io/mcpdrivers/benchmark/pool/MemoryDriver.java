package io.mcpdrivers.benchmark.pool;

import io.mcpdrivers.spi.DriverProperty;
import io.mcpdrivers.spi.Envelope;
import io.mcpdrivers.spi.Exchange;
import io.mcpdrivers.spi.McpDriver;
import io.mcpdrivers.spi.McpUri;
import io.mcpdrivers.spi.OpenOptions;
import io.mcpdrivers.spi.Transport;
import io.mcpdrivers.spi.TransportListener;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Servers that are a few lines of Java, since pools are measured without calls: {@code mcp:mem:legacy-<name>} are of
 * 2025-11-25, so that a lease has its connection for itself; {@code mcp:mem:modern-<name>} are of 2026-07-28.
 */
final class MemoryDriver implements McpDriver {

    private static final Pattern ID = Pattern.compile("\"id\":(\\d+)");

    @Override
    public Set<String> schemes() {
        return Set.of("mem");
    }

    @Override
    public List<DriverProperty> properties() {
        return List.of();
    }

    @Override
    public Transport open(McpUri uri, OpenOptions options) {
        return new Memory(uri.target().startsWith("modern"));
    }

    private static final class Memory implements Transport {
        private final boolean modern;
        private TransportListener listener;
        private volatile boolean open = true;

        Memory(boolean modern) {
            this.modern = modern;
        }

        @Override
        public void start(TransportListener told) {
            listener = told;
        }

        @Override
        public Exchange send(Envelope envelope, byte[] message) {
            String text = new String(message, StandardCharsets.UTF_8);
            Matcher id = ID.matcher(text);
            if (id.find()) {
                byte[] answer = ("{\"jsonrpc\":\"2.0\",\"id\":" + id.group(1) + "," + answer(text) + "}")
                        .getBytes(StandardCharsets.UTF_8);
                listener.onMessage(answer, 0, answer.length);
            }
            return Exchange.NONE;
        }

        private String answer(String request) {
            String server = "\"capabilities\":{},\"serverInfo\":{\"name\":\"memory\",\"version\":\"1\"}";
            if (request.contains("\"initialize\"")) {
                return "\"result\":{\"protocolVersion\":\"2025-11-25\"," + server + "}";
            }
            if (request.contains("\"server/discover\"") && modern) {
                return "\"result\":{\"supportedVersions\":[\"2026-07-28\"]," + server + ",\"resultType\":\"complete\"}";
            }
            return request.contains("\"ping\"")
                    ? "\"result\":{}"
                    : "\"error\":{\"code\":-32601,\"message\":\"Method not found\"}";
        }

        @Override
        public boolean isOpen() {
            return open;
        }

        @Override
        public void close() {
            if (open) {
                open = false;
                listener.onClosed(null);
            }
        }
    }
}
