package io.mcpdrivers.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.McpException;
import io.mcpdrivers.McpPoolException;
import io.mcpdrivers.McpTimeoutException;
import io.mcpdrivers.schema.Tool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.JsonNodeFactory;

class AggregateTest extends PoolTestBase {

    private static String tool(String name) {
        return "{\"name\":\"" + name + "\",\"inputSchema\":{\"type\":\"object\"}}";
    }

    private static List<String> names(AggregatedTools tools) {
        return tools.tools().stream().map(AggregatedTool::name).toList();
    }

    @Test
    void the_tools_of_all_servers_make_one_list_and_calls_go_to_their_server() {
        MemoryServer files = legacy();
        MemoryServer web = modern();
        files.tools = tool("echo");
        web.tools = tool("echo") + "," + tool("search");
        McpPool pool = build(builder().server("files", files.uri()).server("web", web.uri()));
        McpAggregate all = McpAggregate.of(pool);
        AggregatedTools tools = all.listTools();
        assertThat(names(tools)).containsExactly("files__echo", "web__echo", "web__search");
        assertThat(tools.unreachable()).isEmpty();
        assertThat(tools.tools().get(1).original().name()).isEqualTo("echo");
        assertThat(tools.tools().get(1).tool().name()).isEqualTo("web__echo");
        assertThat(tools.tools().get(1).tool().title()).isEqualTo("echo");
        assertThat(all.callTool("web__echo", Map.of("message", "hi")).text()).isEqualTo("hi");
        assertThat(web.executed).hasValue(1);
        assertThat(files.executed).hasValue(0);
    }

    @Test
    void a_server_that_cannot_be_asked_is_reported_beside_the_tools_of_the_others() {
        MemoryServer good = legacy();
        MemoryServer failing = legacy();
        MemoryServer silent = legacy();
        failing.failingStarts.set(100);
        silent.silentList = true;
        good.tools = tool("echo");
        McpPool pool = build(builder()
                .server("good", good.uri())
                .server("failing", failing.uri())
                .server("silent", silent.uri())
                .server("broken", "mcp:nothing:x")
                .server("disabled", legacy().uri(), Map.of("enabled", "false")));
        AggregatedTools tools = McpAggregate.builder(pool)
                .timeout(Duration.ofSeconds(5))
                .build()
                .listTools();
        assertThat(names(tools)).containsExactly("good__echo");
        assertThat(tools.unreachable()).containsOnlyKeys("failing", "silent", "broken");
        assertThat(tools.unreachable().get("failing")).hasMessageContaining("failed as told");
        assertThat(tools.unreachable().get("silent")).isInstanceOf(McpTimeoutException.class);
    }

    @Test
    void a_server_whose_start_hangs_is_waited_for_no_longer_than_its_time() {
        MemoryServer good = legacy();
        MemoryServer hanging = legacy();
        hanging.startGate = new CountDownLatch(1);
        McpPool pool = build(builder().server("good", good.uri()).server("hanging", hanging.uri()));
        AggregatedTools tools = McpAggregate.builder(pool)
                .atOnce(1)
                .timeout(Duration.ofSeconds(5))
                .build()
                .listTools();
        assertThat(tools.tools()).isNotEmpty();
        assertThat(tools.unreachable().get("hanging"))
                .isInstanceOf(McpTimeoutException.class)
                .hasMessageContaining("within 5000 ms");
    }

    @Test
    void lists_are_kept_until_the_server_says_that_they_changed_or_they_are_old() {
        MemoryServer server = legacy();
        server.tools = tool("one");
        McpPool pool = build(builder().server("files", server.uri()));
        McpAggregate all = McpAggregate.of(pool);
        assertThat(names(all.listTools())).containsExactly("files__one");
        assertThat(all.isStale()).isFalse();
        all.listTools();
        assertThat(server.lists).hasValue(1);
        server.tools = tool("one") + "," + tool("two");
        server.process(0).tell("notifications/tools/list_changed");
        eventually(all::isStale);
        assertThat(names(all.listTools())).containsExactly("files__one", "files__two");
        server.tools = tool("three");
        clock.advance(Duration.ofMinutes(1));
        assertThat(names(all.listTools())).containsExactly("files__three");
        assertThat(server.lists).hasValue(3);
    }

