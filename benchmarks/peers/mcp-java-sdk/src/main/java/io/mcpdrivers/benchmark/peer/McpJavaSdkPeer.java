package io.mcpdrivers.benchmark.peer;

import io.mcpdrivers.benchmark.Peer;
import io.mcpdrivers.benchmark.Target;
import io.modelcontextprotocol.client.McpAsyncClient;
import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.client.transport.HttpClientStreamableHttpTransport;
import io.modelcontextprotocol.client.transport.ServerParameters;
import io.modelcontextprotocol.client.transport.StdioClientTransport;
import io.modelcontextprotocol.json.McpJsonDefaults;
import io.modelcontextprotocol.spec.McpClientTransport;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.TextContent;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import reactor.core.publisher.Flux;

/** The MCP Java SDK with its synchronous client, as its documentation shows it. */
public final class McpJavaSdkPeer implements Peer.Factory {

    @Override
    public Peer connect(Target target, String variant) {
        McpSyncClient client = McpClient.sync(transport(target))
                .requestTimeout(Duration.ofSeconds(30))
                .build();
        client.initialize();
        return new Connection(client, target, new AtomicReference<>());
    }

    private static McpClientTransport transport(Target target) {
        if (target.isStdio()) {
            return new StdioClientTransport(
                    ServerParameters.builder(target.endpoint()).build(), McpJsonDefaults.getMapper());
        }
        String url = target.endpoint();
        int path = url.indexOf('/', "http://".length());
        return HttpClientStreamableHttpTransport.builder(url.substring(0, path))
                .endpoint(url.substring(path))
                // 64 MB and some, for the largest results; the default is less.
                .maxResponseSize(80 * 1024 * 1024)
                .build();
    }

    /** The asynchronous client is for batches, and opened when it is needed. */
    private record Connection(McpSyncClient client, Target target, AtomicReference<McpAsyncClient> forBatches)
            implements Peer {

        @Override
        public String echo(String message) {
            return call("echo", Map.of("message", message));
        }

        @Override
        public int blob(int size) {
            return call("blob", Map.of("size", size)).length();
        }

        @Override
        public int batch(String message, int calls) {
            if (forBatches.get() == null) {
                McpAsyncClient opened = McpClient.async(transport(target))
                        .requestTimeout(Duration.ofSeconds(30))
                        .build();
                opened.initialize().block();
                forBatches.set(opened);
            }
            CallToolRequest request = CallToolRequest.builder("echo")
                    .arguments(Map.of("message", message))
                    .build();
            return Flux.range(0, calls)
                    .flatMap(i -> forBatches.get().callTool(request))
                    .filter(result ->
                            ((TextContent) result.content().get(0)).text().equals(message))
                    .count()
                    .blockOptional()
                    .orElse(0L)
                    .intValue();
        }

        private String call(String tool, Map<String, Object> arguments) {
            TextContent content = (TextContent) client.callTool(
                            CallToolRequest.builder(tool).arguments(arguments).build())
                    .content()
                    .get(0);
            return content.text();
        }

        @Override
        public void close() {
            client.close();
        }
    }
}
