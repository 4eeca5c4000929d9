package io.mcpdrivers.integration.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.McpConfigurationException;
import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpPoolException;
import io.mcpdrivers.integration.Connections;
import io.mcpdrivers.integration.Leftovers;
import io.mcpdrivers.integration.npm.NpmServers;
import io.mcpdrivers.pool.McpPool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A pool as an application configures it: a file, servers by name. */
class ConfigurationTest {

    @RegisterExtension
    final Connections connections = Connections.perTest();

    @TempDir
    Path folder;

    @Test
    void servers_of_a_properties_file_are_called_by_their_names() throws Exception {
        Path data = Files.createDirectory(folder.resolve("data"));
        Files.writeString(data.resolve("hello.txt"), "hello");
        Path file = folder.resolve("mcp-drivers.properties");
        Files.writeString(file, """
                # A comment, and a setting of the pool
                mcp.pool.maxTotalPerKey=4
                mcp.pool.shutdownTimeout=0
                mcp.server.files.uri=%s
                mcp.server.files.idleTimeout=10m
                mcp.server.fixture.uri=%s
                mcp.server.fixture.maxTotalPerKey=1
                mcp.server.off.uri=mcp:stdio:no-such-command
                mcp.server.off.enabled=false
                mcp.server.broken.uri=mcp:nonsense:x
                """.formatted(NpmServers.filesystem(data), Leftovers.fixture()));
        McpPool pool = connections.closing(McpPool.fromProperties(file));

        try (McpConnection files = pool.getConnection("files")) {
            assertThat(files.callTool(
                                    "read_text_file",
                                    Map.of("path", data.resolve("hello.txt").toString()))
                            .text())
                    .isEqualTo("hello");
        }
        try (McpConnection fixture = pool.getConnection("mcp:server:fixture")) {
            assertThat(fixture.callTool("echo", Map.of("message", "hi")).text()).isEqualTo("hi");
            Connections.assertNoneIsFree(pool, "fixture");
        }
        assertThatThrownBy(() -> pool.getConnection("off"))
                .isInstanceOf(McpPoolException.class)
                .hasMessageContaining("disabled");
        assertThatThrownBy(() -> pool.getConnection("broken")).isInstanceOf(McpConfigurationException.class);
        assertThatThrownBy(() -> pool.getConnection("file"))
                .isInstanceOf(McpConfigurationException.class)
                .hasMessageContaining("files");
        assertThat(pool.status().servers()).containsKeys("files", "fixture", "off", "broken");
    }

    @Test
    void a_setting_that_does_not_exist_names_the_nearest() throws Exception {
        Path file = folder.resolve("wrong.properties");
        Files.writeString(file, "mcp.pool.maxTotl=4\n");
        assertThatThrownBy(() -> McpPool.fromProperties(file))
                .isInstanceOf(McpConfigurationException.class)
                .hasMessageContainingAll("maxTotl", "maxTotal");
    }
}
