package io.mcpdrivers.pool;

import io.mcpdrivers.McpConfigurationException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * The pool behind {@code McpDrivers.getConnection}. It is made at first use from {@code mcp.json} and
 * {@code mcp-drivers.properties} on the class path, of which the second counts more, or from the file that the system property
 * {@code mcp.config} names; system properties {@code mcp.pool.*} and {@code mcp.server.*} count more than files. It is
 * closed when the JVM exits.
 */
final class DefaultPool {

    private static final String JSON = "mcp.json";
    private static final String PROPERTIES = "mcp-drivers.properties";

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
            builder.load(Path.of(file));
        } else {
            builder.source(raw -> {
                String text = resource(JSON);
                if (text != null) {
                    McpJson.addText(text, JSON + " on the class path", null, null, raw);
                }
            });
            builder.source(raw -> {
                String text = resource(PROPERTIES);
                if (text != null) {
                    PropertiesConfiguration.addText(text, PROPERTIES + " on the class path", raw);
                }
            });
        }
        return builder.systemProperties(system);
    }

    private static @Nullable String resource(String name) {
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        InputStream found = context == null ? null : context.getResourceAsStream(name);
        if (found == null) {
            found = ClassLoader.getSystemResourceAsStream(name);
        }
        if (found == null) {
            return null;
        }
        try (InputStream in = found) {
            return SourceFile.read(in, name);
        } catch (IOException e) {
            throw new McpConfigurationException("Configuration " + name + " cannot be read: " + e, e);
        }
    }
}
