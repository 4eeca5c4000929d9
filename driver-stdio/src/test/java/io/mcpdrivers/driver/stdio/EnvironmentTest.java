package io.mcpdrivers.driver.stdio;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.spi.McpUri;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A server sees of the parent's environment what it needs, and what the URI gives. */
@Timeout(60)
class EnvironmentTest {

    /** Set for the JVM of these tests by the build. */
    private static final String SECRET = "MCP_DRIVERS_TEST_SECRET";

    private static final String FUNCTION = "MCP_DRIVERS_TEST_FUNCTION";

    @RegisterExtension
    final Servers servers = new Servers();

    @Test
    void only_allowed_variables_reach_the_server() throws Exception {
        assertThat(System.getenv()).containsKey(SECRET);
        Map<String, String> environment = environment(McpUri.builder("stdio", "env"));
        assertThat(environment).containsEntry("PATH", System.getenv("PATH")).doesNotContainKey(SECRET);
        assertThat(environment.keySet())
                .allMatch(name -> name.matches("HOME|LOGNAME|PATH|SHELL|TERM|USER|LANG|LC_.*|TZ|TMPDIR"));
    }

    @Test
    void named_variables_are_inherited_as_well() throws Exception {
        assertThat(environment(McpUri.builder("stdio", "env").add("inheritEnv", "NOT_SET, " + SECRET)))
                .containsEntry(SECRET, "parent-secret")
                .doesNotContainKeys("NOT_SET", FUNCTION);
        assertThat(environment(McpUri.builder("stdio", "env").add("inheritEnv", "MCP_DRIVERS_*")))
                .containsEntry(SECRET, "parent-secret");
    }

    @Test
    void a_shell_function_is_never_inherited() throws Exception {
        assertThat(System.getenv()).containsKey(FUNCTION);
        assertThat(environment(McpUri.builder("stdio", "env").add("inheritEnv", FUNCTION)))
                .doesNotContainKey(FUNCTION);
    }

    @Test
    void the_variables_of_the_uri_are_added_and_replace_inherited_ones() throws Exception {
        assertThat(environment(McpUri.builder("stdio", "env")
                        .add("env.API_TOKEN", "a b=c\"d'")
                        .add("env.EMPTY", "")
                        .add("env.TERM", "dumb")))
                .containsEntry("API_TOKEN", "a b=c\"d'")
                .containsEntry("EMPTY", "")
                .containsEntry("TERM", "dumb");
    }

    @Test
    void on_windows_names_are_compared_without_regard_to_case() {
        Map<String, String> environment = new TreeMap<>(Map.of(
                "Path", "C:\\Windows",
                "SystemRoot", "C:\\Windows",
                "Secret", "x",
                "HOME", "x",
                "Custom", "old",
                "AWS_Region", "eu"));
        new ChildEnvironment("aws_*", Map.of("CUSTOM", "new"), true).applyTo(environment);
        assertThat(environment)
                .containsOnly(
                        Map.entry("Path", "C:\\Windows"),
                        Map.entry("SystemRoot", "C:\\Windows"),
                        Map.entry("AWS_Region", "eu"),
                        Map.entry("CUSTOM", "new"));
    }

    private Map<String, String> environment(McpUri.Builder uri) throws Exception {
        Recorder recorder = new Recorder();
        servers.open(uri, recorder);
        recorder.end();
        Map<String, String> environment = new TreeMap<>();
        for (String line : recorder.messages) {
            environment.put(line.substring(0, line.indexOf('=')), line.substring(line.indexOf('=') + 1));
        }
        return environment;
    }
}
