package io.mcpdrivers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mcpdrivers.testing.NothingLeft;
import io.mcpdrivers.testing.ScriptedServer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NothingLeft.class)
class RequestErrorTest {

    private static ScriptedServer answering(String members) {
        return ScriptedServer.modern((message, client) ->
                client.send("{\"jsonrpc\":\"2.0\",\"id\":" + message.get("id") + "," + members + "}"));
    }

    @Test
    void an_error_has_code_message_and_data() {
        try (ScriptedServer server =
                answering("\"error\":{\"code\":-32602,\"message\":\"Bad\\nargument\",\"data\":{\"why\":[1]}}")) {
            McpConnection connection = server.open();
            McpRequestException e =
                    catchThrowableOfType(McpRequestException.class, () -> connection.callTool("add", null));

            assertThat(e.code()).isEqualTo(-32602);
            assertThat(e.serverMessage()).isEqualTo("Bad\nargument");
            assertThat(e.data().path("why").get(0).asInt()).isEqualTo(1);
            assertThat(e).hasMessageContaining("tools/call 'add'").hasMessageContaining("-32602");
            assertThat(connection.isClosed()).isFalse();
            assertThatThrownBy(() -> connection.callToolAsync("add", null).join())
                    .hasCauseInstanceOf(McpRequestException.class);
        }
    }

    @Test
    void an_error_without_its_members_is_an_error_all_the_same() {
        for (String error : List.of("{}", "{\"code\":\"x\",\"message\":5,\"data\":null}", "{\"code\":1e400}")) {
            try (ScriptedServer server = answering("\"error\":" + error)) {
                McpRequestException e = catchThrowableOfType(
                        McpRequestException.class, () -> server.open().callTool("add", null));

                assertThat(e.code()).isZero();
            }
        }
    }

    @Test
    void neither_a_result_nor_an_error_breaks_the_protocol() {
        for (String members : List.of("\"error\":null", "\"error\":5", "\"error\":null,\"result\":5")) {
            try (ScriptedServer server = answering(members)) {
                assertThatThrownBy(() -> server.open().callTool("add", null)).isInstanceOf(McpProtocolException.class);
            }
        }
    }

    @Test
    void an_endless_error_message_is_not_repeated_in_full() {
        try (ScriptedServer server =
                answering("\"error\":{\"code\":1,\"message\":\"" + "m".repeat(1_000_000) + "\"}")) {
            McpRequestException e = catchThrowableOfType(
                    McpRequestException.class, () -> server.open().callTool("add", null));

            assertThat(e.getMessage().length()).isLessThan(1_200);
            assertThat(e.serverMessage()).hasSize(1_000_000);
        }
    }

    @Test
    void each_caller_gets_an_exception_that_shows_its_own_call() {
        try (ScriptedServer server = ScriptedServer.modern((message, client) -> client.die("gone"))) {
            McpConnection connection = server.open();

            assertThatThrownBy(() -> connection.callTool("x", null))
                    .isInstanceOf(McpConnectionLostException.class)
                    .satisfies(e -> assertThat(e.getStackTrace())
                            .anyMatch(frame -> frame.getClassName().equals(RequestErrorTest.class.getName())));
        }
    }
}
