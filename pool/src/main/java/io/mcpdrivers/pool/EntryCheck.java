package io.mcpdrivers.pool;

import io.mcpdrivers.McpConfigurationException;
import io.mcpdrivers.McpDrivers;
import io.mcpdrivers.engine.CommonParameters;
import io.mcpdrivers.engine.Connector;
import io.mcpdrivers.engine.Drivers;
import io.mcpdrivers.spi.DriverProperty;
import io.mcpdrivers.spi.McpDriver;
import io.mcpdrivers.spi.McpUri;
import io.mcpdrivers.spi.McpUriException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds what is wrong with a server of the configuration in any case. Nothing is looked up, nobody asked and no file read,
 * so that what depends on these is not found.
 */
final class EntryCheck {

    private static final Logger log = LoggerFactory.getLogger(EntryCheck.class);

    private EntryCheck() {}

    /**
     * Checks a server's URI with its settings in it.
     *
     * @param placeholders is given each placeholder, for example {@code env:NAME}, and throws if there is no such one
     * @throws McpConfigurationException if it cannot be used
     * @throws McpUriException if it cannot be used
     */
    static void check(McpUri uri, @Nullable String envFile, Consumer<String> placeholders) {
        SettingValues.checkUri(uri);
        checkForms("target", uri.target(), placeholders);
        if (envFile != null) {
            checkForms("envFile", envFile, placeholders);
        }
        for (String name : uri.parameterNames()) {
            uri.parameters(name).forEach(value -> checkForms(name, value, placeholders));
        }
        SettingValues values = new SettingValues(null);
        for (PoolSetting setting : PoolSetting.values()) {
            String value = uri.parameter(setting.settingName());
            if (value != null && !value.contains("${")) {
                values.set(setting.settingName(), value, "in '" + uri + "'");
            }
        }
    }

    /**
     * Checks a server's parameters by its driver.
     *
     * @return null if there is nothing to be said; that there is no driver, of which one may be registered later
     * @throws McpConfigurationException if its driver does not take them
     */
    static @Nullable String checkParameters(McpUri uri) {
        try {
            Connector.check(uri);
            return null;
        } catch (McpConfigurationException e) {
            if (Drivers.isAccepted(uri)) {
                throw e;
            }
            return e.getMessage();
        }
    }

    /** What is wrong, with the place of the setting it speaks of, if that was given apart from the URI. */
    static String located(@Nullable String reason, Map<String, List<GivenSetting>> given) {
        String said = String.valueOf(reason);
        for (Map.Entry<String, List<GivenSetting>> setting : given.entrySet()) {
            String where = setting.getValue().get(0).where();
            if (said.contains("arameter '" + setting.getKey() + "'") && !said.contains(where)) {
                return said + " (" + where + ")";
            }
        }
        return said;
    }

    /** Names what is mistyped while somebody looks; what is none of ours may be of a driver that is registered later. */
    static void warnOfUnknown(String name, Map<String, List<GivenSetting>> given) {
        Set<String> known = null;
        for (Map.Entry<String, List<GivenSetting>> entry : given.entrySet()) {
            String key = entry.getKey();
            if (key.equals("uri") || PoolSetting.find(key) != null) {
                continue;
            }
            known = known == null ? parameterNames() : known;
            if (known.stream()
                    .anyMatch(parameter -> parameter.endsWith(".*")
                            ? key.startsWith(parameter.substring(0, parameter.length() - 1))
                            : parameter.equals(key))) {
                continue;
            }
            String hint = NearestName.suggestion(key, known);
            if (!hint.isEmpty()) {
                log.warn(
                        "Server '{}': unknown setting '{}' ({}).{}",
                        name,
                        key,
                        entry.getValue().get(0).where(),
                        hint);
            }
        }
    }

    private static Set<String> parameterNames() {
        List<DriverProperty> properties = new ArrayList<>(CommonParameters.PROPERTIES);
        properties.addAll(PoolSetting.uriProperties());
        for (McpDriver driver : McpDrivers.drivers()) {
            try {
                properties.addAll(driver.properties());
            } catch (RuntimeException | LinkageError e) {
                log.debug(
                        "Driver {} failed to name its parameters",
                        driver.getClass().getName(),
                        e);
            }
        }
        Set<String> names = new TreeSet<>();
        properties.forEach(property -> names.add(property.name()));
        return names;
    }

    private static void checkForms(String name, String value, Consumer<String> placeholders) {
        if (!value.contains("${")) {
            return;
        }
        // What is empty lets the default be read, too.
        McpUri alone = McpUri.builder("settings", "of").add(name, value).build();
        McpUri unused = alone.resolve(qualified -> {
            placeholders.accept(qualified);
            return "";
        });
    }
}
