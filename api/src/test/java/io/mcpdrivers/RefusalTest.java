package io.mcpdrivers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mcpdrivers.engine.PhysicalConnection;
import io.mcpdrivers.spi.TransportException.Kind;
import io.mcpdrivers.testing.Answers;
import io.mcpdrivers.testing.NothingLeft;
import io.mcpdrivers.testing.ScriptedServer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A server that refuses requests without a word of the protocol, as over HTTP with a status alone. */
@ExtendWith(NothingLeft.class)
class RefusalTest {

    /** How requests are refused; null if they are served. */
    private final AtomicReference<Kind> refusal = new AtomicReference<>();

    private ScriptedServer server() {
        return ScriptedServer.raw((message, client) -> {
            Kind kind = refusal.get();
            if (kind != null && message.has("id")) {
                client.fail(message, kind, "answered with status 4xx");
            } else if (!Answers.legacyHandshake(message, client)) {
                Answers.echo(message, client);
            }
        });
    }

    private static List<McpException> failures(McpConnection connection) {
        return List.of(
                catchThrowableOfType(McpException.class, () -> connection.callTool("echo", null)),
                (McpException) catchThrowableOfType(
                                CompletionException.class,
                                () -> connection
                                        .callToolAsync("echo", (Object) null)
                                        .join())
                        .getCause(),
                connection.batch().add("echo", null).execute().get(0).error(),
                connection
                        .batch()
                        .add("echo", null)
                        .executeAsync()
                        .join()
                        .get(0)
                        .error(),
                catchThrowableOfType(McpException.class, connection::listTools),
                catchThrowableOfType(McpException.class, () -> connection.request("resources/list", null)),
                catchThrowableOfType(McpException.class, connection::ping));
    }

    private static int requests(ScriptedServer server) {
        return (int) server.session().received().stream()
                .filter(message -> message.has("id"))
                .count();
    }

    @ParameterizedTest
    @EnumSource(names = {"REJECTED", "REFUSED"})
    void a_request_that_is_refused_did_not_run_and_the_connection_goes_on(Kind kind) {
        try (ScriptedServer server = server()) {
            McpConnection connection = server.open();
            refusal.set(kind);
            int before = requests(server);

            List<McpException> failures = failures(connection);

            assertThat(failures).allSatisfy(failure -> {
                assertThat(failure)
                        .isExactlyInstanceOf(McpConnectionException.class)
                        .hasMessage(
                                "answered with status 4xx (the request was not carried out; the connection is in order: "
                                        + (kind == Kind.REFUSED
                                                ? "call again later, or less often)"
                                                : "check the server's URI and the request)"));
                assertThat(failure.mayHaveExecuted()).isFalse();
            });
            assertThat(requests(server)).isEqualTo(before + failures.size());
            assertThat(connection.isClosed()).isFalse();
            refusal.set(null);
            connection.callTool("echo", null);
            assertThat(server.sessions()).hasSize(1);
        }
    }

    @Test
    void a_connection_is_in_doubt_from_a_rejection_to_the_next_answer() {
        try (ScriptedServer server = server()) {
            PhysicalConnection connection = server.open().unwrap(PhysicalConnection.class);
            refusal.set(Kind.REFUSED);
            failures(connection);
            assertThat(connection.isInDoubt()).isFalse();
            refusal.set(Kind.REJECTED);
            failures(connection);
            assertThat(connection.isInDoubt()).isTrue();
            refusal.set(null);
            connection.callTool("echo", null);
            assertThat(connection.isInDoubt()).isFalse();
        }
    }

    @Test
    void a_server_that_is_busy_is_alive_and_one_that_rejects_a_ping_is_not_what_it_was() {
        try (ScriptedServer server = server()) {
            McpConnection connection = server.open();
            refusal.set(Kind.REFUSED);
            assertThat(connection.isValid(Duration.ofSeconds(20))).isTrue();
            refusal.set(Kind.REJECTED);
            assertThat(connection.isValid(Duration.ofSeconds(20))).isFalse();
            refusal.set(null);
            assertThat(connection.isValid(Duration.ofSeconds(20))).isTrue();
        }
    }
}
