package io.mcpdrivers.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.McpBatch;
import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpConnectionException;
import io.mcpdrivers.spi.TransportException.Kind;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Calls that a server refuses without a word of the protocol: their connection is in order. */
class RefusedCallTest extends PoolTestBase {

    private static MemoryServer server(boolean modern) {
        return modern ? modern() : legacy();
    }

    private static void assertWorks(McpConnection lease) {
        assertThat(lease.callTool("echo", Map.of("message", "hi")).text()).isEqualTo("hi");
    }

    @ParameterizedTest
    @CsvSource({"REJECTED, true", "REJECTED, false", "REFUSED, true", "REFUSED, false"})
    void a_refused_call_is_neither_repeated_nor_does_it_cost_the_connection(Kind kind, boolean modern)
            throws Exception {
        List<PoolEvent.Type> events = new CopyOnWriteArrayList<>();
        MemoryServer server = server(modern);
        McpPool pool = build(builder().listener(event -> events.add(event.type())));
        MemoryProcess process;
        try (McpConnection lease = pool.getConnection(server.uri())) {
            lease.listTools();
            process = process(lease);
            server.refusal = kind;
            assertThatThrownBy(() -> lease.callTool("readAndDie", Map.of()))
                    .isExactlyInstanceOf(McpConnectionException.class);
            assertThat(server.refused).hasValue(1);
            assertThat(failure(lease.callToolAsync("readAndDie", Map.of())))
                    .isExactlyInstanceOf(McpConnectionException.class);
            assertThat(server.refused).hasValue(2);
            for (boolean async : new boolean[] {false, true}) {
                McpBatch batch = lease.batch().add("readAndDie", Map.of()).add("echo", Map.of());
                List<McpBatch.Outcome> outcomes = async ? get(batch.executeAsync()) : batch.execute();
                assertThat(outcomes)
                        .allSatisfy(outcome ->
                                assertThat(outcome.error()).isExactlyInstanceOf(McpConnectionException.class));
            }
            assertThat(server.refused).hasValue(6);
            server.refusal = null;
            assertWorks(lease);
            assertThat(process(lease)).isSameAs(process);
        }
        try (McpConnection lease = pool.getConnection(server.uri())) {
            assertThat(process(lease)).isSameAs(process);
        }
        assertThat(server.startAttempts).hasValue(1);
        ServerStatistics statistics = pool.directory().known(server.uri()).statistics();
        assertThat(statistics.retries()).isZero();
        for (EvictionReason reason : EvictionReason.values()) {
            assertThat(statistics.evictions(reason)).as(reason.name()).isZero();
        }
        eventually(() -> events.size() == 5);
        assertThat(events)
                .containsExactlyInAnyOrder(
                        PoolEvent.Type.CREATED,
                        PoolEvent.Type.BORROWED,
                        PoolEvent.Type.RETURNED,
                        PoolEvent.Type.BORROWED,
                        PoolEvent.Type.RETURNED);
    }

    @ParameterizedTest
    @CsvSource({"REJECTED, true, 1", "REJECTED, false, 1", "REFUSED, true, 0", "REFUSED, false, 0"})
    void a_connection_on_which_a_call_was_rejected_is_checked_before_it_is_lent_again(
            Kind kind, boolean modern, int checks) {
        MemoryServer server = server(modern);
        McpPool pool = pool();
        try (McpConnection lease = pool.getConnection(server.uri())) {
            server.refusal = kind;
            assertThatThrownBy(() -> lease.callTool("echo", Map.of()))
                    .isExactlyInstanceOf(McpConnectionException.class);
        }
        server.refusal = null;
        int pings = server.pings.get();
        for (int i = 0; i < 3; i++) {
            pool.getConnection(server.uri()).close();
        }
        assertThat(server.pings).hasValue(pings + checks);
        assertThat(server.startAttempts).hasValue(1);
    }

    @Test
    void a_connection_whose_server_rejects_everything_is_replaced_when_it_is_next_wanted() {
        MemoryServer server = legacy();
        McpPool pool = pool();
        try (McpConnection lease = pool.getConnection(server.uri())) {
            server.refusal = Kind.REJECTED;
            assertThatThrownBy(() -> lease.callTool("echo", Map.of()))
                    .isExactlyInstanceOf(McpConnectionException.class);
        }
        try (McpConnection lease = pool.getConnection(server.uri())) {
            assertThat(process(lease)).isSameAs(server.process(1));
            server.refusal = null;
            assertWorks(lease);
        }
    }

    @Test
    void a_server_that_is_too_busy_for_a_check_keeps_its_connections() {
        MemoryServer server = legacy();
        McpPool pool = pool();
        pool.getConnection(server.uri()).close();
        clock.advance(Duration.ofMinutes(1));
        server.refusal = Kind.REFUSED;
        try (McpConnection lease = pool.getConnection(server.uri())) {
            assertThat(server.pings).hasValue(1);
            server.refusal = null;
            assertWorks(lease);
        }
        assertThat(server.startAttempts).hasValue(1);
    }
}
