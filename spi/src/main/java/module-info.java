/** The contract between MCP Drivers and its transport drivers. */
module io.mcpdrivers.spi {
    requires static transitive org.jspecify;
    requires org.slf4j;

    exports io.mcpdrivers.spi;
}
