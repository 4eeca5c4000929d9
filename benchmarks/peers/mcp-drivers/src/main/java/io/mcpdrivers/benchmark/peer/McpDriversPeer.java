package io.mcpdrivers.benchmark.peer;

import io.mcpdrivers.McpBatch;
import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpDrivers;
import io.mcpdrivers.benchmark.Peer;
import io.mcpdrivers.benchmark.Target;
import io.mcpdrivers.pool.McpPool;
import java.util.Map;

/** This library. The variant is the value of the parameter {@code protocol}. */
public final class McpDriversPeer implements Peer.Factory {

    @Override
    public Peer connect(Target target, String variant) {
        return new Connection(McpDrivers.open(uri(target, variant)));
    }

    @Override
    public Peer pool(Target target, String variant, int connections) {
        McpPool pool = McpPool.builder()
                .maxTotalPerKey(connections)
                .streams(1)
                .set("jmxEnabled", "false")
                .build();
        return new Pool(pool, uri(target, variant));
    }

    static String uri(Target target, String protocol) {
        return target.isStdio()
                ? "mcp:stdio:" + target.endpoint() + "?protocol=" + protocol
                : "mcp:" + target.endpoint() + "#protocol=" + protocol;
    }

    static String echo(McpConnection connection, String message) {
        return connection.callTool("echo", Map.of("message", message)).text();
    }

    private static int blob(McpConnection connection, int size) {
        return connection.callTool("blob", Map.of("size", size)).text().length();
    }

    private static int batch(McpConnection connection, String message, int calls) {
        McpBatch batch = connection.batch();
        Map<String, String> arguments = Map.of("message", message);
        for (int i = 0; i < calls; i++) {
            batch.add("echo", arguments);
        }
        int right = 0;
        for (McpBatch.Outcome outcome : batch.execute()) {
            right += outcome.get().text().endsWith(message) ? 1 : 0;
        }
        return right;
    }

    private record Connection(McpConnection connection) implements Peer {

        @Override
        public String echo(String message) {
            return McpDriversPeer.echo(connection, message);
        }

        @Override
        public int blob(int size) {
            return McpDriversPeer.blob(connection, size);
        }

        @Override
        public int batch(String message, int calls) {
            return McpDriversPeer.batch(connection, message, calls);
        }

        @Override
        public void close() {
            connection.close();
        }
    }

    private record Pool(McpPool pool, String uri) implements Peer {

        @Override
        public String echo(String message) {
            try (McpConnection lease = pool.getConnection(uri)) {
                return McpDriversPeer.echo(lease, message);
            }
        }

        @Override
        public int blob(int size) {
            try (McpConnection lease = pool.getConnection(uri)) {
                return McpDriversPeer.blob(lease, size);
            }
        }

        @Override
        public int batch(String message, int calls) {
            try (McpConnection lease = pool.getConnection(uri)) {
                return McpDriversPeer.batch(lease, message, calls);
            }
        }

        @Override
        public void close() {
            pool.close();
        }
    }
}
