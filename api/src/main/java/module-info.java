/** Connections to Model Context Protocol servers. */
@SuppressWarnings("requires-automatic") // Micrometer has no module descriptors.
module io.mcpdrivers {
    requires transitive io.mcpdrivers.spi;
    requires transitive tools.jackson.databind;
    requires static transitive org.jspecify;
    requires static micrometer.core;
    requires static micrometer.observation;
    requires org.slf4j;

    exports io.mcpdrivers;
    exports io.mcpdrivers.schema;
    exports io.mcpdrivers.engine to
            io.mcpdrivers.pool;

    uses io.mcpdrivers.spi.McpDriver;
    uses io.mcpdrivers.PoolProvider;
}
