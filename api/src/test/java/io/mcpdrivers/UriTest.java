package io.mcpdrivers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mcpdrivers.engine.PhysicalConnection;
import io.mcpdrivers.spi.TransportException;
import io.mcpdrivers.testing.Answers;
import io.mcpdrivers.testing.NothingLeft;
import io.mcpdrivers.testing.ScriptedServer;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a URI says, and what is said when it is wrong. */
@ExtendWith(NothingLeft.class)
class UriTest {

    private static final String SECRET = "ghp-s3cr3t-value";

    private final ScriptedServer server = ScriptedServer.modern(Answers::echo);

    @AfterEach
    void close() {
        System.clearProperty("mcp.test.secret");
        server.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "requestTimeout=abc   | 'abc' is no duration",
                "requestTimeout=-1s   | is no duration",
                "requestTimeout=0     | must be longer than 0",
                "maxRequestTimeout=1s | must be at least the requestTimeout of 30s, but is 1s",
                "connectTimeout=0s    | must be longer than 0",
                "maxMessageSize=huge  | 'huge' is no size",
                "maxMessageSize=10    | from 1k to 1g",
                "maxMessageSize=2g    | from 1k to 1g",
                "pool=maybe           | neither true nor false",
                "protocol=2020-01-01  | Unknown protocol revision '2020-01-01'",
                "requestTimeout=1s&requestTimeout=2s | stands 2 times",
                "requestTimeuot=1s    | did you mean 'requestTimeout'?",
                "evn.TOKEN=x          | did you mean 'env.TOKEN'?",
                "size=many            | 'many' is no whole number",
                "env.=x               | Unknown parameter 'env.'",
                "nothing=1            | Known are arg, env.*",
            })
    void a_parameter_that_is_wrong_is_told_with_what_would_be_right(String parameters, String told) {
        assertThatThrownBy(() -> server.open(parameters))
                .isInstanceOf(McpConfigurationException.class)
                .hasMessageContaining(told)
                .hasMessageContaining("mcp:memory:");
        assertThat(server.sessions()).isEmpty();
    }

    @Test
    void a_longer_request_timeout_raises_the_limit_that_nobody_has_set() {
        assertThat(server.open("requestTimeout=20m")
                        .unwrap(PhysicalConnection.class)
                        .target()
                        .maxRequestTimeout())
                .isEqualTo(Duration.ofMinutes(20));
        assertThat(server.open().unwrap(PhysicalConnection.class).target().maxRequestTimeout())
                .isEqualTo(Duration.ofMinutes(10));
    }

    @Test
    void parameters_given_apart_replace_those_of_the_uri() {
        assertThatThrownBy(() -> McpDrivers.open(server.uri() + "?requestTimeout=1s", Map.of("requestTimeout", "no")))
                .hasMessageContaining("'no' is no duration");
        PhysicalConnection connection = McpDrivers.getConnection(
                        server.uri() + "?requestTimeout=1s", Map.of("requestTimeout", "7s", "name", "given"))
                .unwrap(PhysicalConnection.class);
        server.adopt(connection);
        assertThat(connection.target().requestTimeout()).isEqualTo(Duration.ofSeconds(7));
        assertThat(connection.target().name()).isEqualTo("given");
        for (Map<String, String> wrong : List.of(Map.of("", "x"))) {
            assertThatThrownBy(() -> McpDrivers.open(server.uri(), wrong))
                    .isInstanceOf(McpConfigurationException.class);
        }
    }

    @Test
    void a_placeholder_that_is_not_set_is_an_error_that_names_it() {
        assertThatThrownBy(() -> server.open("env.A=${sys:mcp.test.unset}"))
                .isInstanceOf(McpConfigurationException.class)
                .hasMessageContaining("mcp.test.unset")
                .hasMessageContaining("is not set");
        server.open("env.A=${sys:mcp.test.unset:-default}&requestTimeout=${sys:mcp.test.unset:-3s}&pool=${X_:-true}");
        server.adopt(McpDrivers.getConnection(server.uri() + "?pool=${sys:mcp.test.unset:-false}"));
        assertThat(server.sessions()).hasSize(2);
    }

    @Test
    void what_is_no_uri_is_an_error() {
        for (String wrong : List.of("", "http://x", "mcp:", "mcp:memory", "mcp:memory:x?a=%zz")) {
            assertThatThrownBy(() -> McpDrivers.getConnection(wrong))
                    .as(wrong)
                    .isInstanceOf(McpConfigurationException.class);
        }
    }

    @Test
    void an_empty_name_is_none() {
        assertThat(server.open("name=")
                        .unwrap(PhysicalConnection.class)
                        .target()
                        .name())
                .startsWith("server");
    }

    private static String everythingOf(Throwable e) {
        StringWriter text = new StringWriter();
        e.printStackTrace(new PrintWriter(text));
        return text.toString();
    }

    @Test
    void secrets_are_in_no_message() {
        System.setProperty("mcp.test.secret", SECRET);
        for (String parameters : List.of(
                "env.TOKEN=" + SECRET + "&nothing=1",
                "env.TOKEN=" + SECRET + "&requestTimeout=abc",
                "env.TOKEN=" + SECRET + "&env.TOKEN=" + SECRET,
                "env.TOKEN=" + SECRET + "&protocol=1",
                "arg=--api-key=" + SECRET + "&maxMessageSize=1",
                "requestTimeout=${sys:mcp.test.secret}",
                "connectTimeout=${sys:mcp.test.secret}",
                "maxMessageSize=${sys:mcp.test.secret}",
                "size=${sys:mcp.test.secret}",
                "protocol=${sys:mcp.test.secret}",
                "pool=${sys:mcp.test.secret}",
                "env.A=${sys:mcp.test.secret}&env.B=${sys:mcp.test.unset}")) {
            Throwable e = catchThrowable(() -> server.open(parameters));
            assertThat(e).as(parameters).isInstanceOf(McpConfigurationException.class);
            assertThat(everythingOf(e)).as(parameters).doesNotContain(SECRET);
            Throwable pooled = catchThrowable(() -> McpDrivers.getConnection(server.uri() + "?" + parameters));
            assertThat(everythingOf(pooled)).as(parameters).doesNotContain(SECRET);
        }
    }

    @Test
    void what_a_server_says_of_secrets_is_not_repeated() {
        String answerWithSecret = "{\"wrong\":\"" + SECRET + "\"}";
        try (ScriptedServer talkative = ScriptedServer.modern((message, client) -> {
            switch (message.path("params").path("name").asString("")) {
                case "error" -> client.error(message, -32000, "Bad token " + SECRET);
                case "broken" -> client.result(message, "[" + answerWithSecret + "]");
                default -> client.die("gone");
            }
        })) {
            McpConnection connection = talkative.open("env.TOKEN=" + SECRET);

            McpRequestException error =
                    catchThrowableOfType(McpRequestException.class, () -> connection.callTool("error", null));
            assertThat(error).hasMessageContaining("Bad token ***");
            assertThat(error.serverMessage()).contains(SECRET);
            assertThat(everythingOf(error)).doesNotContain(SECRET);
            assertThat(everythingOf(catchThrowable(() -> connection.callTool("broken", null))))
                    .contains("***")
                    .doesNotContain(SECRET);
            assertThat(connection.toString()).doesNotContain(SECRET);
            assertThat(connection.unwrap(PhysicalConnection.class).target().toString())
                    .doesNotContain(SECRET);
            assertThat(everythingOf(catchThrowable(() -> connection.callTool("die", null))))
                    .doesNotContain(SECRET);
        }
    }

    @Test
    void secrets_are_in_no_message_of_a_failed_handshake() {
        try (ScriptedServer silent = ScriptedServer.raw((message, client) -> {})) {
            assertThat(everythingOf(catchThrowable(
                            () -> silent.open("connectTimeout=50ms&protocol=2026-07-28&env.TOKEN=" + SECRET))))
                    .contains("connectTimeout")
                    .doesNotContain(SECRET);
        }
        try (ScriptedServer refusing =
                ScriptedServer.raw((message, client) -> client.error(message, -32000, "Bad token " + SECRET))) {
            assertThat(everythingOf(catchThrowable(() -> refusing.open("env.TOKEN=" + SECRET))))
                    .doesNotContain(SECRET);
        }
        server.refuse(new TransportException(TransportException.Kind.AUTHORIZATION, "401"));
        assertThatThrownBy(server::open).isInstanceOf(McpAuthorizationException.class);
    }
}
