/** Keeps connections to Model Context Protocol servers warm. */
@SuppressWarnings("requires-automatic") // Micrometer has no module descriptors.
module io.mcpdrivers.pool {
    requires transitive io.mcpdrivers;
    requires java.management;
    requires org.apache.commons.pool2;
    requires static micrometer.core;
    requires org.slf4j;

    exports io.mcpdrivers.pool;

    provides io.mcpdrivers.PoolProvider with
            io.mcpdrivers.pool.DefaultPoolProvider;
}
