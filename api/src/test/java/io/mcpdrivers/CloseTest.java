package io.mcpdrivers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mcpdrivers.engine.PhysicalConnection;
import io.mcpdrivers.spi.Transport;
import io.mcpdrivers.testing.Answers;
import io.mcpdrivers.testing.Await;
import io.mcpdrivers.testing.NothingLeft;
import io.mcpdrivers.testing.ScriptedServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NothingLeft.class)
class CloseTest {

    @Test
    void use_after_close_is_a_clear_error() {
        try (ScriptedServer server = ScriptedServer.modern(Answers::echo)) {
            McpConnection connection = server.open();
            assertThat(connection.isClosed()).isFalse();
            connection.close();
            connection.close();

            assertThat(connection.isClosed()).isTrue();
            assertThat(connection.isValid(Duration.ofSeconds(1))).isFalse();
            assertThat(connection.metadata().protocolVersion()).isEqualTo("2026-07-28");
            assertThatThrownBy(() -> connection.callTool("t", null))
                    .isInstanceOf(McpConnectionClosedException.class)
                    .hasMessageContaining("was closed");
            assertThatThrownBy(connection::listTools).isInstanceOf(McpConnectionClosedException.class);
            assertThatThrownBy(connection::ping).isInstanceOf(McpConnectionClosedException.class);
            assertThatThrownBy(() -> connection.request("x", null)).isInstanceOf(McpConnectionClosedException.class);
            for (CompletableFuture<?> future : List.of(
                    connection.callToolAsync("t", null),
                    connection.listToolsAsync(),
                    connection.pingAsync(),
                    connection.requestAsync("x", null))) {
                assertThatThrownBy(future::join).hasCauseInstanceOf(McpConnectionClosedException.class);
            }
        }
    }

    @Test
    void calls_in_flight_fail_at_once_when_the_connection_is_closed() throws Exception {
        try (ScriptedServer server = ScriptedServer.modern((message, client) -> {})) {
            McpConnection connection = server.open();
            AtomicReference<Throwable> failure = new AtomicReference<>();
            Thread caller = new Thread(() -> {
                try {
                    connection.callTool("t", null);
                } catch (Throwable e) {
                    failure.set(e);
                }
            });
            caller.start();
            CompletableFuture<?> future = connection.callToolAsync("t", null);
            Await.that(() -> server.session().received("tools/call").size() == 2, "the calls did not come");

            connection.close();
            caller.join();

            assertThat(failure.get()).isInstanceOf(McpConnectionLostException.class);
            assertThat(((McpException) failure.get()).mayHaveExecuted()).isTrue();
            assertThatThrownBy(future::join).hasCauseInstanceOf(McpConnectionLostException.class);
        }
    }

