package io.mcpdrivers.integration.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpException;
import io.mcpdrivers.fixture.HttpFixtureServer;
import io.mcpdrivers.fixture.HttpRequest;
import io.mcpdrivers.integration.Await;
import io.mcpdrivers.pool.McpPool;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Several endpoints behind one URI. */
class ReplicasTest extends HttpTestBase {

    private final List<HttpFixtureServer> replicas = new ArrayList<>();

    @BeforeEach
    void start() {
        for (int i = 0; i < 3; i++) {
            replicas.add(server("era=dual"));
        }
    }

    private String fleet(String era, String balance) {
        String hosts =
                replicas.stream().map(replica -> "127.0.0.1:" + replica.port()).collect(Collectors.joining(","));
        return uri(
                "http://" + hosts + "/mcp",
                "loadBalance=" + balance,
                "protocol=" + (era.equals("legacy") ? "2025-11-25" : "auto"));
    }

    private List<Integer> sessions() {
        return replicas.stream().map(HttpFixtureServer::sessions).toList();
    }

    private List<McpConnection> open(int count, String uri) {
        List<McpConnection> opened = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            opened.add(connections.open(uri));
            assertWorks(opened.get(i));
        }
        return opened;
    }

    @Test
    void the_first_is_used_while_it_lives_and_again_when_it_is_back() {
        String uri = fleet("legacy", "first");
        open(3, uri);
        assertThat(sessions()).containsExactly(3, 0, 0);
        replicas.get(0).close();
        open(2, uri);
        assertThat(sessions()).containsExactly(0, 2, 0);
        replicas.get(0).listen();
        Await.until("it has rested", () -> {
            open(1, uri).get(0).close();
            return requests(replicas.get(0), "initialize").size() > 3;
        });
    }

    @Test
    void each_gets_its_turn() {
        open(6, fleet("legacy", "roundRobin"));
        assertThat(sessions()).containsExactly(2, 2, 2);
    }

    @Test
    void chance_leaves_none_out() {
        open(40, fleet("legacy", "random"));
        assertThat(sessions()).doesNotContain(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"legacy", "modern"})
    void a_replica_that_dies_costs_no_call_through_the_pool(String era) {
        McpPool pool = connections.pool("backoff=20ms", "maxTotalPerKey=6");
        String uri = fleet(era, "roundRobin");
        List<McpConnection> leases = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            leases.add(pool.getConnection(uri));
        }
        leases.forEach(HttpTestBase::assertWorks);
        for (int dying = 0; dying < 3; dying++) {
            replicas.get(dying).close();
            leases.forEach(HttpTestBase::assertWorks);
            replicas.get(dying).listen();
        }
    }

    @Test
    void a_session_stays_with_its_replica() {
        List<McpConnection> opened = open(6, fleet("legacy", "roundRobin"));
        for (int i = 0; i < 5; i++) {
            opened.forEach(connection ->
                    connection.callTool("session_counter", Map.of()).text());
        }
        opened.forEach(connection -> assertThat(
                        connection.callTool("session_counter", Map.of()).text())
                .contains("6"));
        List<Set<String>> ids = replicas.stream()
                .map(replica -> replica.requests().stream()
                        .map(request -> request.header("Mcp-Session-Id"))
                        .filter(Objects::nonNull)
                        .collect(Collectors.toSet()))
                .toList();
        assertThat(ids).allSatisfy(set -> assertThat(set).hasSize(2));
    }

    @Test
    void modern_requests_go_elsewhere_when_their_replica_dies() {
        McpConnection connection = connections.open(fleet("modern", "first"));
        assertWorks(connection);
        replicas.get(0).close();
        assertWorks(connection);
        replicas.get(1).close();
        assertWorks(connection);
        assertThat(requests(replicas.get(2), "tools/call")).hasSize(1);
    }

    @Test
    void if_none_can_be_reached_that_is_said_at_once_with_all_of_them() {
        String uri = fleet("legacy", "first");
        replicas.forEach(HttpFixtureServer::close);
        McpException failure = failure(() -> connections.open(uri));
        for (HttpFixtureServer replica : replicas) {
            assertThat(failure).hasStackTraceContaining("127.0.0.1:" + replica.port());
        }
        assertThat(replicas)
                .allSatisfy(replica -> assertThat(replica.requests())
                        .extracting(HttpRequest::method)
                        .isEmpty());
    }
}
