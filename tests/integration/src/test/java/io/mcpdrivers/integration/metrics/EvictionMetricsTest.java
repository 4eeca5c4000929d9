package io.mcpdrivers.integration.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.CallOptions;
import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpException;
import io.mcpdrivers.McpTimeoutException;
import io.mcpdrivers.fixture.HttpFixtureServer;
import io.mcpdrivers.integration.Await;
import io.mcpdrivers.integration.Leftovers;
import io.mcpdrivers.integration.Threads;
import io.mcpdrivers.pool.McpPool;
import io.mcpdrivers.pool.PoolBuilder;
import io.mcpdrivers.pool.PoolTime;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** That each connection that leaves a pool is counted once, for the reason why it left. */
class EvictionMetricsTest extends PoolMetricsTestBase {

    private final PoolTime time = new PoolTime();

    /** A pool of one server, whose time stands still. */
    private McpPool pool(Map<String, String> settings) {
        return build(still().server("one", Leftovers.fixture(), settings));
    }

    private PoolBuilder still() {
        return time.rule(builder());
    }

    @Test
    void after_idle_timeout() {
        McpPool pool = pool(Map.of("idleTimeout", "1m"));
        use(pool, "one");
        assertThat(evictions("one")).isEmpty();
        time.advance(Duration.ofMinutes(1));
        awaitEvictions("one", Map.of("idle", 1.0));
    }

    @Test
    void at_its_greatest_age() {
        McpPool pool = pool(Map.of("maxAge", "1h", "idleTimeout", "0"));
        use(pool, "one");
        assertThat(evictions("one")).isEmpty();
        time.advance(Duration.ofHours(1));
        awaitEvictions("one", Map.of("age", 1.0));
    }

    @Test
    void after_its_last_use() {
        McpPool pool = pool(Map.of("maxUses", "2"));
        use(pool, "one");
        use(pool, "one");
        use(pool, "one");
        awaitEvictions("one", Map.of("uses", 1.0));
    }

    @Test
    void when_there_are_enough_idle_ones() {
        McpPool pool = pool(Map.of("maxIdle", "1"));
        McpConnection first = pool.getConnection("one");
        McpConnection second = pool.getConnection("one");
        first.close();
        second.close();
        awaitEvictions("one", Map.of("excess", 1.0));
    }

    @Test
    void when_its_server_has_ended() {
        McpPool pool = pool(Map.of());
        try (McpConnection lease = pool.getConnection("one")) {
            assertThatThrownBy(() -> lease.callTool("crash", Map.of())).isInstanceOf(McpException.class);
        }
        awaitEvictions("one", Map.of("lost", 1.0));
    }

    @Test
    void when_it_fails_the_check_before_it_is_lent() {
        HttpFixtureServer server = connections.server(HttpFixtureServer.start());
        McpPool pool = build(still().server("one", "mcp:" + server.url(), Map.of("keepalive", "0")));
        use(pool, "one");
        server.fault("ping", "status:500,times:1");
        time.advance(Duration.ofMinutes(1));
        use(pool, "one");
        awaitEvictions("one", Map.of("invalid", 1.0));
    }

    @Test
    void when_too_many_of_its_requests_were_given_up() {
        McpPool pool = pool(Map.of("maxAbandoned", "1"));
        try (McpConnection lease = pool.getConnection("one")) {
            assertThatThrownBy(() ->
                            lease.callTool("sleep", Map.of("ms", 600_000), CallOptions.timeout(Duration.ofMillis(20))))
                    .isInstanceOf(McpTimeoutException.class);
            assertThat(evictions("one")).as("as long as it is in use").isEmpty();
        }
        awaitEvictions("one", Map.of("abandoned", 1.0));
    }

    @Test
    void when_another_server_needs_its_place() {
        McpPool pool = build(still().maxTotal(1)
                .server("one", Leftovers.fixture())
                .server("another", Leftovers.fixture("era=modern")));
        use(pool, "one");
        use(pool, "another");
        awaitEvictions("one", Map.of("room", 1.0));
        assertThat(evictions("another")).isEmpty();
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "does not show it")
    void when_its_process_uses_too_much_memory() {
        McpPool pool = build(still().set("timeBetweenEvictionRuns", "1h")
                .server("one", Leftovers.fixture(), Map.of("maxProcessMemory", "1m")));
        use(pool, "one");
        PoolTime.tend(pool);
        awaitEvictions("one", Map.of("memory", 1.0));
    }

    @Test
    void when_somebody_asks_for_it() {
        McpPool pool = pool(Map.of());
        McpConnection lease = pool.getConnection("one");
        use(pool, "one");
        pool.softEvict("one");
        awaitEvictions("one", Map.of("asked", 1.0));
        lease.close();
        awaitEvictions("one", Map.of("asked", 2.0));
    }

    @Test
    void when_its_server_is_disabled() {
        McpPool pool = pool(Map.of());
        use(pool, "one");
        pool.disable("one");
        awaitEvictions("one", Map.of("withdrawn", 1.0));
    }

    @Test
    void when_the_pool_is_closed() {
        McpPool pool = build(still().shutdownTimeout(Await.PATIENCE).server("one", Leftovers.fixture()));
        McpConnection lease = pool.getConnection("one");
        use(pool, "one");
        Threads.Caller<Boolean> closing = Threads.run(pool::close);
        // The meters stay until the last lease has come back.
        awaitEvictions("one", Map.of("closed", 1.0));
        lease.close();
        assertThat(Await.result(closing)).isTrue();
        assertThat(servers()).isEmpty();
    }
}
