package io.mcpdrivers.integration.misbehaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpConnectionClosedException;
import io.mcpdrivers.McpConnectionLostException;
import io.mcpdrivers.McpException;
import io.mcpdrivers.fixture.Fixture;
import io.mcpdrivers.integration.Await;
import io.mcpdrivers.integration.Connections;
import io.mcpdrivers.integration.Leftovers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that resist their end. */
class EndTest {

    private static final String IMPATIENT = "&closeTimeout=300ms&killTimeout=300ms";

    @RegisterExtension
    final Connections connections = Connections.perTest();

    @TempDir
    Path folder;

    /** The options are separated by blanks. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "eof.delay=100",
                "ignore.eof=1",
                "ignore.eof=1 ignore.sigterm=1",
                "wrap=sh",
                "wrap=sh ignore.eof=1",
                "wrap=sh ignore.eof=1 ignore.sigterm=1",
                "spawn.child=1",
                "spawn.child=stubborn",
                "wrap=sh spawn.child=stubborn ignore.eof=1 ignore.sigterm=1"
            })
    void closing_leaves_no_process(String options) {
        Path log = folder.resolve("calls.log");
        List<String> all = new ArrayList<>(List.of(options.split(" ")));
        all.add("calls.log=" + log);
        McpConnection connection = connections.open(Leftovers.fixture(all.toArray(new String[0])) + IMPATIENT);
        assertThat(connection.callTool("echo", Map.of("message", "here")).text())
                .isEqualTo("here");
        long took = Await.millis(connection::close);
        assertThat(took).isLessThan(20_000);
        // No waiting here: once close has returned, they have gone.
        assertThat(Leftovers.processes()).isEmpty();
        List<String> pids = new ArrayList<>(Fixture.log(log, "start "));
        pids.addAll(Fixture.log(log, "child "));
        assertThat(pids)
                .isNotEmpty()
                .allSatisfy(line -> assertThat(Leftovers.runs(Long.parseLong(line.split(" ")[1])))
                        .isFalse());
    }

    @Test
    void calls_in_flight_on_a_physical_connection_fail_when_it_is_closed() {
        McpConnection connection = connections.fixture();
        CompletableFuture<?> call = connection.callToolAsync("sleep", Map.of("ms", 60_000));
        connection.close();
        assertThatThrownBy(() -> Await.result(call))
                .isInstanceOfSatisfying(
                        McpConnectionLostException.class,
                        e -> assertThat(e.mayHaveExecuted()).isTrue());
    }

    @Test
    void closing_twice_and_from_several_threads_is_harmless() {
        McpConnection connection = connections.open(Leftovers.fixture("ignore.eof=1") + IMPATIENT);
        List<CompletableFuture<Void>> closing = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            closing.add(CompletableFuture.runAsync(connection::close, task -> new Thread(task).start()));
        }
        closing.forEach(Await::result);
        connection.close();
        assertThat(Leftovers.processes()).isEmpty();
        assertThatThrownBy(() -> connection.callTool("echo", Map.of("message", "late")))
                .isInstanceOf(McpConnectionClosedException.class);
        assertThatThrownBy(() -> Await.result(connection.callToolAsync("echo", Map.of("message", "late"))))
                .isInstanceOf(McpConnectionClosedException.class);
        assertThatThrownBy(() -> connection.batch().add("echo", Map.of()).execute())
                .isInstanceOf(McpConnectionClosedException.class);
    }

    @Test
    void a_start_that_is_interrupted_leaves_no_process() throws Exception {
        Path log = folder.resolve("calls.log");
        String uri = Leftovers.fixture("start.delay=60000", "calls.log=" + log) + IMPATIENT;
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        Thread opening = new Thread(() -> {
            try {
                connections.open(uri);
                failure.complete(new AssertionError("It was opened"));
            } catch (McpException e) {
                failure.complete(e);
            }
        });
        opening.start();
        Await.until("the server has started", () -> !Fixture.log(log, "start ").isEmpty());
        opening.interrupt();
        assertThat(Await.result(failure)).isInstanceOf(McpException.class).hasMessageContaining("nterrupted");
    }
}
