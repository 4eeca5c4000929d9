package io.mcpdrivers.integration.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.McpConnection;
import io.mcpdrivers.integration.Connections;
import io.mcpdrivers.integration.Leftovers;
import io.mcpdrivers.integration.Threads;
import io.mcpdrivers.pool.McpPool;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who shares a process and who does not. */
class IdentityTest {

    @RegisterExtension
    final Connections connections = Connections.perTest();

    @TempDir
    Path folder;

    private static long pid(McpPool pool, String uri) {
        try (McpConnection lease = pool.getConnection(uri)) {
            return Connections.pid(lease);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"legacy", "modern"})
    void two_users_with_different_environments_never_share_a_process(String era) {
        McpPool pool = connections.pool();
        String uri = Leftovers.fixture("era=" + era);
        Map<String, Set<Long>> pids = new ConcurrentHashMap<>();
        Threads.join(Threads.start(8, number -> () -> {
            String user = number % 2 == 0 ? "alice" : "bob";
            for (int i = 0; i < 50; i++) {
                try (McpConnection lease = pool.getConnection(uri + "&env.API_TOKEN=" + user)) {
                    assertThat(lease.callTool("env", Map.of("name", "API_TOKEN"))
                                    .text())
                            .isEqualTo(user);
                    pids.computeIfAbsent(user, key -> ConcurrentHashMap.newKeySet())
                            .add(Connections.pid(lease));
                }
            }
            return null;
        }));
        Set<Long> shared = new HashSet<>(pids.get("alice"));
        shared.retainAll(pids.get("bob"));
        assertThat(shared).isEmpty();
    }

    @Test
    void whatever_changes_the_server_keeps_its_users_apart() {
        McpPool pool = connections.pool();
        List<String> different = List.of(
                Leftovers.fixture(),
                Leftovers.fixture() + "&env.API_TOKEN=alice",
                Leftovers.fixture() + "&env.API_TOKEN=bob",
                Leftovers.fixture() + "&env.API_TOKEN=",
                Leftovers.fixture() + "&env.OTHER_TOKEN=alice",
                Leftovers.fixture() + "&cwd=" + folder,
                Leftovers.fixture("crlf=1"),
                Leftovers.fixture("crlf=1", "id.position=last"),
                Leftovers.fixture("id.position=last", "crlf=1"),
                Leftovers.fixture() + "&protocol=2025-06-18");
        List<Long> pids = new ArrayList<>();
        different.forEach(uri -> pids.add(pid(pool, uri)));
        assertThat(pids).doesNotHaveDuplicates();
        for (int i = 0; i < pids.size(); i++) {
            assertThat(pid(pool, different.get(i))).isEqualTo(pids.get(i));
        }
    }

    @Test
    void the_same_server_written_differently_is_shared() {
        System.setProperty("io.mcpdrivers.integration.user", "alice");
        try {
            McpPool pool = connections.pool();
            String uri = Leftovers.fixture();
            long pid = pid(pool, uri + "&env.A=alice&env.B=b&cwd=" + folder);
            List<String> same = List.of(
                    uri + "&env.B=b&env.A=alice&cwd=" + folder,
                    uri.replace("?", "?cwd=" + folder + "&env.B=b&") + "&env.A=alice",
                    uri + "&env.A=%61lice&env.B=%62&cwd=" + folder.toString().replace("/", "%2F"),
                    uri + "&env.A=${sys:io.mcpdrivers.integration.user}&env.B=b&cwd=" + folder,
                    uri + "&env.A=${NO_SUCH_VARIABLE:-alice}&env.B=b&cwd=" + folder,
                    uri + "&env.A=alice&env.B=b&cwd=" + folder + "&requestTimeout=7s&name=other&idleTimeout=300s");
            for (String other : same) {
                assertThat(pid(pool, other)).as(other).isEqualTo(pid);
            }
            assertThat(Leftovers.processes()).hasSize(1);
        } finally {
            System.clearProperty("io.mcpdrivers.integration.user");
        }
    }

    @Test
    void secrets_are_not_in_the_status() {
        McpPool pool = connections.pool();
        pid(pool, Leftovers.fixture() + "&env.API_TOKEN=s3cr3t");
        assertThat(pool.status().toString()).doesNotContain("s3cr3t");
    }
}
