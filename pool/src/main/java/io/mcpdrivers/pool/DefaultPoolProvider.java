package io.mcpdrivers.pool;

import io.mcpdrivers.McpConfigurationException;
import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpException;
import io.mcpdrivers.PoolProvider;
import io.mcpdrivers.engine.Connector;
import io.mcpdrivers.engine.ServerTarget;
import io.mcpdrivers.spi.DriverProperty;
import io.mcpdrivers.spi.McpUri;
import io.mcpdrivers.spi.McpUriException;
import java.util.List;
import java.util.Properties;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives {@link io.mcpdrivers.McpDrivers} the default pool; found by {@link java.util.ServiceLoader}. */
public final class DefaultPoolProvider implements PoolProvider {

    private static final Logger log = LoggerFactory.getLogger(DefaultPoolProvider.class);

    private static final List<DriverProperty> PROPERTIES = PoolSetting.uriProperties();

    private final Supplier<McpPool> pool;
    private final Properties system;
    /** The last reason that was logged, which is not logged again. */
    private volatile @Nullable String reported;

    /** For the service loader; makes no pool yet. */
    public DefaultPoolProvider() {
        this(DefaultPool::get, System.getProperties());
    }

    DefaultPoolProvider(Supplier<McpPool> pool, Properties system) {
        this.pool = pool;
        this.system = system;
    }

    @Override
    public List<DriverProperty> properties() {
        return PROPERTIES;
    }

    @Override
    public McpConnection getConnection(McpUri uri) {
        McpPool made;
        try {
            made = pool.get();
        } catch (McpException e) {
            if (!mayGoWithout(uri, e)) {
                throw e;
            }
            return open(uri);
        } catch (LinkageError e) {
            // A library of the pool is not there.
            if (!mayGoWithout(uri, e)) {
                throw e;
            }
            return open(uri);
        }
        reported = null;
        return made.getConnection(uri);
    }

    /** Opens a connection without the pool, whose settings in the URI are to be right all the same. */
    private static McpConnection open(McpUri uri) {
        ServerTarget target = Connector.prepare(uri, null);
        SettingValues.checkUri(target.uri());
        SettingValues.of(target.uri(), new SettingValues(null));
        return Connector.open(target);
    }

    /** Whether a connection may be opened directly, since there is no pool; says so. */
    private boolean mayGoWithout(McpUri uri, Throwable reason) {
        // Only the pool knows what a name means.
        if (uri.scheme().equals("server") || !allowsFallback()) {
            return false;
        }
        String message = String.valueOf(reason.getMessage());
        if (!message.equals(reported)) {
            reported = message;
            log.error(
                    "There is no default pool, so connections are opened directly, one process or session for each, until"
                            + " this is mended (mcp.pool.poolFallback=false makes it an error): {}",
                    message);
        }
        return true;
    }

    private boolean allowsFallback() {
        try {
            return DefaultPool.configure(system).sources().allowsFallback();
        } catch (McpException | LinkageError e) {
            log.debug("Whether there is a fallback cannot be told: {}", e.getMessage());
            return true;
        }
    }

    @Override
    public McpUri serverUri(String name) {
        ServerEntry entry = pool.get().directory().configuration().server(name);
        try {
            return entry.resolve(entry.uri());
        } catch (McpConfigurationException | McpUriException e) {
            throw entry.broken(String.valueOf(e.getMessage()), e);
        }
    }
}
