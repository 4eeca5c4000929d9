package io.mcpdrivers.integration.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.CallOptions;
import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpTimeoutException;
import io.mcpdrivers.fixture.HttpFixtureServer;
import io.mcpdrivers.integration.Await;
import io.mcpdrivers.integration.Connections;
import io.mcpdrivers.integration.Threads;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Progress that arrives over HTTP keeps a call alive, with a connection of one's own and through the pool. */
class ProgressOverHttpTest {

    private static final Map<String, Object> SLOW = Map.of("ms", 7000, "progress", 140);

    @RegisterExtension
    final Connections connections = Connections.perTest();

    private HttpFixtureServer server(String era) {
        return connections.server(HttpFixtureServer.start("era=" + era));
    }

    @ParameterizedTest
    @ValueSource(strings = {"legacy", "modern"})
    void a_call_outlives_its_timeout_while_progress_arrives(String era) {
        String uri = "mcp:" + server(era).url() + "#requestTimeout=5s";
        McpConnection own = connections.open(uri);
        McpConnection lease = connections.closing(connections.pool().getConnection(uri));
        List<McpConnection> both = List.of(own, lease);
        Threads.join(Threads.start(both.size(), number -> () -> {
            McpConnection connection = both.get(number);
            AtomicInteger seen = new AtomicInteger();
            CallOptions options = CallOptions.defaults().withProgress(progress -> seen.incrementAndGet());
            var other = connection.callToolAsync("sleep", SLOW, options);

            assertThat(connection.callTool("sleep", SLOW, options).isError()).isFalse();
            assertThat(Await.result(other).isError()).isFalse();
            assertThat(seen.get()).isPositive();
            return null;
        }));
    }

    @ParameterizedTest
    @ValueSource(strings = {"legacy", "modern"})
    void each_lease_has_the_limits_of_its_own_uri(String era) {
        String uri = "mcp:" + server(era).url() + "#requestTimeout=2s";
        var pool = connections.pool();
        try (McpConnection patient = pool.getConnection(uri)) {
            CallOptions options = CallOptions.timeout(Duration.ofSeconds(60));
            assertThat(patient.callTool("echo", Map.of("message", "hi"), options)
                            .text())
                    .isEqualTo("hi");
        }
        try (McpConnection hasty = pool.getConnection(uri + "&maxRequestTimeout=3s")) {
            CallOptions options =
                    CallOptions.defaults().withTimeout(Duration.ofMillis(2900)).withProgress(progress -> {});
            assertThatThrownBy(() -> hasty.callTool("sleep", Map.of("ms", 60_000, "progress", 1000), options))
                    .isInstanceOf(McpTimeoutException.class)
                    .hasMessageContaining("the longest that progress gives it");
        }
    }
}
