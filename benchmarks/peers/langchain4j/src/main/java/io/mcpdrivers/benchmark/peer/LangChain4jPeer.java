package io.mcpdrivers.benchmark.peer;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.mcp.client.DefaultMcpClient;
import dev.langchain4j.mcp.client.McpClient;
import dev.langchain4j.mcp.client.transport.McpTransport;
import dev.langchain4j.mcp.client.transport.http.StreamableHttpMcpTransport;
import dev.langchain4j.mcp.client.transport.stdio.StdioMcpTransport;
import io.mcpdrivers.benchmark.Peer;
import io.mcpdrivers.benchmark.Target;
import java.time.Duration;

/** LangChain4j's client, as its documentation shows it; arguments are JSON text there, as models give them. */
public final class LangChain4jPeer implements Peer.Factory {

    @Override
    public Peer connect(Target target, String variant) {
        return new Connection(DefaultMcpClient.builder()
                .transport(transport(target))
                .toolExecutionTimeout(Duration.ofSeconds(30))
                .build());
    }

    private static McpTransport transport(Target target) {
        return target.isStdio()
                ? StdioMcpTransport.builder().command(target.command()).build()
                : StreamableHttpMcpTransport.builder().url(target.endpoint()).build();
    }

    private record Connection(McpClient client) implements Peer {

        @Override
        public String echo(String message) {
            return call("echo", "{\"message\":\"" + message + "\"}");
        }

        @Override
        public int blob(int size) {
            return call("blob", "{\"size\":" + size + "}").length();
        }

        private String call(String tool, String arguments) {
            return client.executeTool(ToolExecutionRequest.builder()
                            .name(tool)
                            .arguments(arguments)
                            .build())
                    .resultText();
        }

        @Override
        public void close() throws Exception {
            client.close();
        }
    }
}
