package io.mcpdrivers.integration.npm;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.integration.Await;
import io.mcpdrivers.integration.Leftovers;
import io.mcpdrivers.pool.AggregatedTool;
import io.mcpdrivers.pool.McpAggregate;
import io.mcpdrivers.pool.McpPool;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A server that gets another tool while it runs tells the aggregate so, over both transports. */
class ToolChangesTest {

    @AfterEach
    void nothing_is_left() {
        Await.until("all processes have ended", () -> Leftovers.processes().isEmpty());
    }

    @Test
    void over_stdio() {
        follow(NpmServers.modern());
    }

    @Test
    void over_http() {
        try (NpmHttpServer server = NpmHttpServer.modern(Map.of())) {
            follow("mcp:" + server.url("/mcp"));
        }
    }

    private static void follow(String uri) {
        try (McpPool pool = McpPool.builder().server("modern", uri).build()) {
            McpAggregate all = McpAggregate.of(pool);
            assertThat(names(all)).contains("modern__echo").doesNotContain("modern__later", "modern__last");
            for (String name : List.of("later", "last")) {
                // A server that was slow to begin to tell of changes is asked once more.
                Await.until(
                        "the list is known", () -> all.listTools().unreachable().isEmpty() && !all.isStale());
                all.callTool("modern__extend", Map.of("name", name));
                Await.until("the server tells of the tool " + name, all::isStale);
                assertThat(names(all)).contains("modern__" + name);
            }
            assertThat(all.callTool("modern__later", null).text()).isEqualTo("later");
        }
    }

    private static List<String> names(McpAggregate all) {
        return all.listTools().tools().stream().map(AggregatedTool::name).toList();
    }
}
