package io.mcpdrivers.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.ConnectionOptions;
import io.mcpdrivers.ElicitationResult;
import io.mcpdrivers.McpConnection;
import io.mcpdrivers.engine.PhysicalConnection;
import io.mcpdrivers.engine.ServerTarget;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What no URI can hold, given to servers of a pool. */
class ServerOptionsTest extends PoolTestBase {

    private static ServerTarget target(McpConnection lease) {
        return lease.unwrap(PhysicalConnection.class).target();
    }

    @Test
    void connections_with_options_are_shared_with_nobody_else() {
        MemoryServer server = modern();
        ConnectionOptions options = ConnectionOptions.defaults().withElicitation(request -> ElicitationResult.cancel());
        McpPool pool = build(builder()
                .server("one", server.uri(), options)
                .server("two", server.uri(), options)
                .server("three", server.uri(), ConnectionOptions.defaults().withHeaders(Map::of))
                .server("plain", server.uri(), ConnectionOptions.defaults()));
        Set<MemoryProcess> processes = new HashSet<>();
        for (String name : List.of("one", "two", "three", "plain")) {
            try (McpConnection lease = pool.getConnection(name)) {
                assertThat(processes.add(process(lease))).as(name).isTrue();
                assertThat(target(lease).name()).isEqualTo(name);
                assertThat(target(lease).options() == options).isEqualTo(name.equals("one") || name.equals("two"));
            }
        }
        for (String again : List.of("mcp:server:one", "mcp:server:two?requestTimeout=7s", "plain", server.uri())) {
            try (McpConnection lease = pool.getConnection(again)) {
                assertThat(processes).as(again).contains(process(lease));
            }
        }
        assertThat(server.startAttempts).hasValue(4);
        try (McpConnection lease = pool.getConnection(server.uri())) {
            assertThat(target(lease).options()).isSameAs(ConnectionOptions.defaults());
        }
    }

    @Test
    void a_connection_outside_of_the_pool_has_the_options_too() {
        MemoryServer server = legacy();
        ConnectionOptions options = ConnectionOptions.defaults().withElicitation(request -> ElicitationResult.cancel());
        McpPool pool = build(builder().server("one", server.uri() + "?pool=false", options));
        try (McpConnection connection = pool.getConnection("one")) {
            assertThat(target(connection).options()).isSameAs(options);
        }
    }
}
