package io.mcpdrivers.benchmark;

/**
 * The bare pipe or socket, with the bytes that this library would send. The variant {@code alone} has nobody but the
 * caller, who writes and reads; on sockets each thread has its own. The variant {@code ids} has one pipe for all
 * threads, and a thread that reads and tells them apart.
 */
public final class Limits implements Peer.Factory {

    private static final String BEGIN = "{\"jsonrpc\":\"2.0\",\"id\":";
    private static final String META = ",\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","
            + "\"io.modelcontextprotocol/clientInfo\":{\"name\":\"mcp-drivers\",\"version\":\"0.1.0-SNAPSHOT\"},"
            + "\"io.modelcontextprotocol/clientCapabilities\":{}}}}";

    @Override
    public Peer connect(Target target, String variant) throws Exception {
        if (!target.isStdio()) {
            return new BareSocket(target);
        }
        return variant.equals("ids") ? new SharedPipe(target) : new BarePipe(target);
    }

    static String echo(long id, String message) {
        return request(id, "echo", "{\"message\":\"" + message + "\"}");
    }

    static String blob(long id, int size) {
        return request(id, "blob", "{\"size\":" + size + "}");
    }

    private static String request(long id, String tool, String arguments) {
        return BEGIN + id + ",\"method\":\"tools/call\",\"params\":{\"name\":\"" + tool + "\",\"arguments\":"
                + arguments + META;
    }
}
