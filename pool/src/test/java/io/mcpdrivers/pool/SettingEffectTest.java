package io.mcpdrivers.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.McpConnection;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What settings do that other tests take for granted, and that a reload changes each that it is said to. */
class SettingEffectTest extends PoolTestBase {

    /** Less than the defaults that these tests shorten, and much more than what they shorten them to. */
    private static final Duration WELL_BELOW_THE_DEFAULT = Duration.ofSeconds(4);

    private static final MBeanServer JMX = ManagementFactory.getPlatformMBeanServer();

    @TempDir
    Path folder;

    private static Duration took(Runnable work) {
        long begin = System.nanoTime();
        work.run();
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    /** The best of a few attempts, since the machine may have been busy. */
    private static void assertSoon(Supplier<Duration> attempt) {
        Duration best = attempt.get();
        for (int further = 0; further < 2 && best.compareTo(WELL_BELOW_THE_DEFAULT) >= 0; further++) {
            Duration next = attempt.get();
            best = next.compareTo(best) < 0 ? next : best;
        }
        assertThat(best).isLessThan(WELL_BELOW_THE_DEFAULT);
    }

    private static void killTheFirst(McpPool pool, MemoryServer server) {
        McpConnection worked = pool.getConnection(server.uri());
        process(worked).kill();
        worked.close();
        eventually(() -> status(pool, server).connections() == 0);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void lifo_lends_what_was_used_last_and_otherwise_what_was_idle_longest(boolean lifo) {
        MemoryServer server = legacy();
        McpPool pool = build(builder().set("lifo", Boolean.toString(lifo)));
        McpConnection early = pool.getConnection(server.uri());
        McpConnection late = pool.getConnection(server.uri());
        MemoryProcess first = process(early);
        MemoryProcess second = process(late);
        early.close();
        late.close();
        try (McpConnection lease = pool.getConnection(server.uri())) {
            assertThat(process(lease)).isSameAs(lifo ? second : first);
        }
    }

    @Test
    void max_backoff_ends_the_doubling_of_pauses() throws Exception {
        MemoryServer server = legacy();
        McpPool pool =
                build(builder().set("backoff", "1s").set("maxBackoff", "3s").set("connectRetries", "9"));
        killTheFirst(pool, server);
        server.failingStarts.set(5);
        CompletableFuture<McpConnection> waits = async(() -> pool.getConnection(server.uri()));
        int errors = 1;
        for (int pause : new int[] {1, 2, 3, 3, 3}) {
            int now = errors++;
            eventually(() -> status(pool, server).errors() == now);
            clock.advance(Duration.ofSeconds(pause));
        }
        get(waits).close();
        assertThat(server.startAttempts).hasValue(7);
    }

    @Test
    void without_connect_retries_the_first_failure_is_told() {
        MemoryServer server = legacy();
        McpPool pool = build(builder().set("connectRetries", "0").set("backoff", "0"));
        killTheFirst(pool, server);
        server.failingStarts.set(1);
        assertThatThrownBy(() -> pool.getConnection(server.uri())).hasMessageContaining("failed as told");
        assertThat(server.startAttempts).hasValue(2);
    }

    @Test
    void validation_timeout_bounds_the_check_of_a_silent_connection() {
        assertSoon(() -> {
            MemoryServer server = legacy();
            McpPool pool = build(builder().set("validationTimeout", "50ms"));
            pool.getConnection(server.uri()).close();
            clock.advance(Duration.ofSeconds(10));
            server.silentPing = true;
            Duration took = took(() -> pool.getConnection(server.uri()).close());
            assertThat(server.startAttempts).hasValue(2);
            return took;
        });
    }

    @Test
    void shutdown_timeout_bounds_the_waiting_for_leases() {
        assertSoon(() -> {
            McpPool pool = build(builder().set("shutdownTimeout", "50ms"));
            McpConnection out = pool.getConnection(legacy().uri());
            Duration took = took(pool::close);
            assertThat(out.isClosed()).isTrue();
            return took;
        });
    }

    @Test
    void time_between_eviction_runs_is_how_soon_what_has_expired_goes() {
        assertSoon(() -> {
            MemoryServer server = legacy();
            McpPool pool = build(builder().set("timeBetweenEvictionRuns", "20ms"));
            pool.getConnection(server.uri()).close();
            return took(() -> {
                clock.advance(Duration.ofMinutes(5));
                eventually(() -> server.live.get() == 0);
            });
        });
    }

    @Test
    void jmx_shows_a_pool_under_the_name_that_is_set_or_not_at_all() throws Exception {
        ObjectName mine = new ObjectName("io.mcpdrivers.test:kind=SettingEffect,*");
        build(builder().set("jmxEnabled", "false").set("jmxNameBase", "io.mcpdrivers.test:kind=SettingEffect,id="));
        assertThat(JMX.queryNames(mine, null)).isEmpty();
        McpPool shown = build(builder()
                .set("jmxEnabled", "true")
                .set("jmxNameBase", "io.mcpdrivers.test:kind=SettingEffect,id=")
                .set("jmxNamePrefix", "shown"));
        assertThat(JMX.queryNames(mine, null))
                .extracting(name -> name.getKeyProperty("id"))
                .containsOnly("shown")
                .hasSize(2);
        shown.close();
        assertThat(JMX.queryNames(mine, null)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void mean_times_are_in_jmx_only_if_they_are_to_be_collected(boolean collected) throws Exception {
        MemoryServer server = legacy();
        McpPool pool = build(builder()
                .set("jmxEnabled", "true")
                .set("jmxNamePrefix", "collected" + collected)
                .set("collectDetailedStatistics", Boolean.toString(collected)));
        try (McpConnection lease = pool.getConnection(server.uri())) {
            long until = System.nanoTime() + Duration.ofMillis(20).toNanos();
            while (System.nanoTime() - until < 0) {
                LockSupport.parkNanos(1_000_000);
            }
            assertThat(lease.isClosed()).isFalse();
        }
        pool.getConnection(server.uri()).close();
        ObjectName store = new ObjectName("io.mcpdrivers:type=McpPool,name=collected" + collected);
        assertThat((Long) JMX.getAttribute(store, "MeanActiveTimeMillis") > 0).isEqualTo(collected);
    }

    @ParameterizedTest
    @EnumSource(PoolSetting.class)
    void a_reload_changes_each_setting_that_can_be_changed_and_names_the_others(PoolSetting setting) throws Exception {
        MemoryServer server = legacy();
        Path file = folder.resolve("mcp.properties");
        String uri = "mcp.server.one.uri=" + server.uri();
        Files.writeString(file, uri);
        // Without what the other tests set in code, since that counts more than any file.
        McpPool pool = build(McpPool.builder().ticker(clock).load(file));
        pool.getConnection("one").close();
        ServerPool used = pool.directory().known("one");
        String value = ConfigurationTest.other(setting);
        Files.writeString(file, uri + "\nmcp.pool." + setting.settingName() + "=" + value);

        ReloadResult result = pool.reload();

        SettingValues now = pool.directory().configuration().settings();
        if (!setting.isChangeable()) {
            assertThat(result.ignoredSettings()).containsExactly(setting.settingName());
            return;
        }
        assertThat(result.settings()).containsExactly(setting.settingName());
        assertThat(now.get(setting)).isEqualTo(setting.read(setting.settingName(), value));
        if (setting.scope() == PoolSetting.Scope.SERVER) {
            assertThat(used.settingValues().get(setting)).isEqualTo(now.get(setting));
            assertThat(used.settings()).isEqualTo(ServerSettings.of(now));
        }
        if (setting == PoolSetting.SHUTDOWN_TIMEOUT) {
            Files.writeString(file, uri + "\nmcp.pool.shutdownTimeout=1h");
            pool.reload();
            Files.writeString(file, uri + "\nmcp.pool.shutdownTimeout=0");
            pool.reload();
            McpConnection out = pool.getConnection("one");
            assertThat(took(pool::close)).isLessThan(Duration.ofSeconds(20));
            assertThat(out.isClosed()).isTrue();
        }
    }
}
