package io.mcpdrivers.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.McpConfigurationException;
import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpPoolClosedException;
import io.mcpdrivers.McpPoolException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A configuration that changes while the pool runs. */
class ReloadTest extends PoolTestBase {

    @TempDir
    Path folder;

    private void write(String... lines) {
        try {
            Files.writeString(folder.resolve("mcp.properties"), String.join("\n", lines));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private McpPool read(String... lines) {
        write(lines);
        return build(builder().load(folder.resolve("mcp.properties")));
    }

    @Test
    void servers_are_added_changed_and_removed_and_the_others_stay_untouched() {
        MemoryServer same = legacy();
        MemoryServer other = legacy();
        MemoryServer gone = legacy();
        McpPool pool = read(
                "mcp.server.same.uri=" + same.uri(),
                "mcp.server.other.uri=" + other.uri() + "?user=a",
                "mcp.server.gone.uri=" + gone.uri());
        pool.getConnection("same").close();
        pool.getConnection("other").close();
        McpConnection kept = pool.getConnection("gone");
        MemoryServer fresh = legacy();
        write(
                "mcp.server.same.uri=" + same.uri(),
                "mcp.server.other.uri=" + other.uri() + "?user=b",
                "mcp.server.fresh.uri=" + fresh.uri());
        ReloadResult result = pool.reload();
        assertThat(result.added()).containsExactly("fresh");
        assertThat(result.changed()).containsExactly("other");
        assertThat(result.removed()).containsExactly("gone");
        assertThat(result.failed()).isEmpty();
        assertThat(result.isUnchanged()).isFalse();

        eventually(() -> other.live.get() == 0);
        try (McpConnection c = pool.getConnection("other")) {
            assertThat(process(c).uri.parameter("user")).isEqualTo("b");
        }
        pool.getConnection("fresh").close();
        pool.getConnection("same").close();
        assertThat(same.startAttempts).hasValue(1);
        // A lease on what was removed goes on; then the connection goes.
        kept.ping();
        assertThat(gone.live).hasValue(1);
        kept.close();
        eventually(() -> gone.live.get() == 0);
        eventually(() -> pool.status().servers().get("gone").connections() == 0);
        assertThatThrownBy(() -> pool.getConnection("gone"))
                .isInstanceOf(McpConfigurationException.class)
                .hasMessageContaining("No server 'gone'");
        pool.tend();
        assertThat(pool.status().servers()).containsOnlyKeys("same", "other", "fresh");
        assertThat(pool.reload().isUnchanged()).isTrue();
    }

    @Test
    void a_shared_connection_of_a_changed_server_takes_no_new_lease_and_goes_with_the_last() {
        MemoryServer server = modern();
        McpPool pool = read("mcp.server.a.uri=" + server.uri() + "?user=a");
        McpConnection first = pool.getConnection("a");
        McpConnection second = pool.getConnection("a");
        assertThat(process(second)).isSameAs(process(first));
        write("mcp.server.a.uri=" + server.uri() + "?user=b");
        pool.reload();
        try (McpConnection third = pool.getConnection("a")) {
            assertThat(process(third)).isNotSameAs(process(first));
            assertThat(process(third).uri.parameter("user")).isEqualTo("b");
        }
        first.close();
        second.ping();
        assertThat(server.live).hasValue(2);
        second.close();
        eventually(() -> server.live.get() == 1);
    }

    @Test
    void a_broken_file_leaves_everything_as_it_was() {
        MemoryServer server = legacy();
        McpPool pool = read("mcp.server.a.uri=" + server.uri(), "mcp.pool.maxUses=7");
        pool.getConnection("a").close();
        write("mcp.server.b.uri=" + server.uri(), "mcp.pool.maxUses=many");
        assertThatThrownBy(pool::reload)
                .isInstanceOf(McpConfigurationException.class)
                .hasMessageContaining("mcp.properties, key mcp.pool.maxUses");
        pool.getConnection("a").close();
        assertThat(server.startAttempts).hasValue(1);
        assertThatThrownBy(() -> pool.getConnection("b")).hasMessageContaining("Configured: a.");
        assertThat(pool.directory().used("a").settings().maxUses()).isEqualTo(7);
    }

    @Test
    void an_entry_that_has_become_broken_leaves_its_server_as_it_was() {
        MemoryServer server = legacy();
        McpPool pool = read("mcp.server.a.uri=" + server.uri());
        pool.getConnection("a").close();
        write("mcp.server.a.uri=" + server.uri(), "mcp.server.a.maxUses=many", "mcp.server.b.maxUses=1");
        ReloadResult result = pool.reload();
        assertThat(result.failed().get("a")).contains("'many'", "mcp.properties");
        assertThat(result.failed().get("b")).contains("has no uri");
        assertThat(result.added()).as("what cannot be used").isEmpty();
        assertThat(result.changed()).isEmpty();
        pool.getConnection("a").close();
        assertThat(server.startAttempts).hasValue(1);
        assertThatThrownBy(() -> pool.getConnection("b")).hasMessageContaining("has no uri");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "maxTotalPerKey=0",
                "maxTotlPerKey=2",
                "requestTimeout=soon",
                "requestTimeout=0",
                "maxRequestTimeout=1s",
                "maxMessageSize=1",
                "protocol=tomorrow",
                "user=${nope:foo}",
                "user=${MISSING_A:-${nope:foo}}",
                "env.X=${open",
                "uri=mcp:mem:any?usr=x",
                "uri=mcp:mem:any?idleTimeout=-4",
                "uri=mcp:mem:any?user=a&user=b",
                "uri=mcp:mem:${nope:any}",
                "uri=mcp:mom:any"
            })
    void whatever_is_wrong_with_an_entry_in_any_case_leaves_its_server_as_it_was(String line) {
        MemoryServer server = legacy();
        McpPool pool = read("mcp.server.a.uri=" + server.uri());
        pool.getConnection("a").close();
        write("mcp.server.a.uri=" + server.uri(), "mcp.server.a." + line);
        ReloadResult result = pool.reload();
        assertThat(result.failed()).containsOnlyKeys("a");
        assertThat(result.changed()).isEmpty();
        pool.getConnection("a").close();
        assertThat(server.startAttempts).hasValue(1);
        assertThat(pool.health().healthy()).isTrue();
    }

    @Test
    void values_that_are_not_known_yet_are_not_refused() {
        MemoryServer server = legacy();
        McpPool pool = read("mcp.server.a.uri=" + server.uri());
        write(
                "mcp.server.a.uri=" + server.uri(),
                "mcp.server.a.requestTimeout=${LIMIT:-20m}",
                "mcp.server.a.maxRequestTimeout=1m",
                "mcp.server.a.idleTimeout=${IDLE:-1s}",
                "mcp.server.a.user=$${nope:foo}");
        assertThat(pool.reload().failed()).isEmpty();
    }

    @Test
    void settings_change_without_connections_being_replaced() throws Exception {
        MemoryServer named = legacy();
        MemoryServer plain = legacy();
        McpPool pool = read(
                "mcp.pool.maxTotal=2",
                "mcp.pool.jmxNamePrefix=x",
                "mcp.server.a.uri=" + named.uri(),
                "mcp.server.a.maxTotalPerKey=1");
        McpConnection a = pool.getConnection("a");
        pool.getConnection(plain.uri()).close();
        CompletableFuture<McpConnection> waiting = async(() -> pool.getConnection("a"));
        awaitWaiting(pool, "a", 1);
        write(
                "mcp.pool.maxTotal=3",
                "mcp.pool.jmxNamePrefix=y",
                "mcp.pool.idleTimeout=3m",
                "mcp.pool.shutdownTimeout=50ms",
                "mcp.pool.maxWait=10s",
                "mcp.server.a.uri=" + named.uri(),
                "mcp.server.a.maxUses=2",
                "mcp.server.a.requestTimeout=90s",
                "mcp.server.a.maxTotalPerKey=2");
        ReloadResult result = pool.reload();
        // The one that waited gets what there may be now.
        McpConnection second = get(waiting);
        assertThat(result.changed()).containsExactly("a");
        assertThat(result.settings()).containsExactly("idleTimeout", "maxTotal", "maxWait");
        assertThat(result.ignoredSettings()).containsExactly("jmxNamePrefix");
        assertThat(pool.status().maxTotal()).isEqualTo(3);
        second.close();
        a.close();
        MemoryProcess first = named.process(0);
        for (ServerPool server : pool.directory().servers()) {
            assertThat(server.settings().idleTimeoutNanos()).isEqualTo(TimeUnit.MINUTES.toNanos(3));
        }
        assertThat(named.live).hasValue(2);
        // The connections that were there obey what is new.
        pool.getConnection("a").close();
        pool.getConnection("a").close();
        eventually(() -> named.live.get() == 1);
        assertThat(first.uri.parameter("user")).isNull();
        clock.advance(Duration.ofMinutes(4));
        pool.tend();
        eventually(() -> named.live.get() == 0 && plain.live.get() == 0);
    }

    private static void awaitWaiting(McpPool pool, String name, int count) {
        eventually(() -> pool.status().servers().get(name).waiting() == count);
    }

    @Test
    void a_server_that_is_removed_while_it_starts_turns_its_callers_away() throws Exception {
        MemoryServer server = legacy();
        server.startGate = new CountDownLatch(1);
        McpPool pool = read("mcp.server.a.uri=" + server.uri());
        CompletableFuture<McpConnection> waiting = async(() -> pool.getConnection("a"));
        awaitWaiting(pool, "a", 1);
        eventually(() -> server.startAttempts.get() == 1);
        write("");
        assertThat(pool.reload().removed()).containsExactly("a");
        assertThat(failure(waiting)).isInstanceOf(McpPoolException.class).hasMessageContaining("removed");
        server.startGate.countDown();
        eventually(() -> server.live.get() == 0 && pool.services().permits().used() == 0);
    }

    @Test
    void a_server_that_is_changed_while_it_starts_serves_its_callers_and_goes() throws Exception {
        MemoryServer server = legacy();
        server.startGate = new CountDownLatch(1);
        McpPool pool = read("mcp.server.a.uri=" + server.uri() + "?user=a");
        CompletableFuture<McpConnection> waiting = async(() -> pool.getConnection("a"));
        awaitWaiting(pool, "a", 1);
        eventually(() -> server.startAttempts.get() == 1);
        write("mcp.server.a.uri=" + server.uri() + "?user=b");
        pool.reload();
        server.startGate.countDown();
        McpConnection old = get(waiting);
        assertThat(process(old).uri.parameter("user")).isEqualTo("a");
        old.close();
        eventually(() -> server.live.get() == 0);
        try (McpConnection c = pool.getConnection("a")) {
            assertThat(process(c).uri.parameter("user")).isEqualTo("b");
        }
    }

    @Test
    void a_server_is_disabled_and_enabled_by_its_configuration() {
        MemoryServer server = legacy();
        McpPool pool = read("mcp.server.a.uri=" + server.uri());
        pool.getConnection("a").close();
        write("mcp.server.a.uri=" + server.uri(), "mcp.server.a.enabled=false", "mcp.server.a.minIdle=1");
        assertThat(pool.reload().changed()).containsExactly("a");
        eventually(() -> server.live.get() == 0);
        pool.tend();
        assertThatThrownBy(() -> pool.getConnection("a")).hasMessageContaining("'a' is disabled");
        assertThat(server.live).hasValue(0);
        write("mcp.server.a.uri=" + server.uri());
        pool.reload();
        pool.getConnection("a").close();
    }

    @Test
    void a_server_that_gets_another_name_keeps_its_connections() {
        MemoryServer server = legacy();
        McpPool pool = read("mcp.server.a.uri=" + server.uri());
        pool.getConnection("a").close();
        write("mcp.server.b.uri=" + server.uri(), "mcp.server.b.maxUses=3");
        ReloadResult result = pool.reload();
        assertThat(result.added()).containsExactly("b");
        assertThat(result.removed()).containsExactly("a");
        pool.getConnection("b").close();
        assertThat(server.startAttempts).hasValue(1);
        assertThat(pool.directory().used("b").settings().maxUses()).isEqualTo(3);
    }

    @Test
    void what_several_names_mean_stays_as_long_as_one_of_them_means_it() {
        MemoryServer server = legacy();
        McpPool pool = read(
                "mcp.server.a.uri=" + server.uri(),
                "mcp.server.b.uri=" + server.uri(),
                "mcp.server.c.uri=" + server.uri());
        pool.getConnection("a").close();
        pool.getConnection("b").close();
        pool.getConnection("c").close();
        write("mcp.server.b.uri=" + server.uri() + "?user=x", "mcp.server.c.uri=" + server.uri());
        pool.reload();
        pool.getConnection("c").close();
        // By its URI it is reached whatever names it had.
        pool.getConnection(server.uri()).close();
        assertThat(server.startAttempts).hasValue(1);
        write("mcp.server.b.uri=" + server.uri() + "?user=x");
        pool.reload();
        eventually(() -> server.live.get() == 0);
        pool.getConnection(server.uri()).close();
        pool.getConnection("b").close();
        assertThat(server.startAttempts).hasValue(3);
    }

    @Test
    void whether_a_server_is_enabled_is_each_entrys_own_affair() {
        MemoryServer server = legacy();
        McpPool pool = read(
                "mcp.server.on.uri=" + server.uri(),
                "mcp.server.off.uri=" + server.uri(),
                "mcp.server.off.enabled=false");
        assertThatThrownBy(() -> pool.getConnection("off")).hasMessageContaining("is disabled");
        pool.getConnection("on").close();
        assertThatThrownBy(() -> pool.getConnection("off")).hasMessageContaining("is disabled");
    }

    @Test
    void an_environment_file_that_has_changed_is_a_change_of_its_server() throws Exception {
        MemoryServer server = legacy();
        Path variables = Files.writeString(folder.resolve(".env"), "A=1");
        Path file = Files.writeString(
                folder.resolve("mcp.json"),
                "{\"servers\": {\"a\": {\"url\": \"" + server.uri() + "\", \"envFile\": \".env\"}}}");
        McpPool pool = build(builder().load(file));
        try (McpConnection c = pool.getConnection("a")) {
            assertThat(process(c).uri.parameter("env.A")).isEqualTo("1");
        }
        Files.writeString(variables, "A=changed");
        assertThat(pool.reload().changed()).containsExactly("a");
        eventually(() -> server.live.get() == 0);
        try (McpConnection c = pool.getConnection("a")) {
            assertThat(process(c).uri.parameter("env.A")).isEqualTo("changed");
        }
        // Nor does it matter that there was nothing to change once, or that somebody has used it in between.
        assertThat(pool.reload().isUnchanged()).isTrue();
        Files.writeString(variables, "A=changed again");
        assertThat(pool.reload().changed()).containsExactly("a");
        eventually(() -> server.live.get() == 0);
        pool.getConnection("a").close();
        Files.writeString(variables, "A=changed for good");
        pool.getConnection("a").close();
        assertThat(server.live).hasValue(2);
        assertThat(pool.reload().changed()).containsExactly("a");
        eventually(() -> server.live.get() == 0);
        assertThat(pool.reload().isUnchanged()).isTrue();
        // Nor that its settings have changed before.
        pool.getConnection("a").close();
        Files.writeString(
                file, Files.readString(file).replace("\"envFile\"", "\"pool\": {\"maxUses\": 9}, \"envFile\""));
        assertThat(pool.reload().changed()).containsExactly("a");
        assertThat(server.live).hasValue(1);
        Files.writeString(variables, "A=changed once more");
        assertThat(pool.reload().changed()).containsExactly("a");
        eventually(() -> server.live.get() == 0);
    }

    @Test
    void reloads_at_the_same_time_end_with_what_is_there() throws Exception {
        MemoryServer server = legacy();
        McpPool pool = read("mcp.server.a.uri=" + server.uri() + "?user=0");
        for (int i = 1; i <= 20; i++) {
            write("mcp.server.a.uri=" + server.uri() + "?user=" + i);
            List<CompletableFuture<Object>> all = List.of(async(pool::reload), async(pool::reload), async(() -> {
                pool.getConnection("a").close();
                return null;
            }));
            for (CompletableFuture<Object> each : all) {
                get(each);
            }
            try (McpConnection c = pool.getConnection("a")) {
                assertThat(process(c).uri.parameter("user")).isEqualTo(String.valueOf(i));
            }
        }
        pool.tend();
        eventually(() -> server.live.get() == 1);
    }

    @Test
    void a_closed_pool_reads_nothing() {
        McpPool pool = read("mcp.server.a.uri=mcp:mem:x");
        pool.close();
        assertThatThrownBy(pool::reload).isInstanceOf(McpPoolClosedException.class);
    }

    @Test
    void no_permit_is_handed_on_while_there_are_more_than_a_lowered_limit_allows() throws Exception {
        MemoryServer first = legacy();
        MemoryServer second = legacy();
        MemoryServer wanted = legacy();
        McpPool pool = read("mcp.pool.maxTotal=2");
        McpConnection dying = pool.getConnection(first.uri());
        McpConnection last = pool.getConnection(second.uri());
        write("mcp.pool.maxTotal=1");
        pool.reload();
        CompletableFuture<McpConnection> caller = async(() -> pool.getConnection(wanted.uri()));
        awaitWaiting(pool, wanted, 1);
        process(dying).kill();
        eventually(() -> pool.services().permits().used() == 1);
        assertThat(wanted.startAttempts).hasValue(0);
        last.close();
        get(caller).close();
        assertThat(second.live).hasValue(0);
        dying.close();
    }

    @Test
    void an_idle_connection_makes_room_for_one_who_waits_below_a_lowered_limit() throws Exception {
        MemoryServer idle = legacy();
        MemoryServer wanted = legacy();
        McpPool pool = read("mcp.pool.maxTotal=2");
        McpConnection one = pool.getConnection(idle.uri());
        pool.getConnection(idle.uri()).close();
        one.close();
        write("mcp.pool.maxTotal=1");
        pool.reload();
        get(async(() -> pool.getConnection(wanted.uri()))).close();
        assertThat(idle.live).hasValue(0);
    }

    @Test
    void no_more_connections_are_started_than_the_old_or_the_new_limits_allow() throws Exception {
        MemoryServer server = legacy();
        McpPool pool = read("mcp.pool.maxTotal=2", "mcp.pool.maxTotalPerKey=4");
        McpConnection one = pool.getConnection(server.uri());
        McpConnection two = pool.getConnection(server.uri());
        CompletableFuture<McpConnection> third = async(() -> pool.getConnection(server.uri()));
        awaitWaiting(pool, server, 1);
        write("mcp.pool.maxTotal=4", "mcp.pool.maxTotalPerKey=2");
        pool.reload();
        write("mcp.pool.maxTotal=2", "mcp.pool.maxTotalPerKey=4");
        pool.reload();
        assertThat(server.startAttempts).hasValue(2);
        one.close();
        get(third).close();
        two.close();
    }
}
