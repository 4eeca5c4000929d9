package io.mcpdrivers.pool;

import io.mcpdrivers.McpConfigurationException;
import io.mcpdrivers.engine.CommonParameters;
import io.mcpdrivers.spi.McpUri;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Settings that were given, over others that stand in where they were not. Not thread-safe until it is left alone. */
final class SettingValues {

    private final Map<PoolSetting, Object> given = new EnumMap<>(PoolSetting.class);
    private final @Nullable SettingValues fallback;

    SettingValues(@Nullable SettingValues fallback) {
        this.fallback = fallback;
    }

    /** The settings that a URI carries, over those of the pool. */
    static SettingValues of(McpUri uri, SettingValues pool) {
        SettingValues values = new SettingValues(pool);
        for (PoolSetting setting : PoolSetting.values()) {
            String value = setting.scope() == PoolSetting.Scope.SERVER ? uri.parameter(setting.settingName()) : null;
            if (value != null) {
                values.set(setting.settingName(), value, "in '" + uri + "'");
            }
        }
        return values;
    }

    /**
     * Checks that a URI carries no setting that it cannot carry; of other unknown parameters the engine tells.
     *
     * @throws McpConfigurationException if it does; says where that is set
     */
    static void checkUri(McpUri uri) {
        for (String parameter : uri.parameterNames()) {
            PoolSetting setting = PoolSetting.find(parameter);
            if (setting == null) {
                if (RefusedSettings.reason(parameter) != null) {
                    find(parameter, "in '" + uri + "'");
                }
            } else if (setting.scope() == PoolSetting.Scope.POOL) {
                throw new McpConfigurationException(
                        "Setting '" + parameter + "' is one of the whole pool and not of a URI: write mcp.pool."
                                + setting.settingName() + " in the configuration, or set it on PoolBuilder (in '" + uri
                                + "')",
                        null);
            } else if (!setting.settingName().equals(parameter)) {
                throw new McpConfigurationException(
                        "Setting '" + parameter + "' is called '" + setting.settingName() + "' in a URI (in '" + uri
                                + "')",
                        null);
            }
        }
    }

    /**
     * Sets a value, in place of one that was given before.
     *
     * @param name the setting's name or alias
     * @param value its value
     * @param where where that was written, for error messages
     * @throws McpConfigurationException if there is no such setting, or the value is none for it
     */
    void set(String name, String value, String where) {
        given.put(find(name, where), read(name, value, where));
    }

    /** Sets what was given to another. */
    void setAll(SettingValues other) {
        given.putAll(other.given);
    }

    private static Object read(String name, String value, String where) {
        try {
            return find(name, where).read(name, value);
        } catch (IllegalArgumentException e) {
            throw new McpConfigurationException("Setting '" + name + "': " + e.getMessage() + " (" + where + ")", e);
        }
    }

    /** The setting of a name; says why if there is none. */
    static PoolSetting find(String name, String where) {
        PoolSetting setting = PoolSetting.find(name);
        if (setting != null) {
            return setting;
        }
        throw new McpConfigurationException(unknown(name, where), null);
    }

    private static String unknown(String name, String where) {
        String reason = RefusedSettings.reason(name);
        if (reason != null) {
            return "Setting '" + name + "' of Commons Pool has no meaning here: " + reason + " (" + where + ")";
        }
        if (CommonParameters.PROPERTIES.stream().anyMatch(property -> property.matches(name))) {
            String place = GivenSetting.isInJson(name, where)
                    ? "\"" + McpJson.POOL + "\": {\"" + name + "\": ..} in the server's entry"
                    : "mcp.server.<name>." + name;
            return "'" + name + "' is a parameter of one server and no setting of the whole pool: write " + place
                    + ", or put it into the server's URI (" + where + ")";
        }
        String hint = NearestName.suggestion(name, PoolSetting.names());
        return "Unknown setting '" + name + "' (" + where + ")."
                + (hint.isEmpty() ? " Known: " + String.join(", ", PoolSetting.names()) + "." : hint);
    }

    /** What was given here, not elsewhere. */
    Map<PoolSetting, Object> given() {
        return Collections.unmodifiableMap(given);
    }

    Object get(PoolSetting setting) {
        Object value = given.get(setting);
        if (value != null) {
            return value;
        }
        return fallback != null ? fallback.get(setting) : setting.defaultObject();
    }

    int integer(PoolSetting setting) {
        return (Integer) get(setting);
    }

    long size(PoolSetting setting) {
        return (Long) get(setting);
    }

    boolean bool(PoolSetting setting) {
        return (Boolean) get(setting);
    }

    String string(PoolSetting setting) {
        return (String) get(setting);
    }

    Duration duration(PoolSetting setting) {
        return (Duration) get(setting);
    }

    /** A duration in nanoseconds, at most a hundred years. */
    long nanos(PoolSetting setting) {
        return nanos(duration(setting));
    }

    static long nanos(Duration duration) {
        Duration longest = Duration.ofDays(36_500);
        return (duration.compareTo(longest) > 0 ? longest : duration).toNanos();
    }

    /** A value as a user would write it. */
    static String text(Object value) {
        if (value instanceof Duration duration) {
            long millis = duration.toMillis();
            return millis % 1000 == 0 ? millis / 1000 + "s" : millis + "ms";
        }
        return Objects.toString(value);
    }
}
