/** The test kit that a transport driver extends. */
module io.mcpdrivers.spi.test {
    requires transitive io.mcpdrivers.spi;
    requires transitive org.junit.jupiter.api;
    requires org.assertj.core;
    requires static org.jspecify;

    exports io.mcpdrivers.spi.test;

    opens io.mcpdrivers.spi.test;

    uses io.mcpdrivers.spi.McpDriver;
}
