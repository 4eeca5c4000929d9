package io.mcpdrivers.example.unix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mcpdrivers.spi.McpUri;
import io.mcpdrivers.spi.OpenOptions;
import io.mcpdrivers.spi.TransportException;
import io.mcpdrivers.spi.TransportException.Kind;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class UnixSocketDriverTest {

    @TempDir
    private Path folder;

    @Test
    void a_path_that_does_not_exist_is_named() {
        Path missing = folder.resolve("missing.sock");
        TransportException refusal = refusal("mcp:unix:" + missing, Duration.ofSeconds(5));
        assertThat(refusal.kind()).isEqualTo(Kind.CONNECTION);
        assertThat(refusal).hasMessageContaining("There is no socket '" + missing + "'");
    }

    @Test
    void a_path_that_is_too_long_is_a_mistake_in_the_configuration() {
        TransportException refusal = refusal("mcp:unix:/tmp/" + "x".repeat(200), Duration.ofSeconds(5));
        assertThat(refusal.kind()).isEqualTo(Kind.CONFIGURATION);
        assertThat(refusal).hasMessageContaining("205 characters long");
    }

    @Test
    void a_url_is_no_path() {
        TransportException refusal = refusal("mcp:unix:///run/server.sock", Duration.ofSeconds(5));
        assertThat(refusal.kind()).isEqualTo(Kind.CONFIGURATION);
        assertThat(refusal).hasMessageContaining("mcp:unix:/run/server.sock");
    }

    @Test
    void a_socket_that_nobody_listens_on_any_more_is_named() throws IOException {
        Path path = folder.resolve("left.sock");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(path));
        }
        assertThat(path).exists();
        TransportException refusal = refusal("mcp:unix:" + path, Duration.ofSeconds(5));
        assertThat(refusal.kind()).isEqualTo(Kind.CONNECTION);
        assertThat(refusal).hasMessageContaining("No server listens on '" + path + "'");
    }

    @Test
    void a_file_that_is_no_socket_is_named() throws IOException {
        Path path = Files.createFile(folder.resolve("file"));
        assertThat(refusal("mcp:unix:" + path, Duration.ofSeconds(5)))
                .hasMessageContaining("No server listens on '" + path + "'");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void a_server_that_does_not_accept_is_given_up_at_the_timeout() throws Exception {
        Path path = folder.resolve("busy.sock");
        List<SocketChannel> waiting = new ArrayList<>();
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(path), 1);
            fillQueue(path, waiting);
            long begin = System.nanoTime();
            TransportException refusal = refusal("mcp:unix:" + path, Duration.ofMillis(300));
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(20));
            assertThat(refusal.kind()).isEqualTo(Kind.TIMEOUT);
            assertThat(refusal).hasMessageContaining("within 300 ms");
        } finally {
            for (SocketChannel each : waiting) {
                each.close();
            }
        }
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        CountDownLatch never = new CountDownLatch(1);
        while (Thread.getAllStackTraces().keySet().stream()
                .anyMatch(t -> t.getName().startsWith("mcp-connect"))) {
            assertThat(System.nanoTime() - deadline)
                    .as("the connecting thread ends")
                    .isNegative();
            assertThat(never.await(10, TimeUnit.MILLISECONDS)).isFalse();
        }
    }

    /** Connects until the queue of connections that nobody accepts is full. */
    private static void fillQueue(Path path, List<SocketChannel> waiting) throws IOException {
        for (int i = 0; i < 10; i++) {
            SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            waiting.add(channel);
            channel.configureBlocking(false);
            try {
                channel.connect(UnixDomainSocketAddress.of(path));
            } catch (IOException e) {
                return;
            }
        }
    }

    private static TransportException refusal(String uri, Duration connectTimeout) {
        return catchThrowableOfType(
                TransportException.class,
                () -> new UnixSocketDriver().open(McpUri.parse(uri), new OpenOptions("unix", connectTimeout, 1000)));
    }
}
