package io.mcpdrivers.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.spi.McpUri;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is left of what one source says of a server when a later one says something else. */
class OverridingTest {

    private static final String OTHER = "mcp:http://127.0.0.1:1/mcp";

    @TempDir
    Path folder;

    private PoolBuilder json(String entry) throws IOException {
        return McpPool.builder()
                .load(Files.writeString(
                        folder.resolve("mcp.json"),
                        "{'mcpServers': {'s': %s}}".formatted(entry).replace('\'', '"')));
    }

    private PoolBuilder withToken() throws IOException {
        return json("{'url': 'https://prod.example/mcp', 'headers': {'Authorization': 'Bearer geheim1234'},"
                + " 'timeout': 4000, 'pool': {'maxUses': 7, 'maxTotalPerKey': 3}}");
    }

    private static McpUri resolved(PoolBuilder builder) {
        ServerEntry entry = builder.sources().read().server("s");
        return entry.resolve(entry.uri());
    }

    @Test
    void another_uri_does_not_get_the_headers_of_the_first_one() throws Exception {
        McpUri uri = resolved(withToken().server("s", OTHER, Map.of("maxUses", "8")));
        assertThat(uri.target()).contains("127.0.0.1:1");
        assertThat(uri.parametersWithPrefix("header.")).isEmpty();
        assertThat(uri.parameter("requestTimeout")).isEqualTo("4000ms");
        assertThat(uri.parameter("maxTotalPerKey")).isEqualTo("3");
        assertThat(uri.parameter("maxUses")).isEqualTo("8");
    }

    @Test
    void another_command_does_not_get_the_environment_of_the_first_one() throws Exception {
        Path secrets = Files.writeString(folder.resolve("secrets.env"), "KEY=geheim1234");
        Properties system = new Properties();
        system.setProperty("mcp.server.s.uri", "mcp:stdio:other?arg=x");
        system.setProperty("mcp.server.s.env.OWN", "1");
        McpUri uri = resolved(json("{'command': 'first', 'cwd': '/tmp', 'env': {'TOKEN': 'geheim1234'}, 'envFile': '"
                        + secrets.getFileName() + "'}")
                .systemProperties(system));
        assertThat(uri.target()).isEqualTo("other");
        assertThat(uri.parametersWithPrefix("env.")).isEqualTo(Map.of("OWN", "1"));
        assertThat(uri.parameterNames()).containsExactlyInAnyOrder("arg", "env.OWN");
    }

    @Test
    void a_later_source_without_a_uri_adds_to_what_was_said() throws Exception {
        Properties system = new Properties();
        system.setProperty("mcp.server.s.header.X-Tenant", "t");
        system.setProperty("mcp.server.s.maxUses", "9");
        McpUri uri = resolved(withToken().systemProperties(system));
        assertThat(uri.parametersWithPrefix("header."))
                .isEqualTo(Map.of("Authorization", "Bearer geheim1234", "X-Tenant", "t"));
        assertThat(uri.parameter("maxUses")).isEqualTo("9");
    }
}
