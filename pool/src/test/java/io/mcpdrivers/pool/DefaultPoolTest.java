package io.mcpdrivers.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpDrivers;
import org.junit.jupiter.api.Test;

class DefaultPoolTest extends PoolTestBase {

    @Test
    void the_pool_behind_the_drivers_can_be_seen_and_operated() {
        MemoryServer server = legacy();
        McpPool pool = McpPool.defaultPool();
        try (McpConnection lease = McpDrivers.getConnection(server.uri())) {
            assertThat(lease.isClosed()).isFalse();
            assertThat(status(pool, server).active()).isEqualTo(1);
        }
        assertThat(status(pool, server).idle()).isEqualTo(1);
        pool.softEvict(server.uri());
        eventually(() -> server.live.get() == 0);
        assertThat(McpPool.defaultPool()).isSameAs(pool);
    }
}
