package io.mcpdrivers.example.unix;

import io.mcpdrivers.spi.test.EchoPeer;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A real server on a Unix domain socket, with an {@link EchoPeer} for each connection. */
final class UnixEchoServer implements AutoCloseable {

    private final Path folder;
    private final Path path;
    private final ServerSocketChannel server;
    private final Set<Thread> threads = ConcurrentHashMap.newKeySet();

    UnixEchoServer() throws IOException {
        folder = Files.createTempDirectory("mcp-unix");
        path = folder.resolve("echo.sock");
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(path));
        start("unix-echo-accept", this::accept);
    }

    Path path() {
        return path;
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel connection = server.accept();
                start("unix-echo", () -> serve(connection));
            }
        } catch (IOException e) {
            // The server was closed.
        }
    }

    private void serve(SocketChannel connection) {
        try (connection) {
            EchoPeer.serve(new SocketInput(connection), new SocketOutput(connection));
        } catch (IOException e) {
            // The client has gone.
        } finally {
            threads.remove(Thread.currentThread());
        }
    }

    private void start(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        server.close();
        threads.forEach(Thread::interrupt);
        Files.deleteIfExists(path);
        Files.deleteIfExists(folder);
    }
}
