package io.mcpdrivers.example.unix;

import io.mcpdrivers.spi.McpDriver;
import io.mcpdrivers.spi.test.McpDriverTestKit;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class UnixSocketDriverKitTest extends McpDriverTestKit {

    private static UnixEchoServer server;

    @BeforeAll
    static void start_the_server() throws IOException {
        server = new UnixEchoServer();
    }

    @AfterAll
    static void stop_the_server() throws IOException {
        server.close();
    }

    @Override
    protected McpDriver driver() {
        return new UnixSocketDriver();
    }

    @Override
    protected String peerUri() {
        return "mcp:unix:" + server.path();
    }

    @Override
    protected String nowhereUri() {
        return "mcp:unix:" + server.path() + ".missing";
    }
}
