package io.mcpdrivers.pool;

import io.mcpdrivers.McpConnection;
import io.mcpdrivers.PoolProvider;
import io.mcpdrivers.spi.DriverProperty;
import io.mcpdrivers.spi.McpUri;
import java.util.List;

/** Gives {@link io.mcpdrivers.McpDrivers} the default pool; found by {@link java.util.ServiceLoader}. */
public final class DefaultPoolProvider implements PoolProvider {

    private static final List<DriverProperty> PROPERTIES = PoolSetting.uriProperties();

    /** For the service loader; makes no pool yet. */
    public DefaultPoolProvider() {}

    @Override
    public List<DriverProperty> properties() {
        return PROPERTIES;
    }

    @Override
    public McpConnection getConnection(McpUri uri) {
        return DefaultPool.get().getConnection(uri);
    }

    @Override
    public McpUri serverUri(String name) {
        return DefaultPool.get().directory().configuration().server(name).uri();
    }
}
