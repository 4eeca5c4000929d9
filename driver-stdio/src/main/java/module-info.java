/** Runs MCP servers as child processes. */
module io.mcpdrivers.driver.stdio {
    requires transitive io.mcpdrivers.spi;
    requires org.slf4j;

    exports io.mcpdrivers.driver.stdio;

    provides io.mcpdrivers.spi.McpDriver with
            io.mcpdrivers.driver.stdio.StdioDriver;
}
