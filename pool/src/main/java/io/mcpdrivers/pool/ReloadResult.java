package io.mcpdrivers.pool;

import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What {@link McpPool#reload()} has changed. Holds no secret.
 *
 * @param added servers that were not there before
 * @param changed servers that are configured otherwise now, be it what they are or only their settings
 * @param removed servers that are no longer configured
 * @param failed servers whose entry is broken, with the reason; one that worked before stays as it was
 * @param settings settings of the pool that have changed
 * @param ignoredSettings settings of the pool that were changed and that count only when a pool is made
 */
public record ReloadResult(
        Set<String> added,
        Set<String> changed,
        Set<String> removed,
        Map<String, String> failed,
        Set<String> settings,
        Set<String> ignoredSettings) {

    /** Copies what is given. */
    public ReloadResult {
        added = Collections.unmodifiableSet(new TreeSet<>(added));
        changed = Collections.unmodifiableSet(new TreeSet<>(changed));
        removed = Collections.unmodifiableSet(new TreeSet<>(removed));
        failed = Collections.unmodifiableMap(new TreeMap<>(failed));
        settings = Collections.unmodifiableSet(new TreeSet<>(settings));
        ignoredSettings = Collections.unmodifiableSet(new TreeSet<>(ignoredSettings));
    }

    /**
     * Whether nothing has changed.
     *
     * @return true if so, whatever could not be read
     */
    public boolean isUnchanged() {
        return added.isEmpty() && changed.isEmpty() && removed.isEmpty() && settings.isEmpty();
    }
}
