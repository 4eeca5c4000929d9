package io.mcpdrivers.integration.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.McpConnection;
import io.mcpdrivers.fixture.HttpFixtureServer;
import io.mcpdrivers.fixture.HttpRequest;
import io.mcpdrivers.integration.Await;
import io.mcpdrivers.integration.Threads;
import io.mcpdrivers.pool.McpPool;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The pool keeps, checks and ends sessions as it does processes. */
class PooledSessionsTest extends HttpTestBase {

    @TempDir
    Path folder;

    private static void use(McpPool pool, String uri) {
        try (McpConnection lease = pool.getConnection(uri)) {
            assertWorks(lease);
        }
    }

    private static int count(HttpFixtureServer server, String method) {
        return requests(server, method).size();
    }

    @Test
    void a_session_is_used_again_without_a_check_if_it_was_used_lately_and_with_one_if_not() {
        HttpFixtureServer server = server();
        McpPool pool = connections.pool("aliveBypass=1h");
        for (int i = 0; i < 5; i++) {
            use(pool, uri(server));
        }
        assertThat(count(server, "ping")).isZero();
        McpPool careful = connections.pool("aliveBypass=0");
        for (int i = 0; i < 5; i++) {
            use(careful, uri(server));
        }
        // The first lease finds a connection that was just opened.
        assertThat(count(server, "ping")).isBetween(4, 5);
        assertThat(count(server, "initialize")).isEqualTo(2);
        assertThat(server.sessions()).isEqualTo(2);
    }

    @Test
    void a_session_that_the_server_has_forgotten_is_replaced_before_anybody_sees_it() {
        Path counter = folder.resolve("counter");
        HttpFixtureServer server = server();
        McpPool pool = connections.pool("aliveBypass=0");
        for (int i = 1; i <= 4; i++) {
            try (McpConnection lease = pool.getConnection(uri(server))) {
                assertThat(lease.callTool("counter", Map.of("file", counter.toString()))
                                .text())
                        .isEqualTo(String.valueOf(i));
            }
            server.forgetSessions();
        }
        assertThat(count(server, "initialize")).isEqualTo(4);
    }

    @Test
    void an_idle_session_is_kept_alive_by_pings() {
        HttpFixtureServer server = server();
        McpPool pool = connections.pool("keepalive=30ms", "timeBetweenEvictionRuns=10ms");
        use(pool, uri(server));
        Await.until("pings", () -> count(server, "ping") >= 5);
        assertThat(count(server, "initialize")).isEqualTo(1);
        assertThat(server.sessions()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"idleTimeout=500ms", "maxAge=500ms", "maxUses=1", "maxIdle=0"})
    void a_session_that_is_not_kept_is_ended_with_delete(String setting) {
        HttpFixtureServer server = server();
        McpPool pool = connections.pool(setting, "timeBetweenEvictionRuns=20ms");
        use(pool, uri(server));
        Await.until("it is ended", () -> count(server, "DELETE") == 1);
        String session = requests(server, "tools/call").get(0).header("Mcp-Session-Id");
        assertThat(requests(server, "DELETE").get(0).header("Mcp-Session-Id")).isEqualTo(session);
        Await.until("it does not count", () -> pool.status().connections() == 0);
        assertThat(server.sessions()).isZero();
        use(pool, uri(server));
        assertThat(count(server, "initialize")).isEqualTo(2);
    }

    @Test
    void soft_eviction_ends_idle_sessions_at_once_and_those_in_use_when_they_come_back() {
        HttpFixtureServer server = server();
        McpPool pool = connections.pool();
        String uri = uri(server);
        McpConnection used = pool.getConnection(uri);
        use(pool, uri);
        assertThat(server.sessions()).isEqualTo(2);
        CompletableFuture<?> call = used.callToolAsync("sleep", Map.of("ms", 300));
        pool.softEvict(uri);
        Await.until("the idle one is ended", () -> server.sessions() == 1);
        assertWorks(used);
        used.close();
        Await.result(call);
        Await.until("the other one, too", () -> server.sessions() == 0);
        assertThat(count(server, "DELETE")).isEqualTo(2);
        use(pool, uri);
        assertThat(server.sessions()).isEqualTo(1);
    }

    @Test
    void closing_the_pool_ends_all_sessions() {
        HttpFixtureServer server = server();
        McpPool pool = connections.pool();
        List<McpConnection> leases = Threads.join(Threads.start(6, caller -> () -> pool.getConnection(uri(server))));
        leases.forEach(HttpTestBase::assertWorks);
        assertThat(server.sessions()).isEqualTo(6);
        leases.subList(0, 3).forEach(McpConnection::close);
        pool.close();
        assertThat(server.sessions()).isZero();
        assertThat(count(server, "DELETE")).isEqualTo(6);
    }

    @Test
    void modern_connections_are_shared_and_cost_one_question_per_server() {
        HttpFixtureServer server = server("era=modern");
        McpPool pool = connections.pool("aliveBypass=1h");
        Threads.join(Threads.start(16, caller -> () -> {
            for (int i = 0; i < 20; i++) {
                use(pool, uri(server));
            }
            return null;
        }));
        assertThat(pool.status().connections()).isEqualTo(1);
        assertThat(count(server, "server/discover")).isEqualTo(1);
        assertThat(count(server, "tools/call")).isEqualTo(320);
        assertThat(server.requests()).hasSize(321).allSatisfy(request -> {
            assertThat(request.method()).isEqualTo("POST");
            assertThat(request.header("Mcp-Session-Id")).isNull();
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"legacy", "modern"})
    void two_users_never_share_a_session(String era) {
        HttpFixtureServer server = server("era=" + era);
        McpPool pool = connections.pool();
        Threads.join(Threads.start(8, caller -> () -> {
            String user = caller % 2 == 0 ? "alice" : "bob";
            for (int i = 0; i < 25; i++) {
                try (McpConnection lease =
                        pool.getConnection(uri(server, "header.Authorization=Bearer%20" + user + SECRET))) {
                    assertThat(lease.callTool("echo", Map.of("message", "I am " + user))
                                    .text())
                            .isEqualTo("I am " + user);
                }
            }
            return null;
        }));
        Map<String, Set<String>> usersOfSession = new HashMap<>();
        for (HttpRequest request : server.requests()) {
            String authorization = Objects.requireNonNull(request.header("Authorization"));
            String session = request.header("Mcp-Session-Id");
            if (session != null) {
                usersOfSession.computeIfAbsent(session, id -> new HashSet<>()).add(authorization);
            }
            if (request.body().contains("I am ")) {
                assertThat(request.body()).contains(authorization.contains("alice") ? "I am alice" : "I am bob");
            }
        }
        assertThat(usersOfSession.values())
                .allSatisfy(users -> assertThat(users).hasSize(1));
        assertThat(usersOfSession).hasSizeGreaterThanOrEqualTo(era.equals("legacy") ? 2 : 0);
        assertThat(pool.status().servers()).hasSize(2);
        assertThat(pool.status().toString()).doesNotContain(SECRET, "alice", "bob");
    }
}
