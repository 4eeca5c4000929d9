package io.mcpdrivers.spi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** What of a URI may be shown, and what is hidden from other texts. */
class McpUriDisplayTest {

    private static final McpUri URI = McpUri.parse("mcp:stdio:run?arg=--token=t0psecret&arg=--verbose"
                    + "&arg=postgres://user:hunter22@db/x?sslkey=k3y0&arg=${env:NAME}&env.DEBUG=debug-value")
            .resolve(Map.of("env:NAME", "resolved")::get);

    @Test
    void the_values_of_a_parameter_are_shown_masked() {
        assertThat(URI.display("arg"))
                .containsExactly("--token=***", "--verbose", "postgres://***@db/x?sslkey=***", "${env:NAME}");
        assertThat(URI.display("env.DEBUG")).containsExactly("***");
        assertThat(URI.display("cwd")).isEmpty();
    }

    @Test
    void secrets_are_hidden_from_any_text() {
        assertThat(URI.redact("t0psecret, hunter22, user:hunter22, k3y0, debug-value and resolved, but not --verbose"))
                .isEqualTo("***, ***, ***, ***, *** and ***, but not --verbose");
    }
}
