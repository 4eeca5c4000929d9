package io.mcpdrivers.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that are not to be used, however that is written, stand nobody in the way. */
class EnabledTest extends PoolTestBase {

    @TempDir
    Path folder;

    private McpPool read(String file, String text) throws IOException {
        return build(
                builder().environment(Map.of("OFF", "False")::get).load(Files.writeString(folder.resolve(file), text)));
    }

    private static void assertDisabled(McpPool pool) {
        assertThat(pool.status().servers().get("a").enabled()).isFalse();
        assertThat(pool.health().healthy()).isTrue();
        assertThat(pool.warmUp()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mcp.pool.enabled=false",
                "mcp.server.a.enabled=FALSE",
                "mcp.server.a.enabled=${NOT_SET:-false}",
                "mcp.server.a.enabled=${OFF}"
            })
    void a_server_is_disabled_however_that_is_written(String setting) throws Exception {
        MemoryServer server = legacy();
        McpPool pool = read("mcp.properties", "mcp.server.a.uri=" + server.uri() + "\n" + setting);
        assertDisabled(pool);
        assertThat(server.startAttempts).hasValue(0);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type': 'ws', 'disabled': true}",
                "{'enabled': false}",
                "{'type': 'ws', 'pool': {'enabled': false}}",
                "{'command': 'x', 'disabled': true, 'pool': {'maxUses': -4}}"
            })
    void a_disabled_entry_that_cannot_be_read_does_not_count_as_ill(String entry) throws Exception {
        assertDisabled(
                read("mcp.json", "{'mcpServers': {'a': %s}}".formatted(entry).replace('\'', '"')));
    }

    @Test
    void an_entry_that_cannot_be_read_is_disabled_by_a_later_source() throws Exception {
        Path broken = Files.writeString(
                folder.resolve("mcp.json"), "{\"mcpServers\": {\"a\": {\"type\": \"ws\", \"url\": \"ws://x\"}}}");
        Path later = Files.writeString(folder.resolve("mcp.properties"), "mcp.server.a.enabled=false");
        assertDisabled(build(builder().load(broken).load(later)));
    }

    @Test
    void an_entry_that_asks_or_cannot_tell_counts_as_enabled_and_nobody_is_asked_for_the_status() throws Exception {
        McpPool pool = build(builder()
                .server("asks", legacy().uri(), Map.of("enabled", "${input:use}"))
                .server("unknown", legacy().uri(), Map.of("enabled", "${NOT_SET_ANYWHERE}"))
                .inputs(input -> {
                    throw new AssertionError("asked for " + input.id());
                }));
        assertThat(pool.status().servers().values()).allMatch(ServerStatus::enabled);
    }
}
