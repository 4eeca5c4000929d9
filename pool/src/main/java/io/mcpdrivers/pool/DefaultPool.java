package io.mcpdrivers.pool;

import io.mcpdrivers.McpConfigurationException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * The pool behind {@code McpDrivers.getConnection}. It is made at first use from {@code mcp-drivers.properties} on the class
 * path, or the file that the system property {@code mcp.config} names; system properties {@code mcp.pool.*} and
 * {@code mcp.server.*} count more than the file. It is closed when the JVM exits.
 */
final class DefaultPool {

    private static final String RESOURCE = "mcp-drivers.properties";

    private static volatile @Nullable McpPool pool;

    private DefaultPool() {}

    /**
     * The pool.
     *
     * @throws McpConfigurationException if its configuration cannot be used; the next call tries again
     */
    static McpPool get() {
        McpPool made = pool;
        return made != null ? made : make();
    }

    private static synchronized McpPool make() {
        McpPool made = pool;
        if (made == null) {
            made = configure(System.getProperties()).build();
            pool = made;
        }
        return made;
    }

    /** A builder with what the file and the system properties say. */
    static PoolBuilder configure(Properties system) {
        PoolBuilder builder = McpPool.builder();
        String file = system.getProperty(PropertiesConfiguration.FILE_PROPERTY);
        if (file != null) {
            builder.properties(Path.of(file));
        } else {
            addResource(builder);
        }
        Properties settings = new Properties();
        for (String key : system.stringPropertyNames()) {
            // Other system properties that begin with mcp. are somebody else's.
            if (key.startsWith("mcp.pool.") || key.startsWith("mcp.server.")) {
                settings.setProperty(key, system.getProperty(key));
            }
        }
        builder.properties().add(settings, "system properties");
        return builder;
    }

    private static void addResource(PoolBuilder builder) {
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        InputStream found = context == null ? null : context.getResourceAsStream(RESOURCE);
        if (found == null) {
            found = ClassLoader.getSystemResourceAsStream(RESOURCE);
        }
        if (found == null) {
            return;
        }
        try (InputStream in = found) {
            builder.properties().addStream(in, RESOURCE + " on the class path");
        } catch (IOException e) {
            throw new McpConfigurationException("Configuration " + RESOURCE + " cannot be read: " + e, e);
        }
    }
}
