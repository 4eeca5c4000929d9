package io.mcpdrivers.integration.npm;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryServerTest extends ServerBehaviour {

    @TempDir
    static Path folder;

    private static final String FILE = "memory.jsonl";

    @Override
    String uri() {
        return NpmServers.memory(folder.resolve(FILE));
    }

    @Override
    String revision() {
        return "2025-11-25";
    }

    @Override
    String serverName() {
        return "memory-server";
    }

    @Override
    List<String> tools() {
        return List.of("create_entities", "add_observations", "read_graph", "search_nodes");
    }

    @Override
    Call callGiving(String text) {
        return new Call(
                "create_entities",
                Map.of("entities", List.of(Map.of("name", text, "entityType", "text", "observations", List.of()))));
    }

    @Override
    Call failingCall() {
        return new Call(
                "add_observations",
                Map.of("observations", List.of(Map.of("entityName", "nobody", "contents", List.of("nothing")))));
    }

    @Override
    boolean hasResources() {
        return true;
    }

    @Test
    void what_is_remembered_stands_in_the_file_that_the_environment_names() {
        assertThat(call(callGiving("Ada Lovelace")).isError()).isFalse();
        assertThat(folder.resolve(FILE)).content().contains("Ada Lovelace");
        assertThat(connection
                        .callTool("search_nodes", Map.of("query", "Lovelace"))
                        .structuredContent()
                        .path("entities")
                        .path(0)
                        .path("name")
                        .asString())
                .isEqualTo("Ada Lovelace");
    }
}
