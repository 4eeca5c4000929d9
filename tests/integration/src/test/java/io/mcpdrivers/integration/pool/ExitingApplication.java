package io.mcpdrivers.integration.pool;

import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpDrivers;
import io.mcpdrivers.fixture.Fixture;
import io.mcpdrivers.integration.Await;
import io.mcpdrivers.integration.Connections;
import io.mcpdrivers.integration.Leftovers;
import io.mcpdrivers.integration.Threads;
import io.mcpdrivers.pool.McpPool;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** An application that does not close what it opens. {@link JvmExitTest} runs it in a JVM of its own. */
final class ExitingApplication {

    /** How many processes it has at least when it is ready. */
    static final int PROCESSES = 9;

    private static final List<McpConnection> OPEN = new ArrayList<>();

    private ExitingApplication() {}

    /**
     * Prints {@code ready}, waits for a line, and exits.
     *
     * @param arguments how to exit, and the file in which its servers note their process ids
     */
    public static void main(String[] arguments) throws Exception {
        Path log = Path.of(arguments[1]);
        String normal = uri(log);
        OPEN.add(McpDrivers.getConnection(normal));
        OPEN.add(McpDrivers.getConnection(uri(log, "era=modern", "wrap=sh")));
        McpDrivers.getConnection(uri(log, "stderr.line=idle")).close();
        OPEN.add(McpDrivers.open(uri(log, "ignore.eof=1", "ignore.sigterm=1")));
        McpPool pool = McpPool.builder().shutdownTimeout(Duration.ofMillis(500)).build();
        OPEN.add(pool.getConnection(uri(log, "spawn.child=stubborn", "wrap=sh")));
        OPEN.add(pool.getConnection(uri(log, "ignore.eof=1")));
        for (McpConnection connection : OPEN) {
            Connections.pid(connection);
            connection.callToolAsync("sleep", Map.of("ms", 60_000));
        }
        Threads.run(() -> pool.getConnection(uri(log, "start.delay=60000")));
        Threads.run(() -> McpDrivers.open(uri(log, "start.hang=1")));
        Await.until("all are there", () -> Fixture.log(log, "start ").size() >= PROCESSES - 1);
        System.out.println("ready");
        System.in.read();
        switch (arguments[0]) {
            case "exit" -> System.exit(7);
            case "throw" -> throw new IllegalStateException("as told");
            default -> {}
        }
    }

    private static String uri(Path log, String... options) {
        List<String> all = new ArrayList<>(List.of(options));
        all.add("calls.log=" + log);
        return Leftovers.marked(Fixture.uri(all.toArray(new String[0]))) + "&closeTimeout=300ms&killTimeout=300ms";
    }
}
