package io.mcpdrivers.pool;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes over a configuration that has changed. It is read without a lock. Then it is put in the place of what is in use, if
 * nobody else has replaced that meanwhile, and whatever follows for servers and connections is done before another may
 * come, so that the last one in use is also the last one applied. Thread-safe.
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
            ServerEntry.Failure obstacle = entry.failure();
            if (error == null && obstacle != null && old != null && old.error() == null && !entry.isSameServerAs(old)) {
                // There is no driver for it, while there was one for what it takes the place of.
                error = obstacle.reason();
            }
            if (error != null) {
                failed.put(name, entry.placed(error));
                if (old != null && old.error() == null) {
                    entries.put(name, old);
                }
                return;
            }
            if (old == null) {
                added.add(name);
            } else if (!entry.isSameServerAs(old) || old.isFileOutdated()) {
                changed.add(name);
                replaced.add(name);
            } else if (!entry.isSameAs(old)) {
                changed.add(name);
                entry.succeedServer(old);
            } else {
                entry.succeed(old);
            }
        }

        /** By which name a server is configured that is no longer so by another; null if by none. */
        @Nullable
        String otherName(String name) {
            ServerEntry old = before.servers().get(name);
            if (old != null) {
                for (ServerEntry entry : after.servers().values()) {
                    if (!entry.name().equals(name) && entry.isSameServerAs(old)) {
                        return entry.name();
                    }
                }
            }
            return null;
        }

        ReloadResult result() {
            return new ReloadResult(added, changed, removed, failed, settings, ignored);
        }
    }

    ReloadResult run() {
        while (true) {
            Difference difference = new Difference(directory.configuration(), sources.read());
            Map<String, SettingValues> settings = settings(difference.after);
            if (replace(difference, settings)) {
                ReloadResult result = difference.result();
                log(result);
                return result;
            }
        }
    }

    private boolean replace(Difference difference, Map<String, SettingValues> settings) {
        synchronized (directory.applying) {
            Map<String, Set<ServerPool>> users = new HashMap<>();
            difference.replaced.forEach(name -> users.put(name, directory.allOf(name)));
            difference.removed.forEach(name -> users.put(name, directory.allOf(name)));
            if (!directory.replace(difference.before, difference.after)) {
                return false;
            }
            apply(difference, users, settings);
            return true;
        }
    }

    /** What the configured servers that are in use are set to; somebody may have to be asked for that. */
    private Map<String, SettingValues> settings(PoolConfiguration configuration) {
        Map<String, SettingValues> settings = new HashMap<>();
        for (ServerEntry entry : configuration.servers().values()) {
            if (entry.error() != null || entry.asks() && directory.used(entry.name()) == null) {
                continue;
            }
            try {
                settings.put(entry.name(), entry.settings(configuration.settings()));
            } catch (RuntimeException e) {
                // Whoever asks for it is told.
                log.debug("The settings of server '{}' stay as they were: {}", entry.name(), e.getMessage());
            }
        }
        return settings;
    }

    private void apply(
            Difference difference, Map<String, Set<ServerPool>> users, Map<String, SettingValues> settingsByName) {
        users.forEach((name, servers) -> {
            Set<ServerPool> all = new HashSet<>(servers);
            // Somebody may have come in between.
            all.addAll(directory.allOf(name));
            boolean isRemoved = difference.removed.contains(name);
            if (isRemoved) {
                directory.forget(name);
            }
            all.forEach(server -> server.disown(name));
            String other = difference.otherName(name);
            if (other != null) {
                all.forEach(server -> rename(server, name, other));
                return;
            }
            for (ServerPool server : all) {
                server.retire();
                if (isRemoved) {
                    server.lending().withdraw(Refusals.removed(server.name()));
                }
            }
        });
        directory.reviveFound();
        SettingValues settings = directory.configuration().settings();
        services.idle().lifo(settings.bool(PoolSetting.LIFO));
        // A lower limit counts before any other setting, a higher one after all: else more connections could be started
        // in between than either configuration allows.
        int maxTotal = ServerSettings.orUnlimited(settings.integer(PoolSetting.MAX_TOTAL));
        services.permits().max(Math.min(maxTotal, services.permits().max()));
        for (ServerPool server : directory.servers()) {
            if (!server.isRetired()) {
                configure(server, settings, settingsByName);
            }
        }
        services.permits().max(maxTotal);
    }

    /** Has a server that is known by a name which means it no longer be known by another. */
    private void rename(ServerPool server, String name, String other) {
        if (server.name().equals(name)) {
            server.configuredAs(other, directory.switchOf(other));
        }
        server.claim(other);
    }

    private void configure(ServerPool server, SettingValues pool, Map<String, SettingValues> settingsByName) {
        String owner = server.owner();
        ServerEntry entry =
                owner == null ? null : directory.configuration().servers().get(owner);
        boolean isConfigured = entry != null && entry.error() == null;
        SettingValues configured = owner == null ? null : settingsByName.get(owner);
        if (isConfigured && configured == null) {
            // They cannot be told, as was logged.
            return;
        }
        boolean enabled = server.isEnabled();
        try {
            server.configure(
                    server.target(),
                    configured != null
                            ? configured
                            : SettingValues.of(server.target().uri(), pool));
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
        result.failed().forEach(Reload::warnOfBroken);
        if (!result.ignoredSettings().isEmpty()) {
            log.warn("Settings that were changed and count only when the pool is made: {}", result.ignoredSettings());
        }
    }

    /** Names those that cannot be used in what was read first. */
    static void warnOfBroken(PoolConfiguration configuration) {
        for (ServerEntry entry : configuration.servers().values()) {
            String error = entry.error();
            if (error != null) {
                warnOfBroken(entry.name(), entry.placed(error));
            }
        }
    }

    private static void warnOfBroken(String name, String reason) {
        log.warn("Server '{}' cannot be configured: {}", name, reason);
    }
}
