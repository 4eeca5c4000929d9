package io.mcpdrivers.integration.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.integration.Connections;
import io.mcpdrivers.integration.Leftovers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What an application with secrets lets out, whatever happens: logs at the finest level and all that it can be asked. */
class SecretsTest {

    @RegisterExtension
    final Connections connections = Connections.perTest();

    @TempDir
    Path folder;

    @Test
    void no_secret_is_in_anything_that_can_be_seen() throws Exception {
        Path output = folder.resolve("output");
        ProcessBuilder command = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=info",
                        "-Dorg.slf4j.simpleLogger.log.io.mcpdrivers=trace",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        SecretsApplication.class.getName())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        Leftovers.mark(command);
        Process application = command.start();
        try {
            assertThat(application.waitFor(100, TimeUnit.SECONDS)).as("it ends").isTrue();
        } finally {
            application.destroyForcibly();
        }
        List<String> lines = Files.readAllLines(output);
        String all = String.join("\n", lines);
        String end = String.join("\n", lines.subList(Math.max(0, lines.size() - 40), lines.size()));
        assertThat(lines.contains("[end] done"))
                .as("it did all; its end: %s", end)
                .isTrue();
        // Each of the places was looked at.
        assertThat(all)
                .contains("[environment] arrived", "[placeholder] arrived")
                .contains("DEBUG io.mcpdrivers", "[web] succeeded", "[supplied headers] succeeded", "[event] PoolEvent")
                .contains("[jmx] io.mcpdrivers", "[span] name='mcp.client.operation'", "mcp_pool_connections_active{")
                .contains("[command of a server]", "[thread] mcp-", "McpAuthorizationException", "McpTimeoutException")
                .contains(
                        "invalid token ***",
                        "no ***",
                        "bad ***",
                        "what is ***?",
                        "\"answer\":\"***\"",
                        "no message\":\"***")
                .contains("McpPoolClosedException", "McpConfigurationException", "McpConnectionLostException");
        assertThat(lines.stream().filter(line -> line.contains(SecretsApplication.MARK)))
                .as("lines with a secret")
                .isEmpty();
    }
}