    @Test
    void calls_in_flight_fail_at_once_when_the_server_ends() {
        try (ScriptedServer server = ScriptedServer.modern((message, client) -> {})) {
            McpConnection connection = server.open();
            List<CompletableFuture<?>> calls = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                calls.add(connection.callToolAsync("t", null));
            }
            Await.that(() -> server.session().received("tools/call").size() == 50, "the calls did not come");
            server.session().die("Server 'x' has exited with code 9");

            for (CompletableFuture<?> call : calls) {
                assertThatThrownBy(call::join)
                        .hasCauseInstanceOf(McpConnectionLostException.class)
                        .hasMessageContaining("exited with code 9")
                        .hasMessageContaining("may have been carried out");
            }
            McpConnectionLostException later =
                    catchThrowableOfType(McpConnectionLostException.class, () -> connection.callTool("t", null));
            assertThat(later.mayHaveExecuted()).isFalse();
            assertThat(later).hasMessageContaining("exited with code 9").hasMessageContaining("not carried out");
            assertThat(connection.isClosed()).isTrue();
            assertThat(connection.isValid(Duration.ofSeconds(1))).isFalse();
        }
    }

    @Test
    void a_lost_connection_frees_its_transport_without_being_closed() {
        try (ScriptedServer server = ScriptedServer.modern((message, client) -> {})) {
            PhysicalConnection connection = server.open().unwrap(PhysicalConnection.class);
            AtomicInteger ends = new AtomicInteger();
            connection.onEnd(ends::incrementAndGet);
            server.session().die("gone");

            Await.that(() -> server.session().isClosed(), "the transport was not closed");
            connection.onEnd(ends::incrementAndGet);
            Await.that(() -> ends.get() == 2, "the ends were not told");
        }
    }

    @Test
    void closing_without_waiting_tells_when_it_is_done() {
        CountDownLatch release = new CountDownLatch(1);
        try (ScriptedServer server = ScriptedServer.modern((message, client) -> {})) {
            PhysicalConnection connection = server.open().unwrap(PhysicalConnection.class);
            server.session().onClose(() -> Await.that(() -> release.getCount() == 0, "nobody released"));
            CompletableFuture<Void> closed = connection.closeAsync();

            assertThat(closed).isNotDone();
            assertThatThrownBy(() -> connection.callTool("t", null)).isInstanceOf(McpException.class);
            release.countDown();
            closed.join();
            assertThat(server.session().isClosed()).isTrue();
        }
    }

    @Test
    void a_transport_that_fails_to_close_is_closed_all_the_same() {
        try (ScriptedServer server = ScriptedServer.modern((message, client) -> {})) {
            PhysicalConnection connection = server.open().unwrap(PhysicalConnection.class);
            server.session().onClose(() -> {
                throw new IllegalStateException("cannot");
            });

            try {
                connection.close();
            } catch (IllegalStateException e) {
                // Unless the task that closes lost connections came first.
                assertThat(e).hasMessage("cannot");
            }
            connection.closeAsync().join();
            assertThat(connection.isClosed()).isTrue();
        }
    }

    @Test
    void a_connection_is_valid_while_the_server_answers_whatever_it_says() {
        AtomicReference<String> answer = new AtomicReference<>("\"result\":{}");
        try (ScriptedServer server = ScriptedServer.raw((message, client) -> {
            switch (Answers.method(message)) {
                case "server/discover" -> client.error(message, -32601, "no");
                case "initialize" -> client.result(message, Answers.initialized("2025-11-25"));
                case "ping" -> {
                    if (!answer.get().isEmpty()) {
                        client.send("{\"jsonrpc\":\"2.0\",\"id\":" + message.get("id") + "," + answer + "}");
                    }
                }
                default -> {}
            }
        })) {
            McpConnection connection = server.open();
            for (String said : List.of("\"result\":{}", "\"result\":5", "\"error\":{\"code\":1}", "\"error\":0")) {
                answer.set(said);
                assertThat(connection.isValid(Duration.ofSeconds(20))).as(said).isTrue();
            }
            answer.set("");
            assertThat(connection.isValid(Duration.ofMillis(20))).isFalse();
        }
    }

    @Test
    void ping_is_ping_for_a_legacy_server_and_discover_for_a_modern_one() {
        try (ScriptedServer legacy = ScriptedServer.legacy((message, client) -> {});
                ScriptedServer modern = ScriptedServer.modern((message, client) -> {})) {
            legacy.open().ping();
            assertThat(legacy.session().received("ping")).hasSize(1);
            McpConnection connection = modern.open();
            connection.ping();
            connection.pingAsync().join();
            assertThat(modern.session().received("server/discover")).hasSize(3);
        }
    }

    @Test
    void unwrap_reaches_the_transport_and_says_what_it_does_not_reach() {
        try (ScriptedServer server = ScriptedServer.modern(Answers::echo)) {
            McpConnection connection = server.open();

            assertThat(connection.isWrapperFor(Transport.class)).isTrue();
            assertThat(connection.unwrap(Transport.class).isOpen()).isTrue();
            assertThat(connection.unwrap(McpConnection.class)).isSameAs(connection);
            assertThat(connection.isWrapperFor(String.class)).isFalse();
            assertThatThrownBy(() -> connection.unwrap(String.class))
                    .isInstanceOf(McpException.class)
                    .hasMessageContaining("java.lang.String");
        }
    }

    @Test
    void a_last_message_before_the_end_is_an_answer() {
        try (ScriptedServer server = ScriptedServer.modern((message, client) -> {
            Answers.echo(message, client);
            client.die("done");
        })) {
            assertThat(server.open().callTool("echo", Map.of("message", "last")).text())
                    .isEqualTo("last");
        }
    }
}
