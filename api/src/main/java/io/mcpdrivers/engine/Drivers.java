package io.mcpdrivers.engine;

import io.mcpdrivers.McpConfigurationException;
import io.mcpdrivers.PoolProvider;
import io.mcpdrivers.spi.DriverProperty;
import io.mcpdrivers.spi.McpDriver;
import io.mcpdrivers.spi.McpUri;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The drivers there are. Those that this library's own class loader or module layer sees are loaded once; the context
 * class loader of the calling thread is asked only when none of them fits, and what it has is not kept, so that an
 * application can be unloaded.
 */
public final class Drivers {

    private static final Logger log = LoggerFactory.getLogger(Drivers.class);

    /** What has the driver of a scheme. */
    private static final Map<String, String> ARTIFACTS = Map.of(
            "stdio",
            "mcp-driver-stdio",
            "http",
            "mcp-driver-http",
            "https",
            "mcp-driver-http",
            "sse",
            "mcp-driver-http");

    private static final CopyOnWriteArrayList<McpDriver> DRIVERS = new CopyOnWriteArrayList<>();
    private static boolean loaded;
    private static @Nullable PoolProvider poolProvider;
    private static boolean poolProviderLoaded;

    private Drivers() {}

    /**
     * Adds a driver in front of those that were found.
     *
     * @param driver the driver
     */
    public static void register(McpDriver driver) {
        load();
        DRIVERS.add(0, Objects.requireNonNull(driver, "driver"));
    }

    /**
     * Removes a driver, whether it was registered or found. Connections that it has opened go on.
     *
     * @param driver the driver
     * @return false if it was not there
     */
    public static boolean deregister(McpDriver driver) {
        load();
        return DRIVERS.remove(driver);
    }

    /**
     * The drivers that were registered or found.
     *
     * @return a snapshot
     */
    public static List<McpDriver> all() {
        load();
        return List.copyOf(DRIVERS);
    }

    /**
     * Whether there is a driver for a URI, for the calling thread.
     *
     * @param uri the URI
     * @return false if none accepts it
     */
    public static boolean isAccepted(McpUri uri) {
        return first(all(), uri) != null || first(ofContextClassLoader(), uri) != null;
    }

    private static @Nullable McpDriver first(List<McpDriver> drivers, McpUri uri) {
        for (McpDriver driver : drivers) {
            if (accepts(driver, uri)) {
                return driver;
            }
        }
        return null;
    }

    static McpDriver find(McpUri uri) {
        McpDriver own = first(all(), uri);
        if (own != null) {
            return own;
        }
        List<McpDriver> ofContext = ofContextClassLoader();
        McpDriver other = first(ofContext, uri);
        if (other != null) {
            return other;
        }
        TreeSet<String> schemes = new TreeSet<>();
        all().forEach(driver -> addSchemes(driver, schemes));
        ofContext.forEach(driver -> addSchemes(driver, schemes));
        throw new McpConfigurationException(
                schemes.isEmpty()
                        ? "No driver accepts '" + uri + "', since none was found; put "
                                + ARTIFACTS.getOrDefault(uri.scheme(), "for example mcp-driver-stdio")
                                + " on the class path or module path"
                        : "No driver accepts '" + uri + "'. Available: " + String.join(", ", schemes)
                                + nextStep(uri.scheme(), schemes),
                null);
    }

    private static String nextStep(String scheme, Set<String> schemes) {
        String artifact = schemes.contains(scheme) ? null : ARTIFACTS.get(scheme);
        return artifact == null
                ? Text.didYouMean(scheme, schemes)
                : "; put " + artifact + " on the class path or module path";
    }

    private static boolean accepts(McpDriver driver, McpUri uri) {
        try {
            return driver.accepts(uri);
        } catch (RuntimeException | LinkageError e) {
            log.warn(
                    "Driver {} failed to look at '{}' and is passed over",
                    driver.getClass().getName(),
                    uri,
                    e);
            return false;
        }
    }

    private static void addSchemes(McpDriver driver, Set<String> schemes) {
        try {
            schemes.addAll(driver.schemes());
        } catch (RuntimeException | LinkageError e) {
            log.warn("Driver {} failed to name its schemes", driver.getClass().getName(), e);
        }
    }

    private static List<McpDriver> ofContextClassLoader() {
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        return context == null || context == Drivers.class.getClassLoader()
                ? List.of()
                : load(ServiceLoader.load(McpDriver.class, context), "driver");
    }

    private static synchronized void load() {
        if (!loaded) {
            loaded = true;
            DRIVERS.addAll(load(ServiceLoader.load(McpDriver.class, Drivers.class.getClassLoader()), "driver"));
            ModuleLayer layer = Drivers.class.getModule().getLayer();
            if (layer != null) {
                for (McpDriver driver : load(ServiceLoader.load(layer, McpDriver.class), "driver")) {
                    if (DRIVERS.stream().noneMatch(known -> known.getClass() == driver.getClass())) {
                        DRIVERS.add(driver);
                    }
                }
            }
        }
    }

    /** Takes what can be loaded; what cannot is logged and left out. */
    private static <T> List<T> load(ServiceLoader<T> loader, String what) {
        List<T> found = new ArrayList<>();
        Iterator<T> providers = loader.iterator();
        // An error in a configuration file is met at each look behind it; more than this many are not looked past.
        for (int errors = 0; errors < 100; ) {
            try {
                if (!providers.hasNext()) {
                    break;
                }
                found.add(providers.next());
            } catch (ServiceConfigurationError | RuntimeException | LinkageError e) {
                errors++;
                log.warn("A {} cannot be loaded and is left out: {}", what, e.getMessage(), e);
            }
        }
        return found;
    }

    /**
     * The pool, if there is one.
     *
     * @return what leases connections, or null if the pool module is not there
     */
    public static synchronized @Nullable PoolProvider poolProvider() {
        if (!poolProviderLoaded) {
            poolProvider = first(ServiceLoader.load(PoolProvider.class, Drivers.class.getClassLoader()));
            poolProviderLoaded = true;
        }
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        if (poolProvider == null && context != null && context != Drivers.class.getClassLoader()) {
            // Another thread's context may know none, so that none is not remembered.
            poolProvider = first(ServiceLoader.load(PoolProvider.class, context));
        }
        return poolProvider;
    }

    private static @Nullable PoolProvider first(ServiceLoader<PoolProvider> loader) {
        List<PoolProvider> found = load(loader, "pool");
        return found.isEmpty() ? null : found.get(0);
    }

    static List<DriverProperty> poolProperties() {
        PoolProvider provider = poolProvider();
        return provider == null ? List.of() : provider.properties();
    }
}
