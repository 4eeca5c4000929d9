package io.mcpdrivers.integration.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.McpConfigurationException;
import io.mcpdrivers.McpConnection;
import io.mcpdrivers.integration.Connections;
import io.mcpdrivers.integration.Leftovers;
import io.mcpdrivers.pool.McpPool;
import io.mcpdrivers.pool.ReloadResult;
import io.mcpdrivers.spi.McpUri;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Servers of an {@code mcp.json} as real processes: what is written there arrives there. */
class McpJsonTest {

    private static final JsonMapper JSON = new JsonMapper();

    @RegisterExtension
    final Connections connections = Connections.perTest();

    @TempDir
    Path folder;

    /** An entry that starts the fixture server with some more arguments, and that will be found again. */
    private static ObjectNode entry(List<String> more) {
        McpUri uri = McpUri.parse(Leftovers.fixture());
        ObjectNode entry = JSON.createObjectNode().put("command", uri.target());
        List<String> arguments = new ArrayList<>(uri.parameters("arg"));
        arguments.addAll(more);
        ArrayNode args = entry.putArray("args");
        arguments.forEach(args::add);
        uri.parametersWithPrefix("env.").forEach(entry.withObjectProperty("env")::put);
        return entry;
    }

    private Path write(Map<String, ObjectNode> entries) throws Exception {
        ObjectNode root = JSON.createObjectNode();
        ObjectNode servers = root.putObject("mcpServers");
        entries.forEach(servers::set);
        Path file = Files.createDirectories(folder.resolve(".vscode")).resolve("mcp.json");
        return Files.writeString(file, "// Comment\n" + JSON.writeValueAsString(root));
    }

    private static String call(McpPool pool, String server, String tool, Map<String, ?> arguments) {
        try (McpConnection c = pool.getConnection(server)) {
            return c.callTool(tool, arguments).text();
        }
    }

    @Test
    void arguments_environment_and_directory_arrive_as_they_were_written() throws Exception {
        // In a locale that is not one of UTF-8 a JVM cannot pass any character.
        String jnu = System.getProperty("sun.jnu.encoding", "UTF-8");
        List<String> odd = List.of(
                "",
                "a b",
                "a&b=c#d%20e?f",
                "\"quoted\" 'single'",
                jnu.equals("UTF-8") ? "j\u00fcrgen \ud83d\ude00" : "jurgen",
                "new\nline",
                "back\\slash",
                "$HOME");
        ObjectNode entry =
                entry(odd.stream().map(argument -> "instructions=" + argument).toList());
        Path work = Files.createDirectory(folder.resolve("work & more"));
        entry.put("cwd", "work & more").put("envFile", "${workspaceFolder}/.env");
        entry.withObjectProperty("env").put("GREETING", "${sys:file.separator}=${NOT_SET_ANYWHERE:-a & b}");
        Files.writeString(folder.resolve(".env"), "FROM_FILE=\"quoted # value\"\nGREETING=overridden\n");
        McpPool pool = connections.closing(McpPool.load(write(Map.of(
                "odd",
                entry,
                "broken",
                JSON.createObjectNode().put("type", "stdio"),
                "off",
                entry(List.of()).put("disabled", true)))));

        String arguments = call(pool, "odd", "args", Map.of());
        for (String argument : odd) {
            assertThat(JSON.readTree(arguments).valueStream().map(a -> a.asString()))
                    .contains("instructions=" + argument);
        }
        assertThat(call(pool, "odd", "env", Map.of("name", "GREETING"))).isEqualTo("/=a & b");
        assertThat(call(pool, "odd", "env", Map.of("name", "FROM_FILE"))).isEqualTo("quoted # value");
        assertThat(Path.of(call(pool, "odd", "cwd", Map.of())).toRealPath()).isEqualTo(work.toRealPath());
        assertThatThrownBy(() -> pool.getConnection("broken"))
                .isInstanceOf(McpConfigurationException.class)
                .hasMessageContaining("has no command");
        assertThatThrownBy(() -> pool.getConnection("off")).hasMessageContaining("disabled");
    }

    @Test
    void a_file_that_is_read_again_changes_the_servers_it_changes() throws Exception {
        McpPool pool = connections.closing(McpPool.load(
                write(Map.of("same", entry(List.of()), "other", entry(List.of()), "gone", entry(List.of())))));
        String same = call(pool, "same", "pid", Map.of());
        String other = call(pool, "other", "pid", Map.of());
        // All three are the same server so far, and share its process.
        assertThat(other).isEqualTo(same);
        write(Map.of(
                "same",
                entry(List.of()),
                "other",
                entry(List.of("instructions=changed")),
                "fresh",
                entry(List.of("instructions=new"))));

        ReloadResult result = pool.reload();

        assertThat(result.added()).containsExactly("fresh");
        assertThat(result.changed()).containsExactly("other");
        assertThat(result.removed()).containsExactly("gone");
        assertThat(call(pool, "other", "args", Map.of())).contains("instructions=changed");
        assertThat(call(pool, "fresh", "args", Map.of())).contains("instructions=new");
        assertThat(call(pool, "same", "echo", Map.of("message", "hi"))).isEqualTo("hi");
        assertThatThrownBy(() -> pool.getConnection("gone")).isInstanceOf(McpConfigurationException.class);
    }
}