    @Test
    void changes_are_followed_whatever_placeholders_lead_to_the_server() {
        String token = "aggregate.token." + freshName();
        System.setProperty(token, "one");
        try {
            for (String target : List.of("files", "mcp:server:files", "uri")) {
                MemoryServer server = modern();
                server.tools = tool("one");
                String uri = server.uri() + "?user=${sys:" + token + "}";
                McpPool pool = build(builder().server("files", uri));
                McpAggregate all = McpAggregate.builder(pool)
                        .server("files", target.equals("uri") ? uri : target)
                        .build();
                assertThat(names(all.listTools())).containsExactly("files__one");
                assertThat(all.isStale()).as(target).isFalse();
                server.tools = tool("two");
                server.process(0).tell("notifications/tools/list_changed");
                eventually(all::isStale);
                assertThat(names(all.listTools())).containsExactly("files__two");
                assertThat(all.isStale()).as(target).isFalse();
            }
        } finally {
            System.clearProperty(token);
        }
    }

    @Test
    void a_modern_server_is_asked_once_to_tell_of_changes_and_again_when_it_no_longer_does() {
        MemoryServer server = modern();
        server.tools = tool("one");
        McpPool pool = build(builder().server("files", server.uri()));
        McpAggregate all = McpAggregate.of(pool);
        all.listTools();
        McpAggregate.of(pool).listTools();
        assertThat(server.listens).hasValue(1);
        assertThat(all.isStale()).isFalse();
        server.process(0).tell("notifications/tools/list_changed");
        eventually(all::isStale);
        all.listTools();
        assertThat(server.listens).hasValue(1);
        for (boolean gracefully : new boolean[] {true, false}) {
            server.process(0).endListening(gracefully);
            eventually(all::isStale);
            all.listTools();
            assertThat(all.isStale()).isFalse();
        }
        assertThat(server.listens).hasValue(3);
        pool.softEvict("files");
        eventually(all::isStale);
        all.listTools();
        assertThat(server.listens).as("on the next connection").hasValue(4);
    }

    @Test
    void a_modern_server_that_tells_of_no_changes_is_asked_by_age() {
        MemoryServer server = modern();
        server.tools = tool("one");
        server.refusesListening = true;
        McpPool pool = build(builder().server("files", server.uri()));
        McpAggregate all = McpAggregate.of(pool);
        all.listTools();
        assertThat(all.isStale()).isFalse();
        clock.advance(Duration.ofMinutes(1));
        assertThat(all.isStale()).isTrue();
    }

    @Test
    void being_told_of_changes_is_no_use_of_a_connection() {
        MemoryServer server = modern();
        server.tools = tool("one");
        McpPool pool = build(builder().server("files", server.uri()));
        McpAggregate.of(pool).listTools();
        assertThat(server.listens).hasValue(1);
        assertThat(pool.status().servers().get("files").active()).isZero();
        clock.advance(Duration.ofMinutes(5));
        pool.tend();
        eventually(() -> server.live.get() == 0);
    }

    @Test
    void a_tool_that_was_not_listed_is_looked_for_before_it_is_refused() {
        MemoryServer server = legacy();
        server.tools = tool("one");
        McpPool pool = build(builder().server("files", server.uri()));
        McpAggregate all = McpAggregate.of(pool);
        all.listTools();
        server.tools = tool("echo");
        clock.advance(Duration.ofSeconds(2));
        assertThat(all.callTool("files__echo", Map.of("message", "hi")).text()).isEqualTo("hi");
        for (int i = 0; i < 10; i++) {
            assertThatThrownBy(() -> all.callTool("files__ecco", Map.of()))
                    .isInstanceOf(McpException.class)
                    .hasMessageContaining("files__echo");
        }
        assertThat(server.lists).as("not for each name that is made up").hasValue(2);
    }

    @Test
    void a_server_that_becomes_unreachable_is_still_where_its_tools_are_called() {
        MemoryServer server = legacy();
        server.tools = tool("echo");
        McpPool pool = build(builder().set("connectRetries", "0").server("files", server.uri()));
        McpAggregate all = McpAggregate.of(pool);
        all.listTools();
        pool.softEvict("files");
        eventually(() -> server.live.get() == 0);
        clock.advance(Duration.ofMinutes(2));
        server.failingStarts.set(1);
        AggregatedTools without = all.listTools();
        assertThat(without.tools()).isEmpty();
        assertThat(without.unreachable()).containsOnlyKeys("files");
        clock.advance(Duration.ofMinutes(2));
        assertThat(all.callTool("files__echo", Map.of("message", "back")).text())
                .isEqualTo("back");
    }

