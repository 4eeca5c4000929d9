package io.mcpdrivers.integration.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.McpBatch;
import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpConnectionLostException;
import io.mcpdrivers.McpException;
import io.mcpdrivers.McpRequestException;
import io.mcpdrivers.fixture.Fixture;
import io.mcpdrivers.integration.Await;
import io.mcpdrivers.integration.Connections;
import io.mcpdrivers.integration.Leftovers;
import io.mcpdrivers.pool.McpPool;
import io.mcpdrivers.spi.McpUri;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is made once more when a connection is lost, and what is not. */
class RetryTest {

    @RegisterExtension
    final Connections connections = Connections.perTest();

    @TempDir
    Path folder;

    private Path log;
    private Path counter;
    private String uri;
    private McpPool pool;

    @BeforeEach
    void makePool() {
        log = folder.resolve("calls.log");
        counter = folder.resolve("counter");
        uri = Leftovers.fixture("calls.log=" + log);
        pool = connections.pool();
    }

    private List<String> log(String start) {
        return Fixture.log(log, start);
    }

    private static void kill(long pid) {
        ProcessHandle server = ProcessHandle.of(pid).orElseThrow();
        server.destroyForcibly();
        // Only then have all its threads gone, and with them its end of the pipes.
        Await.result(server.onExit());
    }

    @ParameterizedTest
    @ValueSource(strings = {"counter_crash", "counter_crash_idempotent"})
    void a_counter_that_commits_before_its_server_dies_has_moved_once_and_the_caller_learns_that_it_may_have(
            String tool) {
        try (McpConnection lease = pool.getConnection(uri)) {
            // Without the list of tools nobody knows what is harmless.
            assertThatThrownBy(() -> lease.callTool(tool, Map.of("file", counter.toString())))
                    .isInstanceOfSatisfying(
                            McpConnectionLostException.class,
                            e -> assertThat(e.mayHaveExecuted()).isTrue())
                    .hasMessageContaining("may have been carried out");
        }
        assertThat(counter).hasContent("1");
        assertThat(log("start ")).hasSize(1);
        try (McpConnection lease = pool.getConnection(uri)) {
            assertThat(lease.callTool("counter", Map.of("file", counter.toString()))
                            .text())
                    .isEqualTo("2");
        }
    }

    @Test
    void a_tool_without_a_promise_is_not_called_again_even_when_the_list_is_known() {
        try (McpConnection lease = pool.getConnection(uri)) {
            lease.listTools();
            assertThatThrownBy(() -> lease.callTool("counter_crash", Map.of("file", counter.toString())))
                    .isInstanceOfSatisfying(
                            McpConnectionLostException.class,
                            e -> assertThat(e.mayHaveExecuted()).isTrue());
        }
        assertThat(counter).hasContent("1");
        assertThat(log("call ")).hasSize(1);
    }

    @Test
    void a_tool_that_is_known_to_be_idempotent_is_called_again_on_a_fresh_connection() {
        try (McpConnection lease = pool.getConnection(uri)) {
            lease.listTools();
            assertThat(lease.callTool("counter_crash_idempotent", Map.of("file", counter.toString()))
                            .text())
                    .isEqualTo("2");
            assertThat(lease.callTool("echo", Map.of("message", "the lease lives on"))
                            .text())
                    .isEqualTo("the lease lives on");
        }
        assertThat(log("start ")).hasSize(2);
    }

    @Test
    void an_idempotent_tool_is_called_again_without_blocking_too() {
        try (McpConnection lease = pool.getConnection(uri)) {
            lease.listTools();
            assertThat(Await.result(lease.callToolAsync("counter_crash_idempotent", Map.of("file", counter.toString())))
                            .text())
                    .isEqualTo("2");
        }
    }

    @Test
    void nothing_is_called_again_if_the_settings_say_so() {
        McpPool strict = connections.pool("retryHarmless=false");
        try (McpConnection lease = strict.getConnection(uri)) {
            lease.listTools();
            assertThatThrownBy(() -> lease.callTool("counter_crash_idempotent", Map.of("file", counter.toString())))
                    .isInstanceOf(McpConnectionLostException.class);
        }
        assertThat(counter).hasContent("1");
    }

