package io.mcpdrivers.integration.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpInterruptedException;
import io.mcpdrivers.McpPoolExhaustedException;
import io.mcpdrivers.fixture.Fixture;
import io.mcpdrivers.integration.Await;
import io.mcpdrivers.integration.Connections;
import io.mcpdrivers.integration.Leftovers;
import io.mcpdrivers.integration.Threads;
import io.mcpdrivers.pool.McpPool;
import io.mcpdrivers.spi.McpUri;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Callers that wait in vain, or give up. */
class WaitingTest {

    private static final int BORROWERS = 20;
    private static final int CAPACITY = 2;
    /** Of those who wait in vain, long enough for all of them to come. Nobody else has so little time. */
    private static final String MAX_WAIT = "&maxWait=6s";

    @RegisterExtension
    final Connections connections = Connections.perTest();

    @TempDir
    Path folder;

    /** As many leases as there may be work at once, and one more is refused. */
    private static void assertFullCapacity(McpPool pool, String uri) {
        assertThat(pool.status().waiting()).isZero();
        assertThat(pool.status().leases()).isZero();
        List<McpConnection> leases = Threads.join(Threads.start(CAPACITY, number -> () -> pool.getConnection(uri)));
        Set<Long> pids = new HashSet<>();
        leases.forEach(lease -> pids.add(Connections.pid(lease)));
        assertThat(pids).hasSize(CAPACITY);
        Connections.assertNoneIsFree(pool, uri);
        leases.forEach(McpConnection::close);
        assertThat(pool.status().leases()).isZero();
        assertThat(pool.status().connections()).isEqualTo(CAPACITY);
    }

    /** Half of them are interrupted, the others time out. */
    private static void waitInVain(McpPool pool, String uri) {
        List<Threads.Caller<McpConnection>> borrowers =
                Threads.start(BORROWERS, number -> () -> pool.getConnection(uri + MAX_WAIT));
        Await.until("all wait", () -> pool.status().waiting() == BORROWERS);
        for (int i = 0; i < BORROWERS; i += 2) {
            borrowers.get(i).interrupt();
        }
        for (int i = 0; i < BORROWERS; i++) {
            Throwable failure = borrowers.get(i).failure();
            if (i % 2 == 0) {
                assertThat(failure).isInstanceOf(McpInterruptedException.class);
            } else {
                assertThat(failure)
                        .isInstanceOf(McpPoolExhaustedException.class)
                        .hasMessageContainingAll("of at most 2", "active", "0 idle", "waiting");
            }
        }
    }

    @Test
    void after_20_borrowers_were_interrupted_or_timed_out_while_all_was_lent_there_is_full_capacity() {
        McpPool pool = connections.pool("maxTotalPerKey=" + CAPACITY, "maxWait=90s");
        String uri = Leftovers.fixture();
        McpConnection first = pool.getConnection(uri);
        McpConnection second = pool.getConnection(uri);
        waitInVain(pool, uri);
        first.close();
        second.close();
        assertFullCapacity(pool, uri);
    }

    @Test
    void after_20_borrowers_were_interrupted_or_timed_out_during_a_slow_start_there_is_full_capacity()
            throws IOException {
        McpPool pool = connections.pool("maxTotalPerKey=" + CAPACITY, "maxWait=90s");
        // Slow the first time only.
        Path enough = folder.resolve("enough");
        String script = "if mkdir " + folder.resolve("started") + "; then until test -e " + enough
                + "; do sleep 0.1; done; fi; exec " + String.join(" ", Fixture.command());
        String uri = Leftovers.marked(McpUri.builder("stdio", "sh")
                        .add("arg", "-c")
                        .add("arg", script)
                        .build()
                        .canonical())
                + "&connectTimeout=90s";
        waitInVain(pool, uri);
        Files.createFile(enough);
        Await.until("the start has come to its end", () -> pool.status().idle() == 1);
        assertFullCapacity(pool, uri);
    }

    @Test
    void those_who_wait_are_served_in_their_order() {
        McpPool pool = connections.pool("maxTotalPerKey=1");
        String uri = Leftovers.fixture();
        McpConnection lease = pool.getConnection(uri);
        Queue<Integer> served = new ConcurrentLinkedQueue<>();
        List<Threads.Caller<Boolean>> borrowers = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            int number = i;
            borrowers.add(Threads.run(() -> {
                try (McpConnection own = pool.getConnection(uri)) {
                    served.add(number);
                }
            }));
            Await.until("it waits", () -> pool.status().waiting() == number + 1);
        }
        lease.close();
        Threads.join(borrowers);
        assertThat(served).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    }

    @Test
    void a_full_pool_makes_room_by_closing_what_another_server_does_not_use() {
        McpPool pool = connections.pool("maxTotal=2");
        for (int i = 0; i < 6; i++) {
            try (McpConnection lease = pool.getConnection(Leftovers.fixture("stderr.line=server " + i))) {
                assertThat(lease.callTool("echo", Map.of("message", "hi")).text())
                        .isEqualTo("hi");
            }
            assertThat(pool.status().connections()).isLessThanOrEqualTo(2);
        }
    }
}
