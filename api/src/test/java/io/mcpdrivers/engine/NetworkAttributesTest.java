package io.mcpdrivers.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.spi.McpUri;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What measurements tell of where a server is. */
class NetworkAttributesTest {

    private static final Map<String, String> ENVIRONMENT = Map.of(
            "env:HOST", "secret.example.com",
            "env:PORT", "7",
            "env:TOKEN", "abcd1234");

    private static NetworkAttributes of(String uri) {
        return NetworkAttributes.of(McpUri.parse(uri).resolve(ENVIRONMENT::get));
    }

    @ParameterizedTest
    @CsvSource({
        "mcp:https://example.com/mcp, example.com, 443",
        "mcp:http://example.com/mcp, example.com, 80",
        "mcp:http://example.com:8080, example.com, 8080",
        "mcp:http://[::1]:8080/mcp, [::1], 8080",
        "mcp:https://${TOKEN}@example.com/mcp, example.com, 443",
        "mcp:https://user:abcd1234@example.com/${TOKEN}?key=${TOKEN:-a@b/c}, example.com, 443",
    })
    void the_address_is_that_of_the_url(String uri, String address, String port) {
        assertThat(of(uri)).isEqualTo(new NetworkAttributes("tcp", "http", address, port));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mcp:https://${HOST}/mcp",
                "mcp:https://${HOST}:8080/mcp",
                "mcp:https://${HOST:-default.example.com}/mcp",
                "mcp:https://${MISSING:-user@default.example.com/path}/mcp",
                "mcp:https://api.${HOST}/mcp",
                "mcp:https://example.com:${PORT}/mcp",
            })
    void what_comes_from_a_variable_is_not_told(String uri) {
        assertThat(of(uri)).isEqualTo(new NetworkAttributes("tcp", "http", null, null));
    }

    @Test
    void a_process_has_no_address() {
        assertThat(of("mcp:stdio:server")).isEqualTo(new NetworkAttributes("pipe", null, null, null));
    }

    @Test
    void several_hosts_are_none() {
        assertThat(of("mcp:http://one:8080,two:8081/mcp")).isEqualTo(new NetworkAttributes("tcp", "http", null, null));
    }
}
