package io.mcpdrivers.integration.npm;

import java.util.Map;

/** Answers are JSON, but for those that progress precedes. */
class ModernServerOverHttpTest extends ModernServerTest {

    /** The server's environment. */
    Map<String, String> environment() {
        return Map.of();
    }

    @Override
    String uri() {
        return "mcp:" + connections.server(NpmHttpServer.modern(environment())).url("/mcp");
    }
}
