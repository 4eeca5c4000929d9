package io.mcpdrivers.integration.npm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class EverythingServerTest extends EverythingBehaviour {

    @Override
    String uri() {
        return NpmServers.everything();
    }

    @Test
    void the_server_has_none_of_our_secrets() {
        String environment = connection.callTool("get-env", Map.of()).text();
        assertThat(environment).contains("PATH").doesNotContain("MCP_DRIVERS_TEST_SECRET", "parent-secret");
        assertThat(System.getenv("MCP_DRIVERS_TEST_SECRET")).isEqualTo("parent-secret");
    }
}
