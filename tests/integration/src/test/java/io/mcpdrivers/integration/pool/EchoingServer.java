package io.mcpdrivers.integration.pool;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A modern MCP server that repeats the token that it was sent, in the way that is the name of the tool. */
final class EchoingServer implements Closeable {

    private static final Pattern ID = Pattern.compile("\"id\":(\\d+)");
    private static final Pattern TOOL = Pattern.compile("\"name\":\"([a-z]+)\"");
    private static final String METADATA = "\"resultType\":\"complete\",\"supportedVersions\":[\"2026-07-28\"],"
            + "\"capabilities\":{\"tools\":{}},\"serverInfo\":{\"name\":\"echoing\",\"version\":\"1\"}";

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpServer server;

    private EchoingServer(HttpServer server) {
        this.server = server;
        server.setExecutor(threads);
        server.createContext("/mcp", this::answer);
    }

    static EchoingServer start() throws IOException {
        EchoingServer started =
                new EchoingServer(HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
        started.server.start();
        return started;
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/mcp";
    }

    private void answer(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        String id = find(ID, body);
        String token = exchange.getRequestHeaders().getFirst("Authorization");
        String begin = "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",";
        if (body.contains("server/discover")) {
            respond(exchange, 200, "application/json", begin + "\"result\":{" + METADATA + "}}");
            return;
        }
        switch (find(TOOL, body)) {
            case "challenge" -> {
                exchange.getResponseHeaders().add("WWW-Authenticate", "Bearer error=\"" + token + "\"");
                respond(exchange, 401, "text/plain", "invalid token " + token);
            }
            case "forbidden" ->
                respond(exchange, 403, "text/html", "<html>no " + token.substring("Bearer ".length()) + "</html>");
            case "error" ->
                respond(
                        exchange,
                        200,
                        "application/json",
                        begin + "\"error\":{\"code\":-32603,\"message\":\"bad " + token + "\"}}");
            case "broken" -> respond(exchange, 200, "application/json", begin + "\"answer\":\"" + token + "\"}");
            case "noise" ->
                respond(
                        exchange,
                        200,
                        "text/event-stream",
                        "data: {\"no message\":\"" + token + "\"}\n\ndata: [\"" + token + "\"]\n\n"
                                + "data: {\"jsonrpc\":\"2.0\",\"method\":\"" + token + "\"}\n\n"
                                + "data: {\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"" + token + "\"}\n\n");
            default -> respond(exchange, 200, "text/plain", "what is " + token + "?");
        }
    }

    private static String find(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        return matcher.find() ? matcher.group(1) : "";
    }

    private static void respond(HttpExchange exchange, int status, String type, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", type);
        exchange.sendResponseHeaders(status, bytes.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(bytes);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
