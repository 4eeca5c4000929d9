/** A driver for {@code mcp:unix:/path/to.sock}. */
module io.mcpdrivers.example.unix {
    requires io.mcpdrivers.spi;
    requires static org.jspecify;

    provides io.mcpdrivers.spi.McpDriver with
            io.mcpdrivers.example.unix.UnixSocketDriver;
}
