package io.mcpdrivers.integration.npm;

import io.mcpdrivers.fixture.HttpFixtureServer;
import io.mcpdrivers.integration.Await;
import io.mcpdrivers.integration.Leftovers;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A server of {@code tests/npm} that listens on a port of its own, until it is closed. */
final class NpmHttpServer implements AutoCloseable {

    private static final Pattern LISTENING = Pattern.compile("port (\\d+)");
    private static final int ATTEMPTS = 5;

    private final Process process;
    private final Thread reader;
    private final CompletableFuture<Integer> port = new CompletableFuture<>();
    private final List<String> output = new ArrayList<>();

    private NpmHttpServer(Map<String, String> environment, String... command) {
        NpmServers.install();
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Leftovers.mark(builder);
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        reader = new Thread(this::read, "npm-server-output");
        reader.setDaemon(true);
        reader.start();
    }

    /**
     * The reference server.
     *
     * @param transport {@code streamableHttp} or {@code sse}
     */
    static NpmHttpServer everything(String transport) {
        String script = NpmServers.FOLDER
                .resolve(NpmServers.OFFICIAL + "server-everything/dist/index.js")
                .toString();
        for (int attempt = 1; ; attempt++) {
            // It cannot choose a port itself, so that somebody else may come first.
            NpmHttpServer server =
                    new NpmHttpServer(Map.of("PORT", String.valueOf(freePort())), "node", script, transport);
            try {
                server.port();
                return server;
            } catch (IllegalStateException e) {
                server.close();
                if (attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    /**
     * The server on the official SDK that speaks 2026-07-28.
     *
     * @param environment what its options are
     */
    static NpmHttpServer modern(Map<String, String> environment) {
        String script = NpmServers.FOLDER.resolve("modern-server.mjs").toString();
        Map<String, String> all = new HashMap<>(environment);
        all.put("PORT", "0");
        while (true) {
            NpmHttpServer server = new NpmHttpServer(all, "node", script);
            // What the library has met at a port, it remembers.
            if (HttpFixtureServer.claim(server.port())) {
                return server;
            }
            server.close();
        }
    }

    /** A URL of this server. */
    String url(String path) {
        return "http://127.0.0.1:" + port() + path;
    }

    private int port() {
        return Await.result(port);
    }

    private static int freePort() {
        while (true) {
            try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                if (HttpFixtureServer.claim(socket.getLocalPort())) {
                    return socket.getLocalPort();
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private void read() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                Matcher listening = LISTENING.matcher(line);
                if (!port.isDone()) {
                    output.add(line);
                    if (listening.find()) {
                        port.complete(Integer.valueOf(listening.group(1)));
                    }
                }
            }
        } catch (IOException e) {
            output.add(e.toString());
        }
        port.completeExceptionally(new IllegalStateException("The server has ended instead of listening: " + output));
    }

    @Override
    public void close() {
        process.destroyForcibly();
        Await.result(process.onExit());
        try {
            reader.join(Await.PATIENCE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
