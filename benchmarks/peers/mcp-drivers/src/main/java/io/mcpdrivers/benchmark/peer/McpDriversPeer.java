package io.mcpdrivers.benchmark.peer;

import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpDrivers;
import io.mcpdrivers.benchmark.Peer;
import io.mcpdrivers.benchmark.Target;
import java.util.Map;

/** This library. The variant is the value of the parameter {@code protocol}. */
public final class McpDriversPeer implements Peer.Factory {

    @Override
    public Peer connect(Target target, String variant) {
        return new Connection(McpDrivers.open(uri(target, variant)));
    }

    static String uri(Target target, String protocol) {
        return target.isStdio()
                ? "mcp:stdio:" + target.endpoint() + "?protocol=" + protocol
                : "mcp:" + target.endpoint() + "#protocol=" + protocol;
    }

    private record Connection(McpConnection connection) implements Peer {

        @Override
        public String echo(String message) {
            return connection.callTool("echo", Map.of("message", message)).text();
        }

        @Override
        public int blob(int size) {
            return connection.callTool("blob", Map.of("size", size)).text().length();
        }

        @Override
        public void close() {
            connection.close();
        }
    }
}
