package io.mcpdrivers.driver.http;

import io.mcpdrivers.spi.McpDriver;
import io.mcpdrivers.spi.test.McpDriverTestKit;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The kit over HTTP with SSE, where the end of the stream is the end of the transport. */
class OldTransportKitTest extends McpDriverTestKit {

    private static final Pattern CONTROL = Pattern.compile("\"control\":\"(\\w+)\"(?:,\"size\":(\\d{1,9}))?");

    private static final Map<String, ScriptedServer.Seen> STREAMS = new ConcurrentHashMap<>();
    private static final AtomicInteger COUNT = new AtomicInteger();
    private static ScriptedServer server;

    @BeforeAll
    static void start() throws IOException {
        server = new ScriptedServer(OldTransportKitTest::answer);
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
        STREAMS.clear();
    }

    private static void answer(ScriptedServer.Seen request) throws Exception {
        if (request.method.equals("GET")) {
            String path = "/messages/" + COUNT.incrementAndGet();
            STREAMS.put(path, request);
            request.beginEvents();
            request.chunk("event: endpoint\ndata: " + path + "\n\n");
            return;
        }
        ScriptedServer.Seen stream = STREAMS.get(request.path);
        String body = request.body;
        Matcher control = CONTROL.matcher(body.length() > 200 ? "" : body);
        if (control.find()) {
            switch (control.group(1)) {
                case "close" -> {
                    request.respond(202, "Accepted");
                    stream.socket.close();
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
        request.respond(202, "Accepted");
        synchronized (stream) {
            stream.chunk("event: message\ndata: " + body + "\n\n");
        }
    }

    @Override
    protected McpDriver driver() {
        return new HttpDriver();
    }

    @Override
    protected String peerUri() {
        return "mcp:sse:" + server.url();
    }

    @Override
    protected String nowhereUri() {
        return "mcp:sse:http://127.0.0.1:1/sse";
    }

    /** A server that does not read holds up one POST; see {@code FailureTest}. */
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
