package io.mcpdrivers.integration.npm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpException;
import io.mcpdrivers.integration.Connections;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NegotiationTest {

    /** Longer than the client waits for the answer to its first question. */
    private static final String SLOW_START = "&env.START_DELAY_MS=3500";

    @RegisterExtension
    final Connections connections = Connections.perTest();

    @Test
    void a_modern_server_that_starts_slowly_is_not_taken_for_a_legacy_one() {
        McpConnection connection = connections.open(NpmServers.modernOnly() + SLOW_START);
        assertThat(connection.metadata().protocolVersion()).isEqualTo("2026-07-28");
        assertThat(connection.callTool("echo", Map.of("message", "slow")).text())
                .isEqualTo("slow");
    }

    @Test
    void a_server_of_both_eras_that_starts_slowly_is_spoken_to_in_the_newer_one() {
        McpConnection connection = connections.open(NpmServers.modern() + SLOW_START);
        assertThat(connection.metadata().protocolVersion()).isEqualTo("2026-07-28");
        assertThat(connection.callTool("echo", Map.of("message", "slow")).text())
                .isEqualTo("slow");
    }

    @ParameterizedTest
    @ValueSource(strings = {"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"})
    void a_revision_that_the_uri_asks_for_is_spoken(String revision) {
        McpConnection connection = connections.open(NpmServers.everything() + "&protocol=" + revision);
        assertThat(connection.metadata().protocolVersion()).isEqualTo(revision);
        assertThat(connection.callTool("echo", Map.of("message", revision)).text())
                .contains(revision);
    }

    @Test
    void a_revision_that_the_server_does_not_speak_is_refused_with_both_named() {
        assertThatThrownBy(() -> connections.open(NpmServers.modernOnly() + "&protocol=2025-11-25"))
                .isInstanceOf(McpException.class)
                .hasMessageContaining("2025-11-25");
        assertThatThrownBy(() -> connections.open(NpmServers.everything() + "&protocol=2026-07-28"))
                .isInstanceOf(McpException.class)
                .hasMessageContaining("2026-07-28");
    }
}
