package io.mcpdrivers.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.McpConfigurationException;
import io.mcpdrivers.spi.McpUri;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Variables in defaults, and the places that a file with servers speaks of. */
class McpJsonPathsTest {

    private static final String HOME = System.getProperty("user.home");

    @TempDir
    Path folder;

    private final Map<String, String> environment = new HashMap<>();

    private McpUri connected(String file, String servers, String entry) throws IOException {
        return connected(folder.resolve(file), McpPool.builder(), servers, entry);
    }

    /** The only server of a file, its placeholders filled in. */
    private McpUri connected(Path file, PoolBuilder builder, String servers, String entry) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "{\"" + servers + "\": {\"a\": " + entry + "}}");
        ServerEntry read = builder.environment(environment::get)
                .load(file)
                .sources()
                .read()
                .server("a");
        return read.resolve(read.uri());
    }

    @Test
    void a_default_may_hold_variables() throws Exception {
        String entry = """
                {"command": "x", "env": {
                  "DATA": "${NOPE:-${workspaceFolder}/data}",
                  "HOME": "${NOPE:-${userHome}}",
                  "TOKEN": "Bearer ${TOKEN:-${FALLBACK:-none}}",
                  "LITERAL": "${NOPE:-$${FALLBACK}"}}
                """;
        McpUri uri = connected("mcp.json", "mcpServers", entry);
        assertThat(uri.parameter("env.DATA")).isEqualTo(folder + "/data");
        assertThat(uri.parameter("env.HOME")).isEqualTo(HOME);
        assertThat(uri.parameter("env.TOKEN")).isEqualTo("Bearer none");
        assertThat(uri.parameter("env.LITERAL")).isEqualTo("${FALLBACK");
        environment.put("FALLBACK", "f");
        assertThat(connected("mcp.json", "mcpServers", entry).parameter("env.TOKEN"))
                .isEqualTo("Bearer f");
        environment.put("TOKEN", "${FALLBACK}");
        uri = connected("mcp.json", "mcpServers", entry);
        assertThat(uri.parameter("env.TOKEN"))
                .as("what a variable holds is not searched")
                .isEqualTo("Bearer ${FALLBACK}");
        assertThat(uri.toString()).doesNotContain("none");
    }

    @Test
    void a_folder_that_no_default_can_hold_is_an_error_of_that_entry() throws Exception {
        Path file = folder.resolve("a}b").resolve("mcp.json");
        McpUri outside = connected(
                file, McpPool.builder(), "servers", "{\"command\": \"x\", \"args\": [\"${workspaceFolder}\"]}");
        assertThat(outside.parameter("arg")).isEqualTo(file.getParent().toString());
        assertThatThrownBy(() -> connected(
                        file,
                        McpPool.builder(),
                        "servers",
                        "{\"command\": \"x\", \"args\": [\"${NOPE:-${workspaceFolder}}\"]}"))
                .isInstanceOf(McpConfigurationException.class)
                .hasMessageContaining("Server 'a'")
                .hasMessageContaining("'${workspaceFolder}' is " + file.getParent());
    }

    @Test
    void a_tilde_is_the_home_of_the_user() throws Exception {
        String entry = "{\"command\": \"~/bin/x\", \"args\": [\"~\", \"~/a\", \"~a\", \"a~\"], \"cwd\": \"~\"}";
        McpUri editor = connected(".vscode/mcp.json", "servers", entry);
        assertThat(editor.target()).isEqualTo(HOME + "/bin/x");
        assertThat(editor.parameters("arg")).containsExactly(HOME, HOME + "/a", "~a", "a~");
        assertThat(editor.parameter("cwd")).isEqualTo(HOME);
        McpUri other = connected("mcp.json", "mcpServers", entry.replace("\"cwd\": \"~\"", "\"cwd\": \"~/work\""));
        assertThat(other.target()).isEqualTo(HOME + "/bin/x");
        assertThat(other.parameters("arg")).as("no shell has seen them").containsExactly("~", "~/a", "~a", "a~");
        assertThat(other.parameter("cwd")).isEqualTo(HOME + "/work");
        assertThat(connected("mcp.json", "servers", "{\"command\": \"x\", \"cwd\": \"~x\"}")
                        .parameter("cwd"))
                .isEqualTo(folder + "/~x");
    }

    @Test
    void an_environment_file_may_stand_below_the_home_of_the_user() {
        assertThatThrownBy(() -> connected(
                        "mcp.json", "mcpServers", "{\"command\": \"x\", \"envFile\": \"~/no such file.env\"}"))
                .hasMessageContaining(HOME + "/no such file.env cannot be read");
    }

    @Test
    void a_server_of_an_editor_starts_in_the_workspace() throws Exception {
        String entry = "{\"command\": \"x\"}";
        assertThat(connected(".vscode/mcp.json", "servers", entry).parameter("cwd"))
                .isEqualTo(folder.toString());
        assertThat(connected(".vscode/mcp.json", "mcpServers", entry).parameter("cwd"))
                .isNull();
        assertThat(connected("mcp.json", "servers", "{\"command\": \"x\", \"cwd\": \"sub\"}")
                        .parameter("cwd"))
                .isEqualTo(folder + "/sub");
        assertThat(connected("mcp.json", "servers", "{\"url\": \"https://h/mcp\"}")
                        .parameter("cwd"))
                .isNull();
        Path file = folder.resolve("mcp.json");
        Path given = Files.createDirectory(folder.resolve("a ${b}"));
        assertThat(connected(file, McpPool.builder().workspaceFolder(given), "servers", entry)
                        .parameter("cwd"))
                .isEqualTo(given.toString());
        Path missing = folder.resolve("missing");
        assertThat(connected(file, McpPool.builder().workspaceFolder(missing), "servers", entry)
                        .parameter("cwd"))
                .as("a folder that is not there")
                .isNull();
    }

    @Test
    void a_server_of_a_file_without_a_place_starts_where_this_process_is() {
        PoolBuilder builder = McpPool.builder()
                .source(raw ->
                        McpJson.addText("{\"servers\": {\"a\": {\"command\": \"x\"}}}", "text", null, null, raw));
        assertThat(builder.sources().read().server("a").uri().parameter("cwd")).isNull();
    }
}
