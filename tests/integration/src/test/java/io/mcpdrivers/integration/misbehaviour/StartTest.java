package io.mcpdrivers.integration.misbehaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpConnectionException;
import io.mcpdrivers.McpException;
import io.mcpdrivers.fixture.Fixture;
import io.mcpdrivers.integration.Await;
import io.mcpdrivers.integration.Connections;
import io.mcpdrivers.integration.Leftovers;
import io.mcpdrivers.spi.McpUri;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that start slowly, oddly or not at all. */
class StartTest {

    @RegisterExtension
    final Connections connections = Connections.perTest();

    @TempDir
    Path folder;

    private Path log() {
        return folder.resolve("calls.log");
    }

    private static void assertWorks(McpConnection connection) {
        assertThat(connection.callTool("echo", Map.of("message", "works")).text())
                .isEqualTo("works");
    }

    @ParameterizedTest
    @CsvSource({"legacy, 2025-11-25", "modern, 2026-07-28", "dual, 2026-07-28"})
    void a_slow_start_changes_nothing(String era, String revision) {
        McpConnection connection = connections.fixture("era=" + era, "start.delay=1000");
        assertThat(connection.metadata().protocolVersion()).isEqualTo(revision);
        assertWorks(connection);
    }

    @Test
    void a_slow_handshake_changes_nothing() {
        McpConnection connection = connections.fixture("era=modern", "handshake.delay=1000");
        assertThat(connection.metadata().protocolVersion()).isEqualTo("2026-07-28");
        assertWorks(connection);
    }

    @Test
    void a_legacy_server_that_ignores_unknown_requests_connects_and_the_next_time_at_once() {
        String uri = Leftovers.fixture("unknown=ignore", "calls.log=" + log());
        McpConnection first = connections.open(uri);
        assertThat(first.metadata().protocolVersion()).isEqualTo("2025-11-25");
        assertWorks(first);

        McpConnection second = connections.open(uri);
        assertWorks(second);
        assertThat(Fixture.log(log(), "request "))
                .containsExactly("request server/discover", "request initialize", "request initialize");
    }

    @Test
    void a_legacy_server_that_exits_on_unknown_requests_connects_and_the_next_time_with_one_start() {
        // A shell, since that ends within its first second also where a JVM takes longer to start.
        String script =
                "echo start >> " + log() + "; read -r line; case $line in *'\"initialize\"'*) ;; *) exit 1 ;; esac; "
                        + "{ printf '%s\\n' \"$line\"; exec cat; } | " + String.join(" ", Fixture.command());
        String uri = Leftovers.marked(McpUri.builder("stdio", "sh")
                .add("arg", "-c")
                .add("arg", script)
                .build()
                .canonical());
        McpConnection first;
        try {
            first = connections.open(uri);
        } catch (McpConnectionException e) {
            // An end that is seen later than a second after the start is reported, and the next attempt knows better.
            assertThat(Fixture.log(log(), "start")).hasSize(1);
            first = connections.open(uri);
        }
        assertWorks(first);
        assertThat(Fixture.log(log(), "start")).hasSize(2);

        assertWorks(connections.open(uri));
        assertThat(Fixture.log(log(), "start")).hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"})
    void a_server_of_any_older_revision_connects(String revision) {
        McpConnection connection = connections.fixture("version=" + revision);
        assertThat(connection.metadata().protocolVersion()).isEqualTo(revision);
        assertWorks(connection);
    }

    @Test
    void a_server_of_a_revision_nobody_knows_is_refused_with_both_named() {
        assertThatThrownBy(() -> connections.fixture("version=1999-01-01"))
                .isInstanceOf(McpException.class)
                .hasMessageContainingAll("1999-01-01", "2025-11-25");
    }

    @Test
    void a_server_that_prints_an_error_and_exits_is_reported_at_once_with_command_code_and_stderr() {
        String uri = Leftovers.fixture("start.stderr=no license found", "start.exit=17") + "&connectTimeout=5m";
        Ends.reported("exited with code 17", () -> {
            long begin = System.nanoTime();
            McpConnectionException failure =
                    catchThrowableOfType(McpConnectionException.class, () -> connections.open(uri));
            // Twice the start of a JVM is in it, as the first end could be a dislike of the first question.
            assertThat(Duration.ofNanos(System.nanoTime() - begin))
                    .as("until a failed start is reported")
                    .isLessThan(Duration.ofMinutes(1));
            assertThat(failure).hasMessageContainingAll("java", "no license found");
            assertThat(failure.mayHaveExecuted()).isFalse();
            return failure;
        });
    }

    @Test
    void a_server_that_exits_late_is_reported_when_it_does_and_started_once() {
        String uri = Leftovers.fixture("start.delay=1500", "start.exit=3", "calls.log=" + log());
        assertThatThrownBy(() -> connections.open(uri))
                .isInstanceOf(McpConnectionException.class)
                .hasMessageMatching("(?s).*(exited with code 3|still running).*");
        assertThat(Fixture.log(log(), "start ")).hasSize(1);
    }

    @Test
    void a_command_that_does_not_exist_is_reported_at_once() {
        long took = Await.millis(() -> assertThatThrownBy(() -> connections.open("mcp:stdio:no-such-command-anywhere"))
                .isInstanceOf(McpConnectionException.class)
                .hasMessageContaining("no-such-command-anywhere"));
        // The connectTimeout is 30 s.
        assertThat(took).isLessThan(20_000);
    }

    @Test
    void a_server_that_never_answers_is_given_up_at_the_connect_timeout_with_what_it_wrote() {
        // A shell, since that has written before its time is over also where a JVM takes longer to start.
        String uri = Leftovers.marked(McpUri.builder("stdio", "sh")
                        .add("arg", "-c")
                        .add("arg", "echo waiting for a lock >&2; exec sleep 600")
                        .build()
                        .canonical())
                + "&connectTimeout=3s";
        long took = Await.millis(() -> assertThatThrownBy(() -> connections.open(uri))
                .isInstanceOf(McpConnectionException.class)
                .hasMessageContainingAll("3s", "connectTimeout", "waiting for a lock"));
        assertThat(took).isBetween(3_000L, 60_000L);
    }

    @Test
    void secrets_of_the_environment_appear_in_no_message() {
        List<String> failing = List.of(
                Leftovers.fixture("start.exit=1"), Leftovers.fixture("start.hang=1"), "mcp:stdio:no-such-command");
        for (String uri : failing) {
            String secret = (uri.contains("?") ? "&" : "?") + "env.API_TOKEN=s3cr3t&connectTimeout=500ms";
            assertThatThrownBy(() -> connections.open(uri + secret))
                    .isInstanceOf(McpConnectionException.class)
                    .hasMessageNotContaining("s3cr3t");
        }
    }
}
