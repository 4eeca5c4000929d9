package io.mcpdrivers.integration.npm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.McpBatch;
import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpConnectionClosedException;
import io.mcpdrivers.McpRequestException;
import io.mcpdrivers.integration.Await;
import io.mcpdrivers.integration.Connections;
import io.mcpdrivers.schema.CallToolResult;
import io.mcpdrivers.schema.Tool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What holds for every well-behaved server, over whatever transport: a subclass gives a URI and says what the server has
 * to offer. The tests of a class share one connection.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ServerBehaviour {

    /** A tool call. */
    record Call(String tool, Map<String, ?> arguments) {}

    @RegisterExtension
    static final Connections connections = Connections.perClass();

    protected McpConnection connection;

    /** The server, as {@code McpDrivers.open} takes it. */
    abstract String uri();

    /** Whether the connection is a lease from a pool. */
    boolean pooled() {
        return false;
    }

    /** The newest revision that the server speaks. */
    abstract String revision();

    /** What the server says it is called. */
    abstract String serverName();

    /** Some of its tools. */
    abstract List<String> tools();

    /** A harmless call whose result has the text in it. */
    abstract Call callGiving(String text);

    /** A call that the tool answers with an error. */
    abstract Call failingCall();

    /** Whether the server has resources. */
    boolean hasResources() {
        return false;
    }

    @BeforeAll
    void open() throws Exception {
        String uri = uri();
        connection = pooled() ? connections.pool().getConnection(uri) : connections.open(uri);
    }

    @AfterAll
    void close_frees_everything_and_later_calls_are_refused() {
        connection.close();
        assertThat(connection.isClosed()).isTrue();
        assertThat(connection.isValid(Duration.ofSeconds(1))).isFalse();
        assertThatThrownBy(() -> connection.listTools()).isInstanceOf(McpConnectionClosedException.class);
        assertThatThrownBy(() -> connection.ping()).isInstanceOf(McpConnectionClosedException.class);
    }

    protected CallToolResult call(Call call) {
        return connection.callTool(call.tool(), call.arguments());
    }

    @Test
    void the_newest_revision_is_negotiated() {
        assertThat(connection.metadata().protocolVersion()).isEqualTo(revision());
        assertThat(connection.metadata().serverName()).isEqualTo(serverName());
        assertThat(connection.metadata().serverVersion()).isNotEmpty();
        assertThat(connection.metadata().capabilities().has("tools")).isTrue();
    }

    @Test
    void tools_are_listed_with_their_schemas() {
        List<Tool> listed = connection.listTools();
        assertThat(listed).extracting(Tool::name).containsAll(tools()).doesNotHaveDuplicates();
        assertThat(listed).allSatisfy(tool -> {
            assertThat(tool.description()).isNotEmpty();
            assertThat(tool.inputSchema().path("type").asString()).isEqualTo("object");
        });
        assertThat(Await.result(connection.listToolsAsync())).isEqualTo(listed);
    }

    @Test
    void a_tool_is_called() {
        CallToolResult result = call(callGiving("Grüße, 世界 😀"));
        assertThat(result.isError()).isFalse();
        assertThat(result.text()).contains("Grüße, 世界 😀");
        assertThat(result.orThrow()).isSameAs(result);
    }

    @Test
    void a_tool_is_called_without_blocking() {
        Call call = callGiving("later");
        assertThat(Await.result(connection.callToolAsync(call.tool(), call.arguments()))
                        .text())
                .contains("later");
    }

    @Test
    void an_error_of_a_tool_is_a_result() {
        CallToolResult result = call(failingCall());
        assertThat(result.isError()).isTrue();
        assertThat(result.text()).isNotEmpty();
    }

    /** Servers differ in whether that is an error of the protocol or of the tool. */
    @Test
    void a_tool_that_does_not_exist_is_an_error() {
        String told;
        try {
            CallToolResult result = connection.callTool("no_such_tool", Map.of());
            assertThat(result.isError()).isTrue();
            told = result.text();
        } catch (McpRequestException e) {
            assertThat(e.code()).isEqualTo(-32602);
            told = e.serverMessage();
        }
        assertThat(told).contains("no_such_tool");
        assertThat(connection.isValid(Await.PATIENCE)).isTrue();
    }

    @Test
    void a_method_that_does_not_exist_is_an_error() {
        assertThatThrownBy(() -> connection.request("no/such/method", null))
                .isInstanceOfSatisfying(
                        McpRequestException.class, e -> assertThat(e.code()).isEqualTo(-32601))
                .hasMessageContaining("no/such/method");
        assertThat(connection.isValid(Await.PATIENCE)).isTrue();
    }

    @Test
    void ping_is_answered() {
        connection.ping();
        Await.result(connection.pingAsync());
        assertThat(connection.isValid(Await.PATIENCE)).isTrue();
        assertThat(connection.isClosed()).isFalse();
    }

    @Test
    void any_request_can_be_made() {
        assertThat(connection.request("tools/list", null).path("tools").size())
                .isEqualTo(connection.listTools().size());
        if (hasResources()) {
            assertThat(connection.request("resources/list", Map.of()).path("resources"))
                    .isNotEmpty()
                    .allSatisfy(resource ->
                            assertThat(resource.path("uri").asString()).isNotEmpty());
        } else {
            assertThatThrownBy(() -> connection.request("resources/list", Map.of()))
                    .isInstanceOf(McpRequestException.class);
        }
    }

    @Test
    void concurrent_calls_get_their_own_answers() throws Exception {
        List<Throwable> failures = new CopyOnWriteArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            int number = i;
            Thread thread = new Thread(() -> {
                for (int j = 0; j < 25; j++) {
                    String text = "caller-" + number + "-call-" + j + ".";
                    assertThat(call(callGiving(text)).text()).contains(text);
                }
            });
            thread.setUncaughtExceptionHandler((t, e) -> failures.add(e));
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(failures).isEmpty();
    }

    @Test
    void a_batch_gives_one_outcome_per_call_in_order() {
        McpBatch batch = connection.batch();
        for (int i = 0; i < 20; i++) {
            Call call = callGiving("batch-" + i + ".");
            batch.add(call.tool(), call.arguments());
        }
        batch.add(failingCall().tool(), failingCall().arguments());
        assertThat(batch.size()).isEqualTo(21);
        List<McpBatch.Outcome> outcomes = batch.execute();
        assertThat(batch.size()).isZero();
        assertThat(outcomes).hasSize(21);
        IntStream.range(0, 20)
                .forEach(i -> assertThat(outcomes.get(i).get().text()).contains("batch-" + i + "."));
        assertThat(outcomes.get(20).get().isError()).isTrue();
    }
}
