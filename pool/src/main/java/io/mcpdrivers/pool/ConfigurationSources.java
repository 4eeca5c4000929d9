package io.mcpdrivers.pool;

import io.mcpdrivers.McpConfigurationException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All that a pool is configured from. What code says counts more than system properties, these more than files, a later
 * file more than an earlier. Immutable; reading it again gives what stands there then.
 */
final class ConfigurationSources {

    private static final Logger log = LoggerFactory.getLogger(ConfigurationSources.class);

    private final List<ConfigurationSource> sources;
    private final SettingValues inCode;
    private final Map<String, ServerDefinition> serversInCode;
    private final Variables variables;

    /** In the order in which they count, the least first; what code says counts most. */
    ConfigurationSources(
            List<ConfigurationSource> sources,
            SettingValues inCode,
            Map<String, ServerDefinition> serversInCode,
            Variables variables) {
        this.sources = List.copyOf(sources);
        this.inCode = new SettingValues(null);
        this.inCode.setAll(inCode);
        this.serversInCode = new TreeMap<>(serversInCode);
        this.variables = variables;
    }

    /**
     * Reads everything.
     *
     * @throws McpConfigurationException if a source cannot be read, or a setting of the pool cannot be used
     */
    PoolConfiguration read() {
        RawConfiguration raw = readRaw();
        raw.addServers(serversInCode);
        return raw.build(inCode, variables);
    }

    private RawConfiguration readRaw() {
        RawConfiguration raw = new RawConfiguration();
        sources.forEach(source -> source.addTo(raw));
        return raw;
    }

    /** Whether connections may be opened without the pool, as far as that can be found out. */
    boolean allowsFallback() {
        PoolSetting setting = PoolSetting.POOL_FALLBACK;
        Object known = inCode.given().get(setting);
        if (known != null) {
            return (boolean) known;
        }
        RawConfiguration raw = new RawConfiguration();
        for (ConfigurationSource source : sources) {
            try {
                source.addTo(raw);
            } catch (McpConfigurationException e) {
                log.debug("Whether there is a fallback is not told there: {}", e.getMessage());
            }
        }
        try {
            String written = raw.poolSetting(setting.settingName());
            return (boolean) (written == null ? setting.defaultObject() : setting.read(setting.settingName(), written));
        } catch (McpConfigurationException | IllegalArgumentException e) {
            // Whoever has mistyped it has thought of it, and most likely wanted something else than the default.
            return false;
        }
    }
}