    @Test
    void a_tool_of_a_disabled_server_is_refused_as_such_whether_it_was_listed_or_not() {
        MemoryServer server = legacy();
        server.tools = tool("echo");
        McpPool pool = build(
                builder().server("files", server.uri()).server("off", legacy().uri(), Map.of("enabled", "false")));
        McpAggregate all = McpAggregate.of(pool);
        all.listTools();
        pool.disable("files");
        assertThatThrownBy(() -> all.callTool("files__echo", Map.of()))
                .isInstanceOf(McpPoolException.class)
                .hasMessageContaining("Server 'files' was disabled");
        all.listTools();
        assertThatThrownBy(() -> all.callTool("files__echo", Map.of())).hasMessageContaining("'files' was disabled");
        assertThatThrownBy(() -> all.callTool("off__echo", Map.of())).hasMessageContaining("'off' is disabled");
        pool.enable("files");
        assertThat(all.callTool("files__echo", Map.of("message", "hi")).text()).isEqualTo("hi");
    }

    @Test
    void a_tool_of_a_server_that_could_not_be_asked_is_not_said_to_be_missing() {
        MemoryServer good = legacy();
        MemoryServer failing = legacy();
        good.tools = tool("echo");
        failing.failingStarts.set(100);
        McpPool pool = build(builder().server("good", good.uri()).server("my failing", failing.uri()));
        McpAggregate all = McpAggregate.of(pool);
        assertThatThrownBy(() -> all.callTool("my_failing__echo", Map.of()))
                .hasMessageContaining("Whether server 'my failing' has a tool 'my_failing__echo' is not known")
                .hasMessageContaining("failed as told")
                .cause()
                .hasMessageContaining("failed as told");
        assertThatThrownBy(() -> all.callTool("good__ecco", Map.of()))
                .hasMessageContaining("Did you mean 'good__echo'?")
                .hasMessageContaining("cannot be reached: my failing")
                .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
    }

    @Test
    void a_tool_of_a_server_that_was_removed_is_unknown_and_not_suggested() {
        MemoryServer server = legacy();
        server.tools = tool("echo");
        McpPool pool = build(builder().server("files", server.uri()));
        McpAggregate all = McpAggregate.of(pool);
        all.listTools();
        pool.remove("files");
        assertThatThrownBy(() -> all.callTool("files__echo", Map.of()))
                .hasMessageContaining("No server has a tool 'files__echo'.")
                .hasMessageNotContaining("Did you mean");
    }

    @Test
    void servers_can_be_chosen_by_uri_and_come_and_go_with_the_configuration() {
        MemoryServer one = legacy();
        one.tools = tool("echo");
        McpPool pool = build(builder().server("files", one.uri()).server("more", one.uri() + "?user=x"));
        McpAggregate all = McpAggregate.of(pool);
        assertThat(names(all.listTools())).containsExactly("files__echo", "more__echo");
        pool.remove("more");
        assertThat(names(all.listTools())).containsExactly("files__echo");
        pool.disable("files");
        assertThat(all.listTools().tools()).isEmpty();
        McpAggregate chosen =
                McpAggregate.builder(pool).server("x", one.uri() + "?user=y").build();
        assertThat(names(chosen.listTools())).containsExactly("x__echo");
    }

    @Test
    void names_are_unique_short_and_made_of_what_model_apis_allow() {
        Map<String, List<Tool>> tools = new LinkedHashMap<>();
        String[] servers = {"a", "a_", "a__b", "files", "Dateien öffnen", "1st", "", "x".repeat(80), "files.com"};
        String[] names = {"b__c", "_b", "b", "read-file", "lies ümläut", "y".repeat(200), "", "read.file", "read_file"};
        for (String server : servers) {
            List<Tool> its = new ArrayList<>();
            for (String name : names) {
                its.add(new Tool(name, null, null, JsonNodeFactory.instance.objectNode(), null, null, null));
            }
            its.add(its.get(0));
            tools.put(server, its);
        }
        Map<String, AggregatedTool> named = AggregateNames.name(tools);
        assertThat(named).hasSize(servers.length * names.length);
        assertThat(named.keySet()).allMatch(name -> name.matches("[a-zA-Z_][a-zA-Z0-9_-]{0,63}"));
        assertThat(named.get("files__read-file").original().name()).isEqualTo("read-file");
        assertThat(named.values())
                .extracting(tool -> tool.server() + "/" + tool.original().name())
                .doesNotHaveDuplicates();
        assertThat(AggregateNames.of("files", "y".repeat(200))).hasSize(64).startsWith("files__yyyy");
        assertThat(AggregateNames.of("a", "b__c")).isEqualTo("a__b__c").isNotEqualTo(AggregateNames.of("a__b", "c"));
    }
}
