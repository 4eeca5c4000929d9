package io.mcpdrivers.pool;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes over a configuration that has changed. What is in use is replaced in one step, if nobody else has replaced it
 * meanwhile; what follows for servers and connections goes by what is in use then, so that two at a time do no harm.
 * Thread-safe.
 */
final class Reload {

    private static final Logger log = LoggerFactory.getLogger(Reload.class);

    private final ConfigurationSources sources;
    private final ServerDirectory directory;
    private final PoolServices services;

    Reload(ConfigurationSources sources, ServerDirectory directory, PoolServices services) {
        this.sources = sources;
        this.directory = directory;
        this.services = services;
    }

    /** The difference between two configurations. */
    private static final class Difference {
        final PoolConfiguration before;
        final PoolConfiguration after;
        final Set<String> added = new TreeSet<>();
        final Set<String> changed = new TreeSet<>();
        final Set<String> removed = new TreeSet<>();
        /** Those of the changed ones whose connections are good for nothing any more. */
        final Set<String> replaced = new TreeSet<>();

        final Map<String, String> failed = new TreeMap<>();
        final Set<String> settings = new TreeSet<>();
        final Set<String> ignored = new TreeSet<>();

        Difference(PoolConfiguration before, PoolConfiguration read) {
            this.before = before;
            Map<String, ServerEntry> entries = new TreeMap<>(read.servers());
            read.servers().forEach((name, entry) -> look(name, entry, entries));
            removed.addAll(before.servers().keySet());
            removed.removeAll(read.servers().keySet());
            this.after = read.with(entries);
            for (PoolSetting setting : PoolSetting.values()) {
                if (!before.settings().get(setting).equals(read.settings().get(setting))) {
                    (setting.isChangeable() ? settings : ignored).add(setting.settingName());
                }
            }
        }

        private void look(String name, ServerEntry entry, Map<String, ServerEntry> entries) {
            ServerEntry old = before.servers().get(name);
            String error = entry.error();
            if (error != null) {
                failed.put(name, error + " (" + entry.where() + ")");
                if (old != null && old.error() == null) {
                    entries.put(name, old);
                    return;
                }
            }
            if (old == null) {
                added.add(name);
            } else if (!entry.isSameServerAs(old) || old.isFileOutdated()) {
                changed.add(name);
                replaced.add(name);
            } else if (!entry.isSameAs(old)) {
                changed.add(name);
            }
        }

        /** Whether a server that is no longer configured by a name is so by another. */
        boolean isConfiguredElsewhere(String name) {
            ServerEntry old = before.servers().get(name);
            return old != null
                    && after.servers().values().stream()
                            .anyMatch(entry -> !entry.name().equals(name) && entry.isSameServerAs(old));
        }

        ReloadResult result() {
            return new ReloadResult(added, changed, removed, failed, settings, ignored);
        }
    }

    ReloadResult run() {
        while (true) {
            Difference difference = new Difference(directory.configuration(), sources.read());
            Map<String, Set<ServerPool>> users = new HashMap<>();
            difference.replaced.forEach(name -> users.put(name, directory.allOf(name)));
            difference.removed.forEach(name -> users.put(name, directory.allOf(name)));
            if (directory.replace(difference.before, difference.after)) {
                apply(difference, users);
                ReloadResult result = difference.result();
                log(result);
                return result;
            }
        }
    }

    private void apply(Difference difference, Map<String, Set<ServerPool>> users) {
        users.forEach((name, servers) -> {
            Set<ServerPool> all = new HashSet<>(servers);
            // Somebody may have come in between.
            all.addAll(directory.allOf(name));
            boolean isRemoved = difference.removed.contains(name);
            if (isRemoved) {
                directory.forget(name);
            }
            all.forEach(server -> server.disown(name));
            if (difference.isConfiguredElsewhere(name)) {
                return;
            }
            for (ServerPool server : all) {
                server.retire();
                if (isRemoved) {
                    server.lending().withdraw(Refusals.removed(server.name()));
                }
            }
        });
        SettingValues settings = directory.configuration().settings();
        services.idle().lifo(settings.bool(PoolSetting.LIFO));
        // A lower limit counts before any other setting, a higher one after all: else more connections could be started
        // in
        // between than either configuration allows.
        int maxTotal = ServerSettings.orUnlimited(settings.integer(PoolSetting.MAX_TOTAL));
        services.permits().max(Math.min(maxTotal, services.permits().max()));
        for (ServerPool server : directory.servers()) {
            if (!server.isRetired()) {
                configure(server);
            }
        }
        services.permits().max(maxTotal);
    }

    private void configure(ServerPool server) {
        PoolConfiguration now = directory.configuration();
        String owner = server.owner();
        ServerEntry entry = owner == null ? null : now.servers().get(owner);
        boolean enabled = server.isEnabled();
        try {
            server.configure(
                    server.target(),
                    entry != null && entry.error() == null
                            ? entry.settings(now.settings())
                            : SettingValues.of(server.target().uri(), now.settings()));
        } catch (RuntimeException e) {
            // Whoever asks for it is told.
            log.debug("The settings of server '{}' stay as they were: {}", server.name(), e.getMessage());
        }
        if (enabled && !server.isEnabled()) {
            server.lending().evictAll(EvictionReason.WITHDRAWN);
        }
    }

    private static void log(ReloadResult result) {
        if (!result.isUnchanged()) {
            log.info(
                    "The configuration was read again: added {}, changed {}, removed {}, settings {}",
                    result.added(),
                    result.changed(),
                    result.removed(),
                    result.settings());
        }
        result.failed().forEach((name, reason) -> log.warn("Server '{}' cannot be configured: {}", name, reason));
        if (!result.ignoredSettings().isEmpty()) {
            log.warn("Settings that were changed and count only when the pool is made: {}", result.ignoredSettings());
        }
    }
}
