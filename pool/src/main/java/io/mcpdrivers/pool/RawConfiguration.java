package io.mcpdrivers.pool;

import io.mcpdrivers.McpConfigurationException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.management.MalformedObjectNameException;
import javax.management.ObjectName;
import org.jspecify.annotations.Nullable;

/**
 * What was read, before it is put together: what stands in a later source replaces what stands in an earlier, setting by
 * setting. A setting of the pool that cannot be used fails at once, one of a server when that server is wanted.
 */
final class RawConfiguration {

    /** By the setting's proper name, so that a later source replaces it whatever name it uses. */
    private final Map<String, List<GivenSetting>> pool = new TreeMap<>();

    private final Map<String, ServerDefinition> servers = new TreeMap<>();
    private final StringBuilder sources = new StringBuilder();

    /** Notes for messages where all of this stands. */
    void addSource(String source) {
        sources.append(sources.isEmpty() ? "" : ", ").append(source);
    }

    /** Adds settings of the pool by their proper names. */
    void addPool(Map<String, List<GivenSetting>> settings) {
        pool.putAll(settings);
    }

    void addServers(Map<String, ServerDefinition> more) {
        more.forEach((name, definition) -> servers.merge(name, definition, (earlier, later) -> later.over(earlier)));
    }

    /** A setting of the pool as it was written, or null. */
    @Nullable
    String poolSetting(String name) {
        List<GivenSetting> given = pool.get(name);
        return given == null ? null : GivenSetting.one(given).value();
    }

    /** Commons Pool says nothing of a name that is none, and takes another one of its own. */
    private void checkJmxName(SettingValues settings) {
        if (!settings.bool(PoolSetting.JMX_ENABLED)) {
            return;
        }
        String name = settings.string(PoolSetting.JMX_NAME_BASE) + settings.string(PoolSetting.JMX_NAME_PREFIX);
        String reason = null;
        // The second pool of that name gets a number.
        for (String each : List.of(name, name + 2)) {
            try {
                if (new ObjectName(each).isPattern()) {
                    reason = "it is a pattern";
                }
            } catch (MalformedObjectNameException e) {
                reason = e.getMessage();
            }
        }
        if (reason != null) {
            throw new McpConfigurationException(
                    "Settings 'jmxNameBase' and 'jmxNamePrefix' give '" + name + "', which is no name of JMX: " + reason
                            + "; expected is for example io.mcpdrivers:type=McpPool,name=pool"
                            + (sources.isEmpty() ? "" : " (" + sources + ")"),
                    null);
        }
    }

    /**
     * Puts together what was added.
     *
     * @param inCode settings of the pool that count more
     * @throws McpConfigurationException if a setting of the pool cannot be used
     */
    PoolConfiguration build(SettingValues inCode, Variables variables) {
        SettingValues read = new SettingValues(null);
        for (List<GivenSetting> same : pool.values()) {
            GivenSetting given = GivenSetting.one(same);
            read.set(given.name(), given.value(), given.where());
        }
        SettingValues settings = new SettingValues(read);
        settings.setAll(inCode);
        checkJmxName(settings);
        Map<String, ServerEntry> entries = new TreeMap<>();
        servers.forEach((name, definition) -> entries.put(name, ServerEntry.of(name, definition, variables)));
        return new PoolConfiguration(
                settings, entries, sources.isEmpty() ? "no configuration file" : sources.toString());
    }
}
