package io.mcpdrivers.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.McpConfigurationException;
import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpTimeoutException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What stands in a URI that names a configured server. */
class ServerParametersTest extends PoolTestBase {

    @Test
    void all_values_of_a_parameter_replace_those_that_are_configured() {
        MemoryServer server = legacy();
        McpPool pool = build(builder().server("files", server.uri() + "?arg=x&arg=y&arg=z&user=me"));
        try (McpConnection c = pool.getConnection("mcp:server:files?arg=a&arg=b")) {
            assertThat(process(c).uri.parameters("arg")).containsExactly("a", "b");
            assertThat(process(c).uri.parameter("user")).isEqualTo("me");
        }
        try (McpConnection c = pool.getConnection("files")) {
            assertThat(process(c).uri.parameters("arg")).containsExactly("x", "y", "z");
        }
    }

    @Test
    void what_takes_one_value_and_is_given_two_is_told_as_what_is_wrong_with_the_configuration() {
        McpPool pool = build(builder().server("files", legacy().uri()));
        for (String parameter : List.of("user", "requestTimeout", "maxUses", "name", "enabled")) {
            assertThatThrownBy(() -> pool.getConnection("mcp:server:files?" + parameter + "=1m&" + parameter + "=2m"))
                    .isInstanceOf(McpConfigurationException.class)
                    .hasMessageContaining("'" + parameter + "' stands 2 times")
                    .hasMessageContaining("Server 'files'");
        }
    }

    @Test
    void who_has_named_a_timeout_keeps_it_when_the_name_of_the_server_is_used_later() {
        MemoryServer server = legacy();
        McpPool pool = build(builder().server("files", server.uri(), Map.of("requestTimeout", "70s")));
        String impatient = "mcp:server:files?requestTimeout=30ms";
        pool.getConnection(impatient).close();
        pool.getConnection("files").close();
        // Opened with what the name says.
        pool.softEvict("files");
        pool.getConnection("files").close();
        try (McpConnection lease = pool.getConnection(impatient)) {
            assertThatThrownBy(() -> lease.callTool("silence", Map.of()))
                    .isInstanceOf(McpTimeoutException.class)
                    .hasMessageContaining("within 30ms");
        }
    }
}
