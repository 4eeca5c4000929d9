package io.mcpdrivers.integration.npm;

/** The transport of 2024-11-05, found out. */
class EverythingFallingBackToSseTest extends EverythingBehaviour {

    @Override
    String uri() {
        return "mcp:" + connections.server(NpmHttpServer.everything("sse")).url("/sse");
    }
}
