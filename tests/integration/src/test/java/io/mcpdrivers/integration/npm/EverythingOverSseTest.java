package io.mcpdrivers.integration.npm;

/** The transport of 2024-11-05, asked for. */
class EverythingOverSseTest extends EverythingBehaviour {

    @Override
    String uri() {
        return "mcp:sse:" + connections.server(NpmHttpServer.everything("sse")).url("/sse");
    }
}
