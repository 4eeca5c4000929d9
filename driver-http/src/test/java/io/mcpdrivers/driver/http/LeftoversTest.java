package io.mcpdrivers.driver.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** What transports cost while they are idle, and what they leave behind. */
class LeftoversTest {

    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    /** Speaks everything: sessions, a standing stream, and at {@code /sse} HTTP with SSE. */
    private static ScriptedServer server() throws Exception {
        AtomicReference<ScriptedServer.Seen> sse = new AtomicReference<>();
        return new ScriptedServer(r -> {
            if (r.path.equals("/sse")) {
                r.beginEvents();
                sse.set(r);
                r.chunk("event: endpoint\ndata: /messages\n\n");
            } else if (r.path.equals("/messages")) {
                r.respond(202, "");
                sse.get().chunk("data: " + r.result("{}") + "\n\n");
            } else if (r.method.equals("GET")) {
                r.beginEvents();
            } else if (r.body.contains("\"id\"")) {
                r.json(r.result("{}"), "Mcp-Session-Id: s");
            } else {
                r.respond(202, "");
            }
        });
    }

    private static Client session(Client client) throws Exception {
        client.ask("initialize");
        client.tell("notifications/initialized");
        client.ask("tools/call");
        return client;
    }

    @Test
    void a_hundred_connections_of_every_kind_leave_no_thread_and_no_socket() throws Exception {
        awaitNoThreads();
        int descriptors = descriptors();
        try (ScriptedServer server = server()) {
            for (int i = 0; i < 25; i++) {
                try (Client modern = Client.modern(server.uri());
                        Client legacy = session(Client.legacy(server.uri()));
                        Client answering = session(Client.answering(server.uri()));
                        Client sse = new Client("mcp:sse:" + server.url().replace("/mcp", "/sse"), Client.LEGACY)) {
                    modern.ask("tools/call");
                    legacy.sendWithoutWaiting("tools/call");
                    legacy.message();
                    answering.ask("tools/call");
                    sse.ask("initialize");
                }
            }
            assertThat(server.seen("DELETE")).hasSize(50);
            awaitNoThreads();
            assertThat(becomes(() -> server.openConnections() == 0))
                    .as("open connections: %d", server.openConnections())
                    .isTrue();
        }
        assertThat(becomes(() -> descriptors() <= descriptors + 5))
                .as("descriptors before: %d, now: %d", descriptors, descriptors())
                .isTrue();
    }

    @Test
    void two_hundred_idle_connections_have_no_thread_each_and_share_their_sockets() throws Exception {
        awaitNoThreads();
        List<Client> clients = new ArrayList<>();
        try (ScriptedServer server = server()) {
            for (int i = 0; i < 100; i++) {
                Client modern = Client.modern(server.uri());
                clients.add(modern);
                modern.ask("tools/call");
                clients.add(session(Client.legacy(server.uri())));
            }
            assertThat(server.connections.get()).isLessThanOrEqualTo(4);
            assertThat(threads()).isLessThanOrEqualTo(2);
            clients.forEach(Client::close);
        }
        awaitNoThreads();
    }

    /** Those that earlier tests have used live on for a few seconds. */
    private static void awaitNoThreads() {
        assertThat(becomes(() -> threads() == 0)).as("threads: %d", threads()).isTrue();
    }

    private static boolean becomes(BooleanSupplier condition) {
        long deadline = System.nanoTime() + 30_000_000_000L;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                return false;
            }
            LockSupport.parkNanos(20_000_000);
        }
        return true;
    }

    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("mcp-"))
                .count();
    }

    /** Of this process, which also the server's end of each connection belongs to; 0 where they cannot be counted. */
    private static int descriptors() {
        return DESCRIPTORS.toFile().isDirectory()
                ? Objects.requireNonNull(DESCRIPTORS.toFile().list()).length
                : 0;
    }
}
