package io.mcpdrivers.engine;

/** What this client says of itself to servers, in {@code initialize} or in each request. */
final class ClientInfo {

    private static final String NAME = "mcp-drivers";
    private static final String VERSION = version();

    private ClientInfo() {}

    /** Writes it as a JSON object. */
    static void write(JsonWriter out) {
        out.writeStartObject();
        out.writeName("name");
        out.writeString(NAME);
        out.writeName("version");
        out.writeString(VERSION);
        out.writeEndObject();
    }

    private static String version() {
        String version = ClientInfo.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
