/** Keeps connections to Model Context Protocol servers warm. */
module io.mcpdrivers.pool {
    requires transitive io.mcpdrivers;
    requires java.management;
    requires org.apache.commons.pool2;
    requires org.slf4j;

    exports io.mcpdrivers.pool;

    provides io.mcpdrivers.PoolProvider with
            io.mcpdrivers.pool.DefaultPoolProvider;
}
