package io.mcpdrivers.integration.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.McpConnection;
import io.mcpdrivers.integration.Connections;
import io.mcpdrivers.integration.Leftovers;
import io.mcpdrivers.integration.Threads;
import io.mcpdrivers.pool.McpPool;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ManyThreadsTest {

    private static final int THREADS = 64;
    private static final int CALLS = 20_000;

    @RegisterExtension
    final Connections connections = Connections.perTest();

    private interface Echo {
        String echo(String message);
    }

    /** Every caller gets its own answer, none fails. */
    private static void callFromManyThreads(Echo server) {
        AtomicInteger left = new AtomicInteger(CALLS);
        AtomicInteger answered = new AtomicInteger();
        Threads.join(Threads.start(THREADS, caller -> () -> {
            for (int number = left.decrementAndGet(); number >= 0; number = left.decrementAndGet()) {
                String message = "call " + number + " of caller " + caller;
                assertThat(server.echo(message)).isEqualTo(message);
                answered.incrementAndGet();
            }
            return null;
        }));
        assertThat(answered).hasValue(CALLS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"legacy", "modern"})
    void sixty_four_threads_make_20000_calls_on_one_connection_and_each_gets_its_own_answers(String era) {
        McpConnection connection = connections.fixture("era=" + era);
        callFromManyThreads(message ->
                connection.callTool("echo", Map.of("message", message)).text());
    }

    @ParameterizedTest
    @ValueSource(strings = {"legacy", "modern"})
    void sixty_four_threads_make_20000_calls_through_one_lease(String era) {
        McpConnection lease = connections.pool().getConnection(Leftovers.fixture("era=" + era));
        callFromManyThreads(
                message -> lease.callTool("echo", Map.of("message", message)).text());
    }

    @ParameterizedTest
    @ValueSource(strings = {"legacy", "modern"})
    void sixty_four_threads_make_20000_calls_each_with_a_lease_of_its_own(String era) {
        McpPool pool = connections.pool("maxTotalPerKey=3");
        String uri = Leftovers.fixture("era=" + era);
        callFromManyThreads(message -> {
            try (McpConnection lease = pool.getConnection(uri)) {
                return lease.callTool("echo", Map.of("message", message)).text();
            }
        });
        assertThat(pool.status().connections()).isBetween(1, 3);
        assertThat(pool.status().leases()).isZero();
    }
}
