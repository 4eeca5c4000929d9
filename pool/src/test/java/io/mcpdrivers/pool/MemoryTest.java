package io.mcpdrivers.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.McpConnection;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class MemoryTest extends PoolTestBase {

    private static final long MEGABYTE = 1024 * 1024;

    /** What the processes use, by their ids. */
    private final Map<Long, Long> megabytes = new ConcurrentHashMap<>();

    private ProcessTable table() {
        ProcessTable table = new ProcessTable();
        megabytes.forEach((id, size) -> table.add(id, -1, size * MEGABYTE));
        return table;
    }

    @Test
    void a_server_that_uses_too_much_is_replaced_when_its_lease_ends() {
        MemoryServer server = legacy();
        McpPool pool = build(builder().memory(this::table).set("maxProcessMemory", "100m"));
        McpConnection lease = pool.getConnection(server.uri());
        MemoryProcess bloated = process(lease);
        megabytes.put(bloated.id, 100L);
        pool.tend();
        megabytes.put(bloated.id, 101L);
        pool.tend();
        PooledSlot slot = ((PooledLease) lease).use().slot;
        eventually(slot::isLeaving);
        assertThat(lease.callTool("echo", Map.of("message", "still")).text()).isEqualTo("still");
        assertThat(bloated.isOpen()).isTrue();
        lease.close();
        eventually(() -> server.live.get() == 0);
        try (McpConnection fresh = pool.getConnection(server.uri())) {
            assertThat(process(fresh)).isNotSameAs(bloated);
        }
        ServerPool found = pool.directory().route(server.uri()).server();
        assertThat(found.statistics().evictions(EvictionReason.MEMORY)).isEqualTo(1);
    }

    @Test
    void an_idle_server_that_uses_too_much_is_closed_at_once() {
        MemoryServer server = legacy();
        McpPool pool = build(builder().memory(this::table));
        String uri = server.uri() + "?maxProcessMemory=10m";
        pool.getConnection(uri).close();
        megabytes.put(server.process(0).id, 11L);
        pool.tend();
        eventually(() -> server.live.get() == 0);
    }

    @Test
    void beyond_the_limit_of_the_pool_those_that_use_most_are_replaced() {
        MemoryServer small = legacy();
        MemoryServer middle = legacy();
        MemoryServer large = legacy();
        McpPool pool = build(builder().memory(this::table).set("maxPoolMemory", "100m"));
        for (MemoryServer server : new MemoryServer[] {small, middle, large}) {
            pool.getConnection(server.uri()).close();
        }
        megabytes.put(small.process(0).id, 30L);
        megabytes.put(middle.process(0).id, 60L);
        megabytes.put(large.process(0).id, 200L);
        pool.tend();
        eventually(() -> large.live.get() == 0);
        assertThat(middle.live).hasValue(1);
        assertThat(small.live).hasValue(1);
    }

    @Test
    void without_a_limit_nobody_looks() {
        MemoryServer server = legacy();
        MemoryServer limited = legacy();
        AtomicBoolean isLimited = new AtomicBoolean();
        List<Boolean> looks = new CopyOnWriteArrayList<>();
        McpPool pool = build(builder().memory(() -> {
            looks.add(isLimited.get());
            return table();
        }));
        pool.getConnection(server.uri()).close();
        pool.tend();
        // Had that made somebody look, it would be done by the time that another server has started.
        pool.getConnection(limited.uri() + "?maxProcessMemory=10m").close();
        isLimited.set(true);
        pool.tend();
        eventually(() -> !looks.isEmpty());
        assertThat(looks).containsOnly(true);
        assertThat(status(pool, server).idle()).isEqualTo(1);
    }

    @Test
    void the_memory_of_descendants_counts() {
        ProcessTable table = new ProcessTable();
        table.addLine("  10     1   100");
        table.addLine("11 10 20");
        table.addLine("12 11 3");
        table.addLine("20 1 5000");
        table.addLine("PID PPID RSS");
        assertThat(table.residentOfTree(10)).isEqualTo(123 * 1024);
        assertThat(table.residentOfTree(99)).isZero();
    }

    @Test
    void this_system_shows_the_memory_of_this_process() throws IOException {
        ProcessTable table = ProcessTable.read();
        if (table != null) {
            assertThat(table.residentOfTree(ProcessHandle.current().pid())).isGreaterThan(MEGABYTE);
        }
    }
}
