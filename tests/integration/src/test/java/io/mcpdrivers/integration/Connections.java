package io.mcpdrivers.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpDrivers;
import io.mcpdrivers.McpInterruptedException;
import io.mcpdrivers.pool.McpPool;
import io.mcpdrivers.pool.PoolBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Opens connections for a test; afterwards closes what is open, and proves that no process and no thread is left. As a
 * static field it does so after the last test of the class.
 */
public final class Connections implements AfterEachCallback, AfterAllCallback {

    private final boolean perClass;
    private final List<AutoCloseable> opened = new CopyOnWriteArrayList<>();
    private final List<AutoCloseable> servers = new CopyOnWriteArrayList<>();

    private Connections(boolean perClass) {
        this.perClass = perClass;
    }

    /** For a field of the instance. */
    public static Connections perTest() {
        return new Connections(false);
    }

    /** For a static field. */
    public static Connections perClass() {
        return new Connections(true);
    }

    /** Opens a physical connection. */
    public McpConnection open(String uri) {
        return closing(McpDrivers.open(uri));
    }

    /** Opens a physical connection to a fixture server. */
    public McpConnection fixture(String... options) {
        return open(Leftovers.fixture(options));
    }

    /**
     * Makes a pool that does not wait for leases at its end.
     *
     * @param settings {@code name=value} each
     */
    public McpPool pool(String... settings) {
        PoolBuilder builder = McpPool.builder().shutdownTimeout(Duration.ZERO);
        for (String setting : settings) {
            int equals = setting.indexOf('=');
            builder.set(setting.substring(0, equals), setting.substring(equals + 1));
        }
        return closing(builder.build());
    }

    /** Closes something at the end, too. */
    public <T extends AutoCloseable> T closing(T closeable) {
        opened.add(closeable);
        return closeable;
    }

    /** Ends a server at the end, too, once all connections are closed. */
    public <T extends AutoCloseable> T server(T server) {
        servers.add(server);
        return server;
    }

    /** Waits until a caller waits in the pool, and sends it away: there is no free connection. */
    public static void assertNoneIsFree(McpPool pool, String uri) {
        Threads.Caller<McpConnection> caller = Threads.call(() -> pool.getConnection(uri));
        Await.until("a further caller waits", () -> pool.status().waiting() == 1 || caller.isDone());
        assertThat(pool.status().starting()).isZero();
        caller.interrupt();
        assertThat(caller.failure()).isInstanceOf(McpInterruptedException.class);
    }

    /** The process id of a fixture server. */
    public static long pid(McpConnection connection) {
        return Long.parseLong(connection.callTool("pid", Map.of()).text());
    }

    @Override
    public void afterEach(ExtensionContext context) {
        if (!perClass) {
            end();
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        if (perClass) {
            end();
        }
    }

    /** Closes everything, side by side, and looks at what is left. */
    private void end() {
        try {
            closeAll(opened);
            closeAll(servers);
            // What failed to start is ended in the background.
            Await.within(Await.PATIENCE, () -> Leftovers.processes().isEmpty());
            assertThat(Leftovers.processes()).as("processes left").isEmpty();
            Await.within(Await.PATIENCE, () -> Leftovers.threads().isEmpty());
            assertThat(Leftovers.threads()).as("threads left").isEmpty();
            assertThat(Leftovers.zombies()).as("zombies left").isEmpty();
        } finally {
            opened.clear();
            servers.clear();
            Leftovers.kill();
        }
    }

    private static void closeAll(List<AutoCloseable> all) {
        Await.result(CompletableFuture.allOf(all.stream()
                .map(each -> CompletableFuture.runAsync(() -> close(each), task -> new Thread(task).start()))
                .toArray(CompletableFuture[]::new)));
        all.clear();
    }

    private static void close(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (Exception e) {
            throw new AssertionError("Closing failed", e);
        }
    }
}
