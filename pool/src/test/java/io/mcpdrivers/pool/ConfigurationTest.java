package io.mcpdrivers.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.McpConfigurationException;
import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpDrivers;
import io.mcpdrivers.McpPoolException;
import io.mcpdrivers.McpTimeoutException;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import org.apache.commons.pool2.impl.GenericKeyedObjectPoolConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationTest extends PoolTestBase {

    @TempDir
    Path folder;

    private Path file(String... lines) throws IOException {
        Path file = folder.resolve("mcp-drivers.properties");
        return Files.writeString(file, String.join("\n", lines), StandardCharsets.UTF_8);
    }

    private McpPool read(String... lines) throws IOException {
        return build(builder().properties(file(lines)));
    }

    @Test
    void servers_and_settings_come_from_a_properties_file() throws Exception {
        MemoryServer server = legacy();
        McpPool pool = McpPool.fromProperties(file(
                "\uFEFFmcp.pool.maxTotalPerKey = 4 ",
                "mcp.pool.jmxEnabled=false",
                "mcp.server.files.uri=" + server.uri() + "?user=j\u00fcrgen",
                "mcp.server.files.idleTimeout= 10m",
                "mcp.server.files.minEvictableIdleTimeMillis=600000",
                "mcp.server.files.requestTimeout=40ms",
                "mcp.server.files.env.TOKEN=t",
                "somebody.elses=1"));
        try (McpConnection c = pool.getConnection("files")) {
            assertThat(process(c).uri.parameter("user")).isEqualTo("j\u00fcrgen");
            assertThat(process(c).uri.parameter("env.TOKEN")).isEqualTo("t");
            assertThatThrownBy(() -> c.callTool("silence", Map.of())).isInstanceOf(McpTimeoutException.class);
            try (McpConnection same = pool.getConnection("mcp:server:files?requestTimeout=60ms")) {
                assertThatThrownBy(() -> same.callTool("silence", Map.of())).hasMessageContaining("60ms");
            }
            ServerPool used = pool.directory().used("files");
            assertThat(used.settings().maxConnections()).isEqualTo(4);
            assertThat(used.settings().idleTimeoutNanos())
                    .isEqualTo(Duration.ofMinutes(10).toNanos());
            assertThat(pool.status().servers()).containsOnlyKeys("files");
        } finally {
            pool.close();
        }
    }

    @Test
    void an_unknown_server_is_told_with_those_there_are() throws Exception {
        McpPool pool = read("mcp.server.files.uri=mcp:mem:x", "mcp.server.web.uri=mcp:mem:y");
        assertThatThrownBy(() -> pool.getConnection("flies"))
                .isInstanceOf(McpConfigurationException.class)
                .hasMessageContaining("No server 'flies'")
                .hasMessageContaining("mcp-drivers.properties")
                .hasMessageContaining("files, web")
                .hasMessageContaining("Did you mean 'files'?");
        assertThatThrownBy(() -> pool.getConnection("mcp:server:nothing-like-it"))
                .hasMessageContaining("Configured: files, web.");
    }

    @Test
    void a_broken_setting_of_the_pool_fails_at_once_with_file_key_and_reason() {
        assertThatThrownBy(() -> read("mcp.pool.maxTotl=3"))
                .isInstanceOf(McpConfigurationException.class)
                .hasMessageContaining("mcp-drivers.properties, key mcp.pool.maxTotl")
                .hasMessageContaining("Did you mean 'maxTotal'?");
        assertThatThrownBy(() -> read("mcp.pool.maxTotal=0"))
                .hasMessageContaining("maxTotal must be at least 1, or -1 for no limit, but is 0")
                .hasMessageContaining("key mcp.pool.maxTotal");
        assertThatThrownBy(() -> read("mcp.pool.maxWait=soon")).hasMessageContaining("'soon' is no duration");
        assertThatThrownBy(() -> read("mcp.pool.streams=some")).hasMessageContaining("nor auto");
        assertThatThrownBy(() -> read("mcp.pool.minIdle=1", "mcp.pool.minIdlePerKey=2"))
                .hasMessageContaining("same setting");
        assertThatThrownBy(() -> read("mcp.servers.x.uri=mcp:mem:x")).hasMessageContaining("mcp.servers.x.uri");
        assertThatThrownBy(() -> McpPool.fromProperties(folder.resolve("none")))
                .hasMessageContaining("no configuration file");
        assertThatThrownBy(() -> {
                    Files.write(folder.resolve("latin1"), new byte[] {'a', '=', (byte) 0xE4, '\n'});
                    McpPool.fromProperties(folder.resolve("latin1"));
                })
                .hasMessageContaining("not in UTF-8");
    }

    @Test
    void a_broken_server_fails_alone_and_when_it_is_asked_for() throws Exception {
        MemoryServer server = legacy();
        McpPool pool = read(
                "mcp.server.good.uri=" + server.uri(),
                "mcp.server.noUri.idleTimeout=1m",
                "mcp.server.badUri.uri=mcp:mem",
                "mcp.server.badValue.uri=mcp:mem:x",
                "mcp.server.badValue.maxUses=many",
                "mcp.server.poolWide.uri=mcp:mem:x",
                "mcp.server.poolWide.maxTotal=3",
                "mcp.server.unknown.uri=mcp:mem:x",
                "mcp.server.unknown.idelTimeout=3m",
                "mcp.server.twice.uri=mcp:mem:x?maxUses=3",
                "mcp.server.twice.maxUses=4",
                "mcp.server.unset.uri=mcp:mem:x?user=${env:NOT_SET_ANYWHERE}",
                "mcp.server.refused.uri=mcp:mem:x",
                "mcp.server.refused.testOnBorrow=true",
                "mcp.server.clash.uri=mcp:mem:x",
                "mcp.server.clash.minIdle=1",
                "mcp.server.clash.minIdlePerKey=2",
                "mcp.server.off.uri=mcp:mem:x",
                "mcp.server.off.enabled=false");
        pool.getConnection("good").close();
        assertBroken(pool, "noUri", "has no uri");
        assertBroken(pool, "badUri", "key mcp.server.badUri.uri");
        assertBroken(pool, "badValue", "key mcp.server.badValue.maxUses");
        assertBroken(pool, "poolWide", "mcp.pool.maxTotal");
        assertBroken(pool, "unknown", "idleTimeout");
        assertBroken(pool, "twice", "key mcp.server.twice.maxUses");
        assertBroken(pool, "unset", "NOT_SET_ANYWHERE");
        assertBroken(pool, "refused", "no meaning here");
        assertBroken(pool, "clash", "same setting");
        assertThatThrownBy(() -> pool.getConnection("off"))
                .isInstanceOf(McpPoolException.class)
                .hasMessageContaining("'off' is disabled");
        Map<String, ServerStatus> servers = pool.status().servers();
        assertThat(servers.get("good").state()).isEqualTo(ServerState.READY);
        assertThat(servers.get("noUri").state()).isEqualTo(ServerState.ERROR);
        assertThat(servers.get("noUri").lastError()).contains("has no uri");
        assertThat(servers.get("off").enabled()).isFalse();
    }

    private static void assertBroken(McpPool pool, String name, String reason) {
        assertThatThrownBy(() -> pool.getConnection(name))
                .isInstanceOf(McpConfigurationException.class)
                .hasMessageContaining("Server '" + name + "'")
                .hasMessageContaining("mcp-drivers.properties")
                .hasMessageContaining(reason);
    }

    @Test
    void every_property_of_commons_pool_is_bound_by_its_name_or_refused_with_a_reason() {
        for (Method method : GenericKeyedObjectPoolConfig.class.getMethods()) {
            if (!method.getName().startsWith("set") || method.getParameterCount() != 1) {
                continue;
            }
            String name = Character.toLowerCase(method.getName().charAt(3))
                    + method.getName().substring(4);
            boolean bound = PoolSetting.find(name) != null;
            boolean refused = RefusedSettings.reason(name) != null;
            assertThat(bound ^ refused).as(name).isTrue();
            if (refused) {
                assertThatThrownBy(() -> McpPool.builder().set(name, "1"))
                        .isInstanceOf(McpConfigurationException.class)
                        .hasMessageContaining("has no meaning here: ");
            }
        }
        assertThat(PoolSetting.find("maxWaitMillis").read("maxWaitMillis", "1500"))
                .isEqualTo(Duration.ofMillis(1500));
    }

    @Test
    void every_setting_has_a_default_in_range_and_a_meaning() {
        for (PoolSetting setting : PoolSetting.values()) {
            assertThat(setting.read(setting.settingName(), setting.defaultValue()))
                    .isEqualTo(setting.defaultObject());
            assertThat(setting.description()).endsWith(".");
        }
    }

    @Test
    void of_two_uris_of_one_server_the_first_decides_the_settings_but_each_its_own_waiting() {
        MemoryServer server = legacy();
        McpPool pool = pool();
        pool.getConnection(server.uri() + "?maxUses=7").close();
        pool.getConnection(server.uri() + "?maxUses=8").close();
        assertThat(server.startAttempts).hasValue(1);
        ServerPool used = pool.directory().servers().iterator().next();
        assertThat(used.settings().maxUses()).isEqualTo(7);
    }

    @Test
    void system_properties_count_more_than_the_file_of_the_default_pool() throws Exception {
        Properties system = new Properties();
        system.setProperty(
                "mcp.config",
                file("mcp.pool.maxWait=1s", "mcp.pool.minIdlePerKey=1", "mcp.server.a.uri=mcp:mem:a")
                        .toString());
        system.setProperty("mcp.pool.minIdle", "2");
        system.setProperty("mcp.pool.jmxEnabled", "false");
        system.setProperty("mcp.server.a.maxUses", "5");
        system.setProperty("mcp.other", "x");
        McpPool pool = build(DefaultPool.configure(system));
        SettingValues settings = pool.directory().configuration().settings();
        assertThat(settings.integer(PoolSetting.MIN_IDLE)).isEqualTo(2);
        assertThat(settings.duration(PoolSetting.MAX_WAIT)).isEqualTo(Duration.ofSeconds(1));
        assertThat(pool.directory().configuration().server("a").uri().parameter("maxUses"))
                .isEqualTo("5");
    }

    @Test
    void mcp_drivers_get_connection_leases_from_the_default_pool() {
        MemoryServer server = legacy();
        MemoryProcess process;
        try (McpConnection c = McpDrivers.getConnection(server.uri() + "?idleTimeout=1m")) {
            assertThat(c).isInstanceOf(PooledLease.class);
            process = process(c);
        }
        try (McpConnection c = McpDrivers.getConnection(server.uri() + "?idleTimeout=1m")) {
            assertThat(process(c)).isSameAs(process);
        }
        try (McpConnection c = McpDrivers.getConnection(server.uri(), Map.of("pool", "false"))) {
            assertThat(process(c)).isNotSameAs(process);
        }
        assertThatThrownBy(() -> McpDrivers.getConnection(server.uri() + "?idleTimout=1m"))
                .hasMessageContaining("idleTimeout");
        assertThatThrownBy(() -> McpDrivers.getConnection("mcp:server:nobody"))
                .isInstanceOf(McpConfigurationException.class);
        process.kill();
    }

    @Test
    void no_secret_is_shown() throws Exception {
        MemoryServer server = legacy();
        McpPool pool = build(builder().set("jmxEnabled", "true").server("s", server.uri() + "?env.TOKEN=geheim1234"));
        server.failingStarts.set(1);
        assertThatThrownBy(() -> pool.getConnection("s")).hasMessageNotContaining("geheim1234");
        clock.advance(Duration.ofSeconds(2));
        try (McpConnection c = pool.getConnection("s")) {
            assertThat(c.toString()).doesNotContain("geheim1234");
            assertThat(pool.status().toString()).doesNotContain("geheim1234").contains("failed as told");
            // JMX shows these.
            ServerPool used = pool.directory().used("s");
            assertThat(used.key().toString()).startsWith("s#").doesNotContain("geheim1234");
            assertThat(used.lending().slots().toString()).doesNotContain("geheim1234");
        }
    }
}
