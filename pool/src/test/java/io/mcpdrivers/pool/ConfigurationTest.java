package io.mcpdrivers.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.McpConfigurationException;
import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpDrivers;
import io.mcpdrivers.McpPoolException;
import io.mcpdrivers.McpTimeoutException;
import io.mcpdrivers.spi.McpUri;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.apache.commons.pool2.impl.GenericKeyedObjectPoolConfig;
import org.assertj.core.util.Throwables;
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
    void code_counts_more_than_system_properties_and_these_more_than_files() throws Exception {
        Path first = Files.writeString(
                folder.resolve("first.properties"),
                String.join(
                        "\n",
                        "mcp.pool.maxUses=1",
                        "mcp.pool.maxIdle=1",
                        "mcp.pool.minIdle=1",
                        "mcp.pool.connectRetries=1",
                        "mcp.server.a.uri=mcp:mem:a?user=file",
                        "mcp.server.a.maxUses=11",
                        "mcp.server.a.maxIdle=11",
                        "mcp.server.a.minIdle=11"));
        Path second = Files.writeString(
                folder.resolve("second.json"),
                "{\"pool\": {\"maxIdle\": 2, \"minIdlePerKey\": 2}, \"mcpServers\": {\"a\": {\"url\":"
                        + " \"mcp:mem:a?user=json\", \"pool\": {\"maxIdle\": 12, \"minIdle\": 12}}}}");
        Properties system = new Properties();
        system.setProperty("mcp.pool.minIdle", "3");
        system.setProperty("mcp.pool.connectRetries", "3");
        system.setProperty("mcp.server.a.minIdlePerKey", "13");
        system.setProperty("mcp.server.a.connectRetries", "13");
        PoolConfiguration read = builder()
                .set("connectRetries", "4")
                .set("maxWait", "4s")
                .server("a", "mcp:mem:a?user=code", Map.of("connectRetries", "14"))
                .systemProperties(system)
                .load(first)
                .load(second)
                .sources()
                .read();
        SettingValues pool = read.settings();
        assertThat(pool.integer(PoolSetting.MAX_USES)).isEqualTo(1);
        assertThat(pool.integer(PoolSetting.MAX_IDLE)).isEqualTo(2);
        assertThat(pool.integer(PoolSetting.MIN_IDLE)).isEqualTo(3);
        assertThat(pool.integer(PoolSetting.CONNECT_RETRIES)).isEqualTo(4);
        assertThat(pool.integer(PoolSetting.MAX_ABANDONED)).isEqualTo(16);
        ServerEntry entry = read.server("a");
        assertThat(entry.uri().parameter("user")).isEqualTo("code");
        SettingValues server = entry.settings(pool);
        assertThat(server.integer(PoolSetting.MAX_USES)).isEqualTo(11);
        assertThat(server.integer(PoolSetting.MAX_IDLE)).isEqualTo(12);
        assertThat(server.integer(PoolSetting.MIN_IDLE)).isEqualTo(13);
        assertThat(server.integer(PoolSetting.CONNECT_RETRIES)).isEqualTo(14);
        // What is said of one server counts more than what code says of all.
        assertThat(server.duration(PoolSetting.MAX_WAIT)).isEqualTo(Duration.ofSeconds(4));
    }

    @Test
    void every_setting_is_read_from_files_system_properties_code_and_uris() throws Exception {
        for (PoolSetting setting : PoolSetting.values()) {
            String value = other(setting);
            Object read = setting.read(setting.settingName(), value);
            assertThat(read).as(setting.settingName()).isNotEqualTo(setting.defaultObject());
            assertThat(configured(McpPool.builder().set(setting.settingName(), value), setting))
                    .isEqualTo(read);
            for (String alias : setting.aliases()) {
                assertThat(configured(McpPool.builder().set(alias, value), setting))
                        .isEqualTo(read);
            }
            assertThat(configured(
                            McpPool.builder().properties(file("mcp.pool." + setting.settingName() + "=" + value)),
                            setting))
                    .isEqualTo(read);
            Properties system = new Properties();
            system.setProperty("mcp.pool." + setting.settingName(), value);
            assertThat(configured(McpPool.builder().systemProperties(system), setting))
                    .isEqualTo(read);
            if (setting.scope() == PoolSetting.Scope.SERVER) {
                SettingValues pool = McpPool.builder().sources().read().settings();
                String name = setting.settingName();
                assertThat(SettingValues.of(McpUri.parse("mcp:mem:x?" + name + "=" + value), pool)
                                .get(setting))
                        .isEqualTo(read);
                assertThat(McpPool.builder()
                                .properties(file("mcp.server.a.uri=mcp:mem:x", "mcp.server.a." + name + "=" + value))
                                .sources()
                                .read()
                                .server("a")
                                .settings(pool)
                                .get(setting))
                        .isEqualTo(read);
            }
        }
    }

    private static Object configured(PoolBuilder builder, PoolSetting setting) {
        return builder.sources().read().settings().get(setting);
    }

    /** A value that a setting has not by default. */
    /** A value that is not the default. */
    static String other(PoolSetting setting) {
        return switch (setting.type()) {
            case BOOLEAN -> setting.defaultValue().equals("true") ? "false" : "true";
            case DURATION -> "77s";
            case STRING ->
                setting == PoolSetting.STREAMS
                        ? "77"
                        : setting == PoolSetting.JMX_NAME_BASE ? "com.example:type=Pool,name=" : "text";
            case SIZE -> "77k";
            case INTEGER -> "77";
        };
    }

    @Test
    void what_a_uri_cannot_carry_is_told_with_where_it_belongs() {
        McpPool pool = pool();
        MemoryServer server = legacy();
        assertThatThrownBy(() -> pool.getConnection(server.uri() + "?maxTotal=3"))
                .isInstanceOf(McpConfigurationException.class)
                .hasMessageContaining("'maxTotal' is one of the whole pool")
                .hasMessageContaining("mcp.pool.maxTotal");
        assertThatThrownBy(() -> pool.getConnection(server.uri() + "?maxWaitMillis=3"))
                .hasMessageContaining("'maxWaitMillis' is called 'maxWait' in a URI");
        assertThatThrownBy(() -> pool.getConnection(server.uri() + "?testOnBorrow=true"))
                .hasMessageContaining("has no meaning here: a connection is always checked");
    }

    @Test
    void keys_that_look_like_mistyped_ones_are_named() throws Exception {
        String logged = logged(() -> McpPool.builder()
                .properties(file(
                        "maxTotal=3",
                        "pool.idleTimeout=1m",
                        "server.files.uri=mcp:mem:x",
                        "mpc.pool.maxIdle=3",
                        "mcps.server.a.maxIdle=3",
                        "server.port=8080",
                        "pool.size=3",
                        "map.pool.x=1",
                        "spring.application.name=x",
                        "mcp.server.a.uri=mcp:later:of-a-driver-that-is-registered-later",
                        "mcp.server.a.idelTimeout=3m",
                        "mcp.server.a.nothingLikeIt=3m"))
                .sources()
                .read());
        assertThat(logged)
                .contains("'maxTotal' (did you mean 'mcp.pool.maxTotal'?)")
                .contains("'pool.idleTimeout' (did you mean 'mcp.pool.idleTimeout'?)")
                .contains("'server.files.uri' (did you mean 'mcp.server.files.uri'?)")
                .contains("'mpc.pool.maxIdle' (did you mean 'mcp.pool.maxIdle'?)")
                .contains("'mcps.server.a.maxIdle' (did you mean 'mcp.server.a.maxIdle'?)")
                .contains("Server 'a': unknown setting 'idelTimeout'")
                .contains("Did you mean 'idleTimeout'?")
                .doesNotContain("server.port", "pool.size", "spring", "nothingLikeIt");
        assertThatThrownBy(() -> read("mcp.poool.maxIdle=3")).hasMessageContaining("Did you mean 'mcp.pool.maxIdle'?");
    }

    @Test
    void a_file_of_another_kind_is_not_taken_for_an_empty_configuration() throws Exception {
        assertThatThrownBy(() -> read("", " {\"mcpServers\": {}}"))
                .isInstanceOf(McpConfigurationException.class)
                .hasMessageContainingAll("is JSON", "PoolBuilder.load");
        Path yaml = Files.writeString(folder.resolve("mcp.yaml"), "servers:\n  files:\n    command: npx\n");
        String logged = logged(() -> McpPool.builder().load(yaml).sources().read());
        assertThat(logged).contains("mcp.yaml configures nothing", "no key that begins with mcp.");
    }

    @Test
    void whoever_gives_the_pool_a_parameter_of_one_server_is_told_where_it_belongs() {
        for (String name : List.of("requestTimeout", "connectTimeout")) {
            String expected = "'" + name + "' is a parameter of one server";
            assertThatThrownBy(() -> read("mcp.pool." + name + "=1m"))
                    .hasMessageContainingAll(expected, "write mcp.server.<name>." + name, "key mcp.pool." + name);
            assertThatThrownBy(() -> McpPool.builder().set(name, "1m")).hasMessageContaining(expected);
        }
        assertThatThrownBy(() -> read("mcp.pool.maxTotl=1"))
                .hasMessageContaining("Did you mean 'maxTotal'?")
                .hasMessageNotContaining("Known");
    }

    @Test
    void whoever_takes_one_kind_of_file_for_the_other_is_told_how_it_is_written_there() throws Exception {
        McpPool pool = read(
                "mcp.server.a.url=https://example.org/mcp",
                "mcp.server.b.command=npx",
                "mcp.server.c.uri=mcp:mem:x",
                "mcp.server.c.user=${workspaceFoldr}",
                "mcp.server.d.uri=mcp:mem:x",
                "mcp.server.d.user=${command:x}");
        assertBroken(pool, "a", "did you mean 'uri' by 'url'", "uri=mcp:https://");
        assertBroken(pool, "b", "did you mean 'uri' by 'command'", "uri=mcp:stdio:");
        assertBroken(pool, "c", "'${workspaceFoldr}'", "Did you mean '${workspaceFolder}'");
        assertBroken(pool, "d", "of no known form", "${workspaceFolder}", "${userHome}");
        Path json = Files.writeString(
                folder.resolve("mcp.json"),
                "{\"mcpServers\": {\"a\": {\"command\": \"x\", \"pool\": {\"maxTotal\": 4}}}}");
        assertBroken(
                build(builder().load(json)),
                "a",
                "'maxTotal' is one of the whole pool",
                "\"pool\": {\"maxTotal\": ..}");
        Files.writeString(json, "{\"pool\": {\"requestTimeout\": \"1m\"}, \"mcpServers\": {}}");
        assertThatThrownBy(() -> build(builder().load(json)))
                .hasMessageContaining("write \"pool\": {\"requestTimeout\": ..} in the server's entry");
    }

    private static void assertBroken(McpPool pool, String server, String... reasons) {
        assertThatThrownBy(() -> pool.getConnection(server))
                .isInstanceOf(McpConfigurationException.class)
                .hasMessageContainingAll(reasons);
    }

    @Test
    void where_something_is_wrong_is_said_once() {
        McpPool pool = build(builder().server("a", "mcp:stdio:"));
        assertThatThrownBy(() -> pool.getConnection("a")).message().containsOnlyOnce("set in code");
    }

    /** What is written to the log meanwhile. */
    private static String logged(Callable<?> task) throws Exception {
        PrintStream before = System.err;
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        System.setErr(new PrintStream(written, true, StandardCharsets.UTF_8));
        try {
            task.call();
        } finally {
            System.setErr(before);
        }
        return written.toString(StandardCharsets.UTF_8);
    }

    @Test
    void without_a_pool_connections_are_opened_directly_if_that_is_allowed() throws Exception {
        MemoryServer server = legacy();
        Properties system = new Properties();
        system.setProperty("mcp.config", file("mcp.pool.maxTotl=3").toString());
        DefaultPoolProvider provider =
                new DefaultPoolProvider(() -> DefaultPool.configure(system).build(), system);
        McpUri uri = McpUri.parse(server.uri());
        String logged = logged(() -> {
            for (int i = 0; i < 2; i++) {
                try (McpConnection c = provider.getConnection(uri)) {
                    assertThat(c).isNotInstanceOf(PooledLease.class);
                    c.ping();
                }
            }
            return null;
        });
        assertThat(server.startAttempts).hasValue(2);
        assertThat(logged)
                .containsOnlyOnce("There is no default pool")
                .contains("mcp-drivers.properties, key mcp.pool.maxTotl")
                .contains("Did you mean 'maxTotal'?");
        // What is wrong with the URI is told, and names mean nothing without the pool.
        assertThatThrownBy(() -> provider.getConnection(McpUri.parse(server.uri() + "?usr=x")))
                .isInstanceOf(McpConfigurationException.class)
                .hasMessageContaining("Unknown parameter 'usr'");
        assertThatThrownBy(() -> provider.getConnection(McpUri.parse("mcp:server:a")))
                .hasMessageContaining("maxTotl");
        assertThatThrownBy(() -> provider.serverUri("a")).hasMessageContaining("maxTotl");

        file("mcp.pool.maxTotl=3", "mcp.pool.poolFallback=false");
        assertThatThrownBy(() -> provider.getConnection(uri)).hasMessageContaining("maxTotl");
        system.setProperty("mcp.pool.poolFallback", "true");
        provider.getConnection(uri).close();
        system.setProperty("mcp.config", folder.resolve("none").toString());
        system.setProperty("mcp.pool.poolFallback", "false");
        assertThatThrownBy(() -> provider.getConnection(uri)).hasMessageContaining("no configuration file");
    }

    @Test
    void variables_are_filled_in_when_connecting_and_inputs_are_asked_for_once() throws Exception {
        MemoryServer server = legacy();
        Map<String, String> environment = new ConcurrentHashMap<>();
        List<ConfigurationInput> asked = new CopyOnWriteArrayList<>();
        CountDownLatch answered = new CountDownLatch(1);
        Path file = Files.writeString(
                folder.resolve("mcp.json"),
                "{\"inputs\": [{\"id\": \"key\", \"password\": true, \"description\": \"the key\"}], \"servers\": {\"a\":"
                        + " {\"url\": \"" + server.uri() + "?user=${WHO}\", \"env\": {\"KEY\": \"${input:key}\"}}}}");
        McpPool pool = build(builder().load(file).environment(environment::get).inputs(input -> {
            asked.add(input);
            try {
                answered.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return "geheim1234";
        }));
        assertThatThrownBy(() -> pool.getConnection("a")).hasMessageContaining("'${WHO}'");
        environment.put("WHO", "me");
        CompletableFuture<McpConnection> first = async(() -> pool.getConnection("a"));
        CompletableFuture<McpConnection> second = async(() -> pool.getConnection("a"));
        eventually(() -> !asked.isEmpty());
        answered.countDown();
        try (McpConnection a = get(first);
                McpConnection b = get(second)) {
            assertThat(process(a).uri.parameter("env.KEY")).isEqualTo("geheim1234");
            assertThat(process(b).uri.parameter("user")).isEqualTo("me");
            assertThat(a.toString() + pool.status()).doesNotContain("geheim1234");
        }
        assertThat(asked).hasSize(1);
        assertThat(asked.get(0).toString()).contains("the key").doesNotContain("geheim1234");
        environment.put("WHO", "you");
        try (McpConnection c = pool.getConnection("mcp:server:a")) {
            assertThat(process(c).uri.parameter("user")).isEqualTo("you");
        }
        assertThat(asked).hasSize(1);
    }

    @Test
    void an_input_that_is_not_given_is_asked_for_again() {
        MemoryServer server = legacy();
        Deque<Object> answers = new ArrayDeque<>(List.of("none", new IllegalStateException("geheim1234"), "x"));
        McpPool pool =
                build(builder().server("a", server.uri() + "?user=${input:who}").inputs(input -> {
                    Object answer = answers.remove();
                    if (answer instanceof RuntimeException failure) {
                        throw failure;
                    }
                    return answer.equals("none") ? null : (String) answer;
                }));
        assertThatThrownBy(() -> pool.getConnection("a"))
                .hasMessageContaining("Server 'a'")
                .hasMessageContaining("'who' was asked for and not given");
        assertThatThrownBy(() -> pool.getConnection("a"))
                .hasMessageContaining("'who' could not be asked for")
                .satisfies(e -> assertThat(Throwables.getStackTrace(e)).doesNotContain("geheim1234"));
        pool.getConnection("a").close();
        pool.getConnection("a").close();
        assertThat(answers).isEmpty();
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
