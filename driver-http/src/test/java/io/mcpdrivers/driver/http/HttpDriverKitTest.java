package io.mcpdrivers.driver.http;

import io.mcpdrivers.spi.McpDriver;
import io.mcpdrivers.spi.test.McpDriverTestKit;
import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class HttpDriverKitTest extends McpDriverTestKit {

    private static final Pattern CONTROL = Pattern.compile("\"control\":\"(\\w+)\"(?:,\"size\":(\\d{1,9}))?");

    private static ScriptedServer server;

    @BeforeAll
    static void start() throws IOException {
        server = new ScriptedServer(HttpDriverKitTest::answer);
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    private static void answer(ScriptedServer.Seen request) throws Exception {
        String body = request.body;
        Matcher control = CONTROL.matcher(body.length() > 200 ? "" : body);
        if (control.find()) {
            switch (control.group(1)) {
                case "close" -> {
                    request.socket.close();
                    return;
                }
                case "silent" -> {
                    request.clientCloses(60_000);
                    return;
                }
                case "big" -> {
                    int size = Integer.parseInt(control.group(2));
                    String begin = "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"";
                    body = begin + "x".repeat(size - begin.length() - 2) + "\"}";
                }
                default -> {}
            }
        }
        if (body.contains("\"text\":\"a")) {
            request.beginEvents();
            request.chunk("data: " + body + "\n\n");
            request.endChunks();
        } else {
            request.json(body);
        }
    }

    @Override
    protected McpDriver driver() {
        return new HttpDriver();
    }

    @Override
    protected String peerUri() {
        return server.uri();
    }

    @Override
    protected String nowhereUri() {
        return "mcp:http://127.0.0.1:1/mcp";
    }

    /** Each message has a connection of its own, and no end of one ends the transport; {@code OldTransportKitTest} has one. */
    @Override
    protected boolean peerCanClose() {
        return false;
    }

    /** A server that does not read holds up one POST on a connection of its own; see {@code FailureTest}. */
    @Override
    protected boolean peerCanBlockWrites() {
        return false;
    }

    /** Requests that are not waited for are POSTs on connections of their own. */
    @Override
    protected boolean transportKeepsOrder() {
        return false;
    }
}
