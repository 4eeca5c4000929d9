package io.mcpdrivers.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.McpConfigurationException;
import io.mcpdrivers.spi.McpUri;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

/** The dialects in which applications write down their servers. */
class McpJsonTest {

    @TempDir
    Path folder;

    private final Map<String, String> environment = new HashMap<>();

    private PoolConfiguration read(String file, String text) throws IOException {
        return builder(file, text).sources().read();
    }

    private PoolBuilder builder(String file, String text) throws IOException {
        Path path = folder.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text, StandardCharsets.UTF_8);
        return McpPool.builder().environment(environment::get).load(path);
    }

    /** The only server of a file, its placeholders filled in. */
    private McpUri connected(String file, String text) throws IOException {
        PoolConfiguration configuration = read(file, text);
        assertThat(configuration.servers()).hasSize(1);
        ServerEntry entry = configuration.servers().values().iterator().next();
        return entry.resolve(entry.uri());
    }

    private McpUri connected(String text) throws IOException {
        return connected("mcp.json", text);
    }

    @Test
    void claude_desktop() throws Exception {
        McpUri uri = connected("claude_desktop_config.json", """
                {"globalShortcut": "", "mcpServers": {"files": {
                  "command": "npx",
                  "args": ["-y", "@modelcontextprotocol/server-filesystem", "/Users/me/Desktop"],
                  "env": {"BRAVE_API_KEY": "geheim", "DEBUG": 1, "VERBOSE": true, "NONE": null}
                }}}
                """);
        assertThat(uri.scheme()).isEqualTo("stdio");
        assertThat(uri.target()).isEqualTo("npx");
        assertThat(uri.parameters("arg"))
                .containsExactly("-y", "@modelcontextprotocol/server-filesystem", "/Users/me/Desktop");
        assertThat(uri.parametersWithPrefix("env."))
                .isEqualTo(Map.of("BRAVE_API_KEY", "geheim", "DEBUG", "1", "VERBOSE", "true"));
        assertThat(uri.toString()).doesNotContain("geheim");
    }

    @Test
    void claude_code() throws Exception {
        environment.put("API_KEY", "geheim");
        PoolConfiguration read = read(".mcp.json", """
                {"mcpServers": {
                  "http": {"type": "http", "url": "${API_BASE_URL:-https://api.example.com}/mcp",
                           "headers": {"Authorization": "Bearer ${API_KEY}"}, "timeout": 500, "alwaysLoad": true},
                  "stream": {"type": "streamable-http", "url": "https://example.com/mcp?a=b", "timeout": 600000},
                  "sse": {"type": "sse", "url": "http://example.com/sse"}
                }}
                """);
        ServerEntry http = read.server("http");
        McpUri uri = http.resolve(http.uri());
        assertThat(uri.target()).isEqualTo("https://api.example.com/mcp");
        assertThat(uri.parameter("header.Authorization")).isEqualTo("Bearer geheim");
        assertThat(uri.parameter("requestTimeout")).isEqualTo("500000ms");
        assertThat(uri.toString()).doesNotContain("geheim");
        assertThat(http.uri().toString()).contains("${API_KEY}");
        McpUri stream = read.server("stream").uri();
        assertThat(stream.canonical()).isEqualTo("mcp:https://example.com/mcp?a=b#requestTimeout=600000ms");
        assertThat(read.server("sse").uri().canonical()).isEqualTo("mcp:sse:http://example.com/sse");
    }

    @Test
    void cursor() throws Exception {
        environment.put("TOKEN", "t1");
        PoolConfiguration read = read(".cursor/mcp.json", """
                {"mcpServers": {
                  "local": {"type": "stdio", "command": "${workspaceFolder}${/}bin${pathSeparator}serve",
                            "args": ["--home", "${userHome}", "${workspaceFolderBasename}", "${env:TOKEN}"],
                            "envFile": "${workspaceFolder}/.env"},
                  "remote": {"url": "https://example.com/mcp", "headers": {"X-Token": "${env:TOKEN}"},
                             "auth": {"CLIENT_ID": "x"}}
                }}
                """);
        Files.writeString(folder.resolve(".env"), "A=1\n");
        ServerEntry local = read.server("local");
        McpUri uri = local.resolve(local.uri());
        assertThat(uri.target()).isEqualTo(folder + "/bin/serve");
        assertThat(uri.parameters("arg"))
                .containsExactly(
                        "--home",
                        System.getProperty("user.home"),
                        folder.getFileName().toString(),
                        "t1");
        assertThat(uri.parameter("env.A")).isEqualTo("1");
        ServerEntry remote = read.server("remote");
        assertThat(remote.resolve(remote.uri()).parameter("header.X-Token")).isEqualTo("t1");
    }

    @Test
    void windsurf() throws Exception {
        environment.put("AUTH_TOKEN", "t2");
        McpUri uri = connected("mcp_config.json", """
                {"mcpServers": {"remote": {"serverUrl": "https://example.com/mcp", "disabledTools": ["x"],
                  "headers": {"API_KEY": "Bearer ${env:AUTH_TOKEN}"}}}}
                """);
        assertThat(uri.scheme()).isEqualTo("https");
        assertThat(uri.parameter("header.API_KEY")).isEqualTo("Bearer t2");
    }

    @Test
    void gemini() throws Exception {
        PoolConfiguration read = read(".gemini/settings.json", """
                {"theme": "dark", "mcp": {"allowed": ["http"]}, "mcpServers": {
                  "http": {"httpUrl": "http://localhost:3000/mcp", "timeout": 5000, "trust": false},
                  "python": {"command": "python", "cwd": "./mcp-servers/python", "timeout": 15000,
                             "includeTools": ["a"], "excludeTools": ["b"]}
                }}
                """);
        assertThat(read.server("http").uri().canonical())
                .isEqualTo("mcp:http://localhost:3000/mcp#requestTimeout=5000ms");
        McpUri python = read.server("python").uri();
        assertThat(python.parameter("cwd")).isEqualTo(folder + "/mcp-servers/python");
        assertThat(python.parameter("requestTimeout")).isEqualTo("15000ms");
    }

    @Test
    void roo_and_cline_count_seconds() throws Exception {
        PoolConfiguration read = read("cline_mcp_settings.json", """
                {"mcpServers": {
                  "a": {"command": "x", "timeout": 3600, "disabled": true},
                  "b": {"type": "streamableHttp", "url": "http://h/", "timeout": 1.5}
                }}
                """);
        assertThat(read.server("a").uri().parameter("requestTimeout")).isEqualTo("3600000ms");
        assertThat(read.server("a").uri().parameter("enabled")).isEqualTo("false");
        assertThat(read.server("b").uri().parameter("requestTimeout")).isEqualTo("1500ms");
        assertThat(connected(
                                ".roo/mcp.json",
                                "{\"mcpServers\": {\"a\": {\"command\": \"x\", \"timeout\": 1800, \"watchPaths\": []}}}")
                        .parameter("requestTimeout"))
                .isEqualTo("1800000ms");
        assertThat(connected("{\"mcpServers\": {\"a\": {\"command\": \"x\", \"timeout\": 1800, \"alwaysAllow\": []}}}")
                        .parameter("requestTimeout"))
                .isEqualTo("1800000ms");
        assertThat(connected("{\"mcpServers\": {\"a\": {\"command\": \"x\", \"timeout\": \"2m\"}}}")
                        .parameter("requestTimeout"))
                .isEqualTo("2m");
    }

    @Test
    void vs_code_with_comments_inputs_and_an_environment_file() throws Exception {
        Files.writeString(folder.resolve("more.env"), """
                # Comment
                export TOKEN = "from file"
                PLAIN=a b # comment
                LITERAL='${env:NOT_A_PLACEHOLDER}\\n'
                ESCAPED="a\\nb\\"c\\\\"
                EMPTY=
                """);
        PoolBuilder builder = builder(".vscode/mcp.json", """
                {
                  // A comment
                  "inputs": [
                    {"type": "promptString", "id": "key", "description": "The key", "password": true},
                    {"type": "pickString", "id": "choice", "options": ["x", {"label": "Y", "value": "y"}], "default": "x"},
                  ],
                  "servers": {
                    "files": {
                      "type": "stdio", /* another */ "command": "node",
                      "args": ["${workspaceFolder}/server.js", "${input:choice}"],
                      "env": {"KEY": "${input:key}", "TOKEN": "from env"},
                      "envFile": "more.env",
                      "dev": {"watch": "**"},
                    },
                  },
                }
                """);
        Map<String, ConfigurationInput> asked = new HashMap<>();
        builder.inputs(input -> {
            asked.put(input.id(), input);
            return input.secret() ? "geheim" : null;
        });
        ServerEntry entry = builder.sources().read().server("files");
        assertThat(asked).isEmpty();
        McpUri uri = entry.resolve(entry.uri());
        assertThat(uri.parameters("arg")).containsExactly(folder + "/server.js", "x");
        assertThat(uri.parametersWithPrefix("env."))
                .isEqualTo(Map.of(
                        "KEY",
                        "geheim",
                        "TOKEN",
                        "from env",
                        "PLAIN",
                        "a b",
                        "LITERAL",
                        "${env:NOT_A_PLACEHOLDER}\\n",
                        "ESCAPED",
                        "a\nb\"c\\",
                        "EMPTY",
                        ""));
        assertThat(asked.get("key")).isEqualTo(new ConfigurationInput("key", "The key", true, List.of(), null));
        assertThat(asked.get("choice").options()).containsExactly("x", "y");
        assertThat(uri.toString()).doesNotContain("geheim", "from file", "from env");
        assertThat(uri.redact("the key is geheim")).doesNotContain("geheim");
    }

    @Test
    void below_servers_a_path_is_added_to_the_one_there_is_as_in_vs_code() throws Exception {
        environment.put("PATH", "/usr/bin");
        String entry = "{\"a\": {\"command\": \"x\", \"env\": {\"PATH\": \"/opt/x\"}}}";
        assertThat(connected("mcp.json", "{\"servers\": " + entry + "}").parameter("env.PATH"))
                .isEqualTo("/usr/bin" + File.pathSeparator + "/opt/x");
        assertThat(connected("mcp.json", "{\"mcpServers\": " + entry + "}").parameter("env.PATH"))
                .isEqualTo("/opt/x");
    }

    @Test
    void vs_code_settings_hold_the_same_below_mcp() throws Exception {
        McpUri uri = connected("settings.json", """
                {"editor.fontSize": 12, "mcp": {"inputs": [], "servers": {"a": {"command": "x"}}}}
                """);
        assertThat(uri.target()).isEqualTo("x");
    }

    @Test
    void odd_arguments_arrive_as_they_were_written() throws Exception {
        List<String> odd = List.of(
                "",
                " leading and trailing ",
                "a&b=c#d%20e?f",
                "\"double\" 'single' `back`",
                "back\\slash",
                "j\u00fcrgen \ud83d\ude00 \u4e2d",
                "line\nbreak\ttab",
                "+plus+",
                "100%",
                "{\"json\": [1, 2]}",
                "--opt=${",
                "$HOME $(x) $");
        StringBuilder args = new StringBuilder();
        for (String argument : odd) {
            args.append(args.isEmpty() ? "" : ",")
                    .append(new JsonMapper().writeValueAsString(argument.replace("${", "$${")));
        }
        PoolConfiguration read = read(
                "mcp.json",
                "{\"mcpServers\": {\"a\": {\"command\": \"C:\\\\Program Files\\\\x y.exe\", \"args\": [" + args
                        + "], \"env\": {\"A B\": \"x&y=z\"}, \"cwd\": \"/tmp/a b#c\"}}}");
        ServerEntry entry = read.server("a");
        McpUri again = McpUri.parse(entry.uri().canonical());
        McpUri uri = entry.resolve(again);
        assertThat(uri.target()).isEqualTo("C:\\Program Files\\x y.exe");
        assertThat(uri.parameters("arg")).isEqualTo(odd);
        assertThat(uri.parameter("env.A B")).isEqualTo("x&y=z");
        assertThat(uri.parameter("cwd")).isEqualTo("/tmp/a b#c");
    }

    @Test
    void the_address_may_come_from_a_variable() throws Exception {
        environment.put("BASE", "https://h.example/mcp");
        McpUri uri = connected("{\"servers\": {\"a\": {\"url\": \"${BASE}\", \"headers\": {\"H\": \"1\"}}}}");
        assertThat(uri.target()).isEqualTo("https://h.example/mcp");
        assertThat(uri.parameter("header.H")).isEqualTo("1");
    }

    @Test
    void other_drivers_are_reached_by_their_own_uris() throws Exception {
        McpUri uri = connected("{\"servers\": {\"a\": {\"url\": \"mcp:unix:/run/x.sock?a=b\", \"timeout\": 5000}}}");
        assertThat(uri.canonical()).isEqualTo("mcp:unix:/run/x.sock?a=b&requestTimeout=5000ms");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "{\"args\": []}|neither a command nor a url",
                "[]|not a JSON object",
                "{\"command\": \"x\", \"url\": \"http://h\"}|a command and a URL",
                "{\"type\": \"ws\", \"url\": \"http://h\"}|'ws' is not known; known are stdio",
                "{\"type\": \"http\", \"command\": \"x\"}|it has no url",
                "{\"type\": \"stdio\", \"url\": \"http://h\"}|it has no command",
                "{\"url\": \"unix:///tmp/s.sock\"}|does not begin with http://",
                "{\"command\": \" \"}|'command' is empty",
                "{\"command\": [\"x\"]}|'command' is not a text",
                "{\"command\": \"x\", \"args\": \"-y\"}|'args' is not a list",
                "{\"command\": \"x\", \"args\": [{}]}|'args[0]' is not a text",
                "{\"command\": \"x\", \"env\": []}|'env' is not a JSON object",
                "{\"command\": \"x\", \"env\": {\"A\": []}}|'env.A' is not a text",
                "{\"command\": \"x\", \"timeout\": 0}|'timeout' is not a number greater than 0",
                "{\"command\": \"x\", \"timeout\": true}|'timeout' is not a number greater than 0",
                "{\"command\": \"x\", \"disabled\": \"maybe\"}|'disabled' is neither true nor false",
                "{\"command\": \"x\", \"pool\": {\"maxTotal\": 1}}|at the top of the file",
                "{\"command\": \"x\", \"pool\": {\"maxUses\": \"many\"}}|'many' is no whole number",
                "{\"command\": \"x\", \"pool\": 3}|'pool' is not a JSON object",
            })
    void a_broken_entry_fails_alone_with_file_entry_and_reason(String entry, String reason) throws Exception {
        PoolConfiguration read =
                read("mcp.json", "{\"mcpServers\": {\"good\": {\"command\": \"x\"}, \"bad\": " + entry + "}}");
        assertThat(read.server("good").uri().target()).isEqualTo("x");
        assertThatThrownBy(() -> read.server("bad").uri())
                .isInstanceOf(McpConfigurationException.class)
                .hasMessageContaining("Server 'bad'")
                .hasMessageContaining("mcp.json, entry bad")
                .hasMessageContaining(reason);
    }

    @Test
    void a_broken_file_is_told_without_its_secrets() {
        assertThatThrownBy(() -> read("mcp.json", "{\"mcpServers\": {\n\"a\": {\"env\": {\"K\": geheim}}}}"))
                .isInstanceOf(McpConfigurationException.class)
                .hasMessageContaining("mcp.json is not JSON: line 2")
                .hasNoCause()
                .hasMessageNotContaining("geheim");
        assertThatThrownBy(() -> read("mcp.json", "{\"mcpServers\": {\n\"a\": {\"command\": \"geheim\"},\n\"a\": {}}}"))
                .isInstanceOf(McpConfigurationException.class)
                .hasMessageContaining("mcp.json has a key twice in one object")
                .hasMessageContaining(": line 3")
                .hasNoCause()
                .hasMessageNotContaining("geheim");
        assertThatThrownBy(() -> read("mcp.json", "{\"mcpServers\": {}} {}"))
                .hasMessageContaining("goes on behind the end of its object: line 1");
        assertThatThrownBy(() -> read("mcp.json", "[]")).hasMessageContaining("is not a JSON object");
        assertThatThrownBy(() -> read("mcp.json", "{\"mcpServers\": []}")).hasMessageContaining("'mcpServers' in file");
        assertThatThrownBy(() -> read("mcp.json", "{\"pool\": {\"maxTotl\": 1}}"))
                .hasMessageContaining("Did you mean 'maxTotal'?");
        assertThatThrownBy(() -> read("mcp.json", "[".repeat(1000))).isInstanceOf(McpConfigurationException.class);
        assertThatThrownBy(() -> read("mcp.json", " ".repeat(SourceFile.MOST_BYTES + 1)))
                .hasMessageContaining("larger than 4 MiB");
        assertThatThrownBy(() -> McpPool.load(folder.resolve("none.json")))
                .hasMessageContaining("no configuration file");
    }

    @Test
    void what_is_not_known_is_tolerated() throws Exception {
        PoolConfiguration read = read("mcp.json", """
                {"x": 1, "mcpServers": {"a": {"comand": "y", "command": "x", "something": {}, "idleTimeout": "1m"}}}
                """);
        assertThat(read.server("a").uri().canonical()).isEqualTo("mcp:stdio:x");
        assertThat(read("empty.json", "{}").servers()).isEmpty();
    }

    @Test
    void settings_of_the_pool_stand_under_pool() throws Exception {
        PoolConfiguration read = read("mcp.jsonc", """
                {"pool": {"maxTotal": 20, "idleTimeout": "7m"},
                 "mcpServers": {"a": {"command": "x", "pool": {"maxTotalPerKey": 2, "connectTimeout": "1m"}}}}
                """);
        assertThat(read.settings().integer(PoolSetting.MAX_TOTAL)).isEqualTo(20);
        SettingValues ofServer = read.server("a").settings(read.settings());
        assertThat(ofServer.integer(PoolSetting.MAX_TOTAL_PER_KEY)).isEqualTo(2);
        assertThat(ofServer.duration(PoolSetting.IDLE_TIMEOUT)).hasMinutes(7);
        assertThat(read.server("a").uri().parameter("connectTimeout")).isEqualTo("1m");
    }

    @Test
    void a_variable_that_is_not_set_fails_that_server_alone() throws Exception {
        PoolConfiguration read = read("mcp.json", """
                {"mcpServers": {"a": {"command": "x", "args": ["${NOT_SET}"]},
                  "b": {"command": "x", "args": ["${config:editor.x}"]},
                  "c": {"command": "x", "args": ["${input:who}"]},
                  "d": {"command": "x", "envFile": "missing.env"},
                  "e": {"command": "x", "envFile": "wrong.env"}}}
                """);
        Files.writeString(folder.resolve("wrong.env"), "A=1\ngeheim\n");
        assertUnresolved(read, "a", "'${NOT_SET}' in parameter 'arg' is not set");
        assertUnresolved(read, "b", "'${config:editor.x}' is of no known form");
        assertUnresolved(read, "c", "The input 'who' is wanted, but nobody can be asked");
        assertUnresolved(read, "d", "missing.env cannot be read");
        assertUnresolved(read, "e", "wrong.env, line 2: it is not of the form NAME=value");
        environment.put("NOT_SET", "set now");
        ServerEntry a = read.server("a");
        assertThat(a.resolve(a.uri()).parameter("arg")).isEqualTo("set now");
    }

    private static void assertUnresolved(PoolConfiguration read, String name, String reason) {
        ServerEntry entry = read.server(name);
        assertThatThrownBy(() -> entry.resolve(entry.uri())).hasMessageContaining(reason);
    }

    @Test
    void an_environment_file_is_read_again_when_it_has_changed() throws Exception {
        Path file = folder.resolve("x.env");
        Files.writeString(file, "A=1");
        ServerEntry entry = read("mcp.json", "{\"servers\": {\"a\": {\"command\": \"x\", \"envFile\": \"x.env\"}}}")
                .server("a");
        assertThat(entry.resolve(entry.uri()).parameter("env.A")).isEqualTo("1");
        Files.writeString(file, "A=changed");
        assertThat(entry.resolve(entry.uri()).parameter("env.A")).isEqualTo("changed");
    }
}
