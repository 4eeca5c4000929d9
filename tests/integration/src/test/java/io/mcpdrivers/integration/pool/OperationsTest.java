package io.mcpdrivers.integration.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.CallOptions;
import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpException;
import io.mcpdrivers.McpPoolException;
import io.mcpdrivers.integration.Await;
import io.mcpdrivers.integration.Connections;
import io.mcpdrivers.integration.Leftovers;
import io.mcpdrivers.pool.AggregatedTools;
import io.mcpdrivers.pool.McpAggregate;
import io.mcpdrivers.pool.McpPool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What an operator does, and what the pool does by itself, to real processes. */
class OperationsTest {

    @RegisterExtension
    final Connections connections = Connections.perTest();

    @Test
    void a_process_that_uses_too_much_memory_is_replaced_when_its_lease_ends() {
        Assumptions.assumeTrue(Files.isReadable(Path.of("/proc/self/status")), "shows the memory of processes");
        McpPool pool = connections.pool("maxProcessMemory=1m", "timeBetweenEvictionRuns=50ms");
        String uri = Leftovers.fixture();
        long pid;
        try (McpConnection lease = pool.getConnection(uri)) {
            pid = Connections.pid(lease);
            // Several looks happen meanwhile, none of which cuts the call.
            assertThat(lease.callTool("sleep", Map.of("ms", 1_000)).text()).isEqualTo("slept 1000 ms");
            assertThat(Connections.pid(lease)).isEqualTo(pid);
        }
        Await.until("it has ended", () -> !Leftovers.runs(pid));
    }

    @Test
    void a_server_is_evicted_disabled_and_enabled() {
        McpPool pool = connections.pool();
        String uri = Leftovers.fixture();
        McpConnection lease = pool.getConnection(uri);
        long pid = Connections.pid(lease);
        pool.softEvict(uri);
        assertThat(lease.callTool("echo", Map.of("message", "still")).text()).isEqualTo("still");
        lease.close();
        Await.until("it has ended", () -> !Leftovers.runs(pid));
        pool.disable(uri);
        assertThatThrownBy(() -> pool.getConnection(uri)).isInstanceOf(McpPoolException.class);
        pool.enable(uri);
        try (McpConnection again = pool.getConnection(uri)) {
            assertThat(Connections.pid(again)).isNotEqualTo(pid);
        }
    }

    @Test
    void the_tools_of_several_processes_make_one_list() {
        McpPool pool = connections.pool();
        McpAggregate all = McpAggregate.builder(pool)
                .server("old", Leftovers.fixture("era=legacy"))
                .server("new", Leftovers.fixture("era=modern"))
                .server("none", "mcp:stdio:/no/such/command")
                .timeout(Duration.ofSeconds(60))
                .build();
        AggregatedTools tools = all.listTools();
        assertThat(tools.tools()).extracting("name").contains("old__echo", "new__echo");
        assertThat(tools.unreachable()).containsOnlyKeys("none");
        assertThat(tools.unreachable().get("none")).isInstanceOf(McpException.class);
        assertThat(all.callTool("new__echo", Map.of("message", "hi"), CallOptions.defaults())
                        .text())
                .isEqualTo("hi");
    }
}
