package io.mcpdrivers.pool;

import io.mcpdrivers.McpConfigurationException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A setting as somebody wrote it.
 *
 * @param name the name that was used, proper or alias
 * @param value its value
 * @param where where that was written, for error messages
 */
record GivenSetting(String name, String value, String where) {

    /** Adds it to others, by its proper name. */
    void addTo(Map<String, List<GivenSetting>> settings) {
        PoolSetting setting = PoolSetting.find(name);
        settings.computeIfAbsent(setting == null ? name : setting.settingName(), n -> new ArrayList<>())
                .add(this);
    }

    /**
     * The one setting that was given, perhaps under several names.
     *
     * @throws McpConfigurationException if the values differ
     */
    static GivenSetting one(List<GivenSetting> same) {
        GivenSetting first = same.get(0);
        for (GivenSetting other : same) {
            if (!first.meaning().equals(other.meaning())) {
                throw new McpConfigurationException(
                        "'" + first.name + "' and '" + other.name
                                + "' are the same setting and have different values; keep one (" + other.where + ")",
                        null);
            }
        }
        return first;
    }

    /** Whether it stands under {@code pool} in a JSON file, or in an entry of one. */
    boolean isInJson() {
        return isInJson(name, where);
    }

    static boolean isInJson(String name, String where) {
        return where.endsWith(", key " + McpJson.POOL + "." + name);
    }

    private Object meaning() {
        PoolSetting setting = PoolSetting.find(name);
        try {
            return setting == null ? value : setting.read(name, value);
        } catch (IllegalArgumentException e) {
            return value;
        }
    }
}