    @Test
    void a_call_is_made_once_more_not_twice() {
        String dying = Leftovers.fixture("exit.on.call=1", "calls.log=" + log);
        try (McpConnection lease = pool.getConnection(dying)) {
            lease.listTools();
            assertThatThrownBy(() -> lease.callTool("echo", Map.of("message", "never")))
                    .isInstanceOf(McpConnectionLostException.class);
        }
        assertThat(log("call echo ")).hasSize(2);
    }

    @Test
    void a_server_that_was_killed_between_two_leases_is_replaced_before_anybody_sees_it() {
        long pid;
        try (McpConnection lease = pool.getConnection(uri)) {
            pid = Connections.pid(lease);
        }
        kill(pid);
        try (McpConnection lease = pool.getConnection(uri)) {
            // Not harmless to repeat, so it cannot have been made twice.
            assertThat(lease.callTool("counter", Map.of("file", counter.toString()))
                            .text())
                    .isEqualTo("1");
            assertThat(Connections.pid(lease)).isNotEqualTo(pid);
        }
    }

    @Test
    void a_call_that_was_not_written_since_the_server_was_killed_before_is_made_on_a_fresh_one() {
        try (McpConnection lease = pool.getConnection(uri)) {
            for (int i = 1; i <= 5; i++) {
                kill(Connections.pid(lease));
                assertThat(lease.callTool("counter", Map.of("file", counter.toString()))
                                .text())
                        .isEqualTo(String.valueOf(i));
            }
            kill(Connections.pid(lease));
            assertThat(Await.result(lease.callToolAsync("counter", Map.of("file", counter.toString())))
                            .text())
                    .isEqualTo("6");
        }
        assertThat(log("start ")).hasSize(7);
    }

    @Test
    void the_calls_of_a_batch_fail_or_are_made_again_each_by_its_own_right() {
        try (McpConnection lease = pool.getConnection(uri)) {
            lease.listTools();
            McpBatch batch = lease.batch()
                    .add("sleep", Map.of("ms", 300))
                    .add("counter_crash", Map.of("file", counter.toString()))
                    .add("echo", Map.of("message", "after it"));
            List<McpBatch.Outcome> outcomes = batch.execute();
            assertThat(outcomes.get(0).get().text()).isEqualTo("slept 300 ms");
            assertThat(outcomes.get(1).error()).isInstanceOf(McpConnectionLostException.class);
            assertThat(outcomes.get(2).get().text()).isEqualTo("after it");
        }
        assertThat(counter).hasContent("1");
    }

    @Test
    void a_json_rpc_error_neither_retries_nor_replaces_the_connection() {
        try (McpConnection lease = pool.getConnection(uri)) {
            lease.listTools();
            long pid = Connections.pid(lease);
            assertThatThrownBy(() -> lease.callTool(
                            "error", Map.of("code", -32050, "message", "disk full", "data", Map.of("free", 0))))
                    .isInstanceOfSatisfying(McpRequestException.class, e -> {
                        assertThat(e.code()).isEqualTo(-32050);
                        assertThat(e.serverMessage()).isEqualTo("disk full");
                        assertThat(e.data().path("free").asInt(-1)).isZero();
                        assertThat(e.getMessage()).contains("-32050", "disk full", "error");
                    });
            assertThat(log("call error ")).hasSize(1);
            assertThat(Connections.pid(lease)).isEqualTo(pid);
        }
        try (McpConnection lease = pool.getConnection(uri)) {
            assertThat(lease.callTool("fail", Map.of("message", "as a result")).isError())
                    .isTrue();
        }
        assertThat(log("start ")).hasSize(1);
        assertThat(pool.status().idle()).isEqualTo(1);
    }

    @Test
    void a_server_that_is_gone_for_good_is_an_error_with_its_reason() throws Exception {
        Path flag = folder.resolve("installed");
        Files.createFile(flag);
        String script = "test -e " + flag + " || { echo uninstalled >&2; exit 5; }; exec "
                + String.join(" ", Fixture.command());
        String fragile = McpUri.builder("stdio", "sh")
                .add("arg", "-c")
                .add("arg", script)
                .build()
                .canonical();
        McpPool impatient = connections.pool("connectRetries=0");
        try (McpConnection lease = impatient.getConnection(Leftovers.marked(fragile))) {
            long pid = Connections.pid(lease);
            Files.delete(flag);
            kill(pid);
            assertThatThrownBy(() -> lease.callTool("echo", Map.of("message", "nobody")))
                    .isInstanceOf(McpException.class)
                    .hasStackTraceContaining("uninstalled");
        }
    }
}
