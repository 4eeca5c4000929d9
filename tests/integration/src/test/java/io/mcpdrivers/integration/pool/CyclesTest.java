package io.mcpdrivers.integration.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.McpConnection;
import io.mcpdrivers.integration.Await;
import io.mcpdrivers.integration.Connections;
import io.mcpdrivers.integration.Leftovers;
import io.mcpdrivers.integration.Threads;
import io.mcpdrivers.integration.npm.NpmServers;
import io.mcpdrivers.pool.McpPool;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Open, call, close, again and again. */
class CyclesTest {

    private static final int CYCLES = 1_000;
    private static final int PHYSICAL_CYCLES = 45;
    private static final int THREADS = 6;
    /** What may come and go, as threads that wait a while for further work; less than one for each cycle. */
    private static final int SLACK = 30;

    @RegisterExtension
    final Connections connections = Connections.perTest();

    private final List<String> servers =
            List.of(Leftovers.fixture("era=legacy"), Leftovers.fixture("era=modern", "wrap=sh"), NpmServers.modern());

    private interface Source {
        McpConnection open(String uri);
    }

    private void cycle(int count, Source source) {
        AtomicInteger left = new AtomicInteger(count);
        Threads.join(Threads.start(THREADS, caller -> () -> {
            for (int number = left.decrementAndGet(); number >= 0; number = left.decrementAndGet()) {
                try (McpConnection connection = source.open(servers.get(number % servers.size()))) {
                    String message = "cycle " + number;
                    assertThat(connection
                                    .callTool("echo", Map.of("message", message))
                                    .text())
                            .isEqualTo(message);
                }
            }
            return null;
        }));
    }

    @Test
    void a_thousand_pooled_cycles_over_3_servers_leave_no_zombie_or_orphan_and_take_no_more_threads_or_descriptors() {
        // So that processes come and go.
        McpPool pool = connections.pool("maxUses=20", "maxTotalPerKey=2");
        cycle(CYCLES / 10, pool::getConnection);
        settle(pool);
        int threads = Thread.activeCount();
        int descriptors = Leftovers.descriptors();

        cycle(CYCLES, pool::getConnection);

        settle(pool);
        assertThat(Thread.activeCount()).as("threads").isLessThanOrEqualTo(threads + SLACK);
        assertThat(Leftovers.descriptors()).as("descriptors").isLessThanOrEqualTo(descriptors + SLACK);
        assertThat(Leftovers.zombies()).isEmpty();
        // One process for each connection, and the shell of those that have one.
        assertThat(Leftovers.processes()).hasSizeLessThanOrEqualTo(8);
    }

    private static void settle(McpPool pool) {
        Await.until("nothing starts or ends", () -> {
            var status = pool.status();
            return status.connections() == status.idle();
        });
    }

    @Test
    void physical_cycles_over_3_servers_leave_nothing_either() {
        cycle(servers.size(), connections::open);
        int threads = Thread.activeCount();
        int descriptors = Leftovers.descriptors();

        cycle(PHYSICAL_CYCLES, connections::open);

        assertThat(Leftovers.processes()).isEmpty();
        assertThat(Leftovers.zombies()).isEmpty();
        Await.until("no thread reads", () -> Leftovers.threads().isEmpty());
        assertThat(Thread.activeCount()).as("threads").isLessThanOrEqualTo(threads + SLACK);
        assertThat(Leftovers.descriptors()).as("descriptors").isLessThanOrEqualTo(descriptors + SLACK);
    }
}
