package io.mcpdrivers.integration.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.McpConnection;
import io.mcpdrivers.fixture.HttpFixtureServer;
import io.mcpdrivers.pool.McpPool;
import io.mcpdrivers.pool.WarmUpResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Remote servers of an {@code mcp.json}, as each of the programs that have one writes them. */
class McpJsonOverHttpTest extends HttpTestBase {

    private static final List<String> STREAMABLE = List.of("claude", "cursor", "windsurf", "gemini", "roo");

    @TempDir
    Path folder;

    @Test
    void entries_of_every_dialect_reach_their_server_with_their_headers() throws Exception {
        HttpFixtureServer modern = server("era=modern");
        HttpFixtureServer old = server("transport=sse");
        String headers = "\"headers\": {\"X-Secret\": \"${SECRET_OF_TEST:-" + SECRET + "}\"}";
        Path file = Files.writeString(folder.resolve("mcp.json"), """
                {
                  // one file for all
                  "mcpServers": {
                    "claude": {"type": "http", "url": "%1$s", %3$s},
                    "cursor": {"url": "%1$s", %3$s},
                    "windsurf": {"serverUrl": "%1$s", %3$s},
                    "gemini": {"httpUrl": "%1$s", "timeout": 20000, %3$s},
                    "roo": {"type": "streamable-http", "url": "%1$s", "disabled": false, %3$s},
                    "old": {"type": "sse", "url": "%2$s", %3$s},
                    "off": {"type": "http", "url": "http://127.0.0.1:1/mcp", "disabled": true},
                  }
                }
                """.formatted(modern.url(), old.url(), headers));
        McpPool pool = connections.closing(McpPool.load(file));

        assertThat(pool.warmUp())
                .extracting(WarmUpResult::server)
                .doesNotContain("off")
                .hasSize(6);
        for (String name : STREAMABLE) {
            call(pool, name);
        }
        call(pool, "old");

        assertThat(requests(modern, "tools/call")).hasSize(STREAMABLE.size());
        assertThat(requests(old, "tools/call")).hasSize(1);
        for (HttpFixtureServer each : List.of(modern, old)) {
            assertThat(each.requests())
                    .allSatisfy(
                            request -> assertThat(request.header("X-Secret")).isEqualTo(SECRET));
        }
        assertThat(pool.status().toString()).doesNotContain(SECRET);
    }

    private static void call(McpPool pool, String server) {
        try (McpConnection connection = pool.getConnection(server)) {
            assertThat(connection.callTool("echo", Map.of("message", server)).text())
                    .isEqualTo(server);
        }
    }
}
