package io.mcpdrivers.spi;

/** Placeholder until the parser. */
public final class McpUri {
    private McpUri() {}

    public String scheme() {
        return "";
    }
}
