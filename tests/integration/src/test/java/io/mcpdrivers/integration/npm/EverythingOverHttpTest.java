package io.mcpdrivers.integration.npm;

class EverythingOverHttpTest extends EverythingBehaviour {

    @Override
    String uri() {
        return "mcp:"
                + connections.server(NpmHttpServer.everything("streamableHttp")).url("/mcp");
    }
}
