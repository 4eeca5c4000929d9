package io.mcpdrivers.pool;

import io.mcpdrivers.ConnectionOptions;
import io.mcpdrivers.McpConfigurationException;
import io.mcpdrivers.engine.Connector;
import io.mcpdrivers.engine.ServerTarget;
import io.mcpdrivers.spi.McpUri;
import io.mcpdrivers.spi.McpUriException;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the server that a name or URI means. What a text leads to is remembered; placeholders are filled in each time,
 * since the environment may have changed. Thread-safe.
 */
final class ServerDirectory {

    /** Texts are forgotten when there are more than this, so that URIs made up for each call do not pile up. */
    private static final int MOST_ROUTES = 65_536;

    private static final Logger log = LoggerFactory.getLogger(ServerDirectory.class);

    private volatile PoolConfiguration configuration;
    private final PoolServices services;
    private final Map<ServerKey, ServerPool> servers;
    private final Map<String, Route> routes = new ConcurrentHashMap<>();
    /** What the configured names were last used for. */
    private final Map<String, ServerPool> named = new ConcurrentHashMap<>();

    /** What turns the configured names on and off. */
    private final Map<String, ServerSwitch> switches = new ConcurrentHashMap<>();

    private final Map<ServerKey, Boolean> warned = new ConcurrentHashMap<>();

    ServerDirectory(PoolConfiguration configuration, PoolServices services, Map<ServerKey, ServerPool> servers) {
        this.configuration = configuration;
        this.services = services;
        this.servers = servers;
    }

    static boolean isUri(String text) {
        return text.regionMatches(true, 0, "mcp:", 0, 4);
    }

    /**
     * Finds what a text means.
     *
     * @param uriOrServerName a URI that begins with {@code mcp:}, or a configured server's name
     * @throws McpConfigurationException if it means nothing
     */
    Route route(String uriOrServerName) {
        Route known = routes.get(uriOrServerName);
        if (known != null) {
            return known;
        }
        if (!isUri(uriOrServerName)) {
            return ofEntry(uriOrServerName, null, uriOrServerName);
        }
        McpUri uri;
        try {
            uri = McpUri.parse(uriOrServerName);
        } catch (McpUriException e) {
            throw new McpConfigurationException(String.valueOf(e.getMessage()), e);
        }
        return route(uri, uriOrServerName);
    }

    /** As {@link #route(String)}, of a URI that was read already. */
    Route route(McpUri uri) {
        // The canonical form is as good as any, and shorter to make than the way from a URI to a server.
        String text = uri.canonical();
        Route known = routes.get(text);
        return known != null ? known : route(uri, text);
    }

    private Route route(McpUri uri, String text) {
        return uri.scheme().equals("server")
                ? ofEntry(uri.target(), uri, text)
                : resolved(text, uri, null, ConnectionOptions.defaults());
    }

    /** Finds what a URI means now, given what its placeholders stand for. */
    private Route resolved(String text, McpUri uri, @Nullable String name, ConnectionOptions options) {
        McpUri resolved;
        try {
            resolved = uri.resolve();
        } catch (McpUriException e) {
            throw new McpConfigurationException(String.valueOf(e.getMessage()), e);
        }
        // A URI without placeholders always means the same, so its text is enough to know it by.
        String known = resolved.equals(uri) ? text : (name == null ? "" : name + " ") + resolved.canonical();
        Route route = routes.get(known);
        if (route == null) {
            route = find(resolved, name, options);
            if (routes.size() >= MOST_ROUTES) {
                routes.clear();
            }
            routes.put(known, route);
            if (name != null && !configuration.servers().containsKey(name)) {
                // It was removed in this very moment.
                routes.remove(known);
                configuration.server(name);
            }
        }
        return route;
    }

    /** The route to a configured server, with the parameters of a {@code mcp:server:} URI on top of its own. */
    private Route ofEntry(String name, @Nullable McpUri with, String text) {
        ServerEntry entry = configuration.server(name);
        McpUri uri = entry.uri();
        if (with != null && !with.parameterNames().isEmpty()) {
            McpUri.Builder builder = uri.toBuilder();
            for (String parameter : with.parameterNames()) {
                builder.set(parameter, Objects.requireNonNull(with.parameter(parameter)));
            }
            uri = builder.build();
        }
        try {
            Route route = resolved(text, uri, name, entry.options());
            route.server().configuredAs(name, route.toggle());
            named.put(name, route.server());
            return route;
        } catch (McpConfigurationException e) {
            throw entry.broken(String.valueOf(e.getMessage()), e);
        }
    }

    private Route find(McpUri uri, @Nullable String name, ConnectionOptions options) {
        ServerTarget target = Connector.prepare(uri, name, options);
        // The application's code is known to belong to this name; nothing else tells whose it is.
        boolean ownCode = options != ConnectionOptions.defaults();
        ServerKey key = ServerKey.of(target.identity() + (ownCode ? "\nwith options of " + name : ""), target.name());
        SettingValues settings = SettingValues.of(target.uri(), configuration.settings());
        ServerPool server = Objects.requireNonNull(servers.compute(
                key,
                (k, known) ->
                        known != null && !known.isGone() ? known : new ServerPool(services, key, target, settings)));
        warnOfOtherSettings(server, settings, target);
        ServerSwitch named = name == null ? null : switchOf(name);
        return new Route(this, server, target, settings.nanos(PoolSetting.MAX_WAIT), named);
    }

    /** What turns a configured name on and off. */
    ServerSwitch switchOf(String name) {
        return switches.computeIfAbsent(name, unused -> new ServerSwitch());
    }

    /** Whether a configured server may be used. */
    boolean isEnabled(ServerEntry entry) {
        boolean configured =
                entry.error() != null || !"false".equals(entry.uri().parameter(PoolSetting.ENABLED.settingName()));
        ServerSwitch known = switches.get(entry.name());
        return known == null ? configured : known.isOn(configured);
    }

    /** All that connections were made to by a configured name, whose placeholders may have stood for several values. */
    Set<ServerPool> allOf(String name) {
        ServerSwitch toggle = switchOf(name);
        Set<ServerPool> found = new HashSet<>();
        for (ServerPool server : servers.values()) {
            if (server.toggle() == toggle) {
                found.add(server);
            }
        }
        for (Route route : routes.values()) {
            if (route.toggle() == toggle) {
                found.add(route.server());
            }
        }
        return found;
    }

    /**
     * Forgets a configured server. Who holds a route to it is told that it was removed.
     *
     * @return what connections were made to
     * @throws McpConfigurationException if there is none of that name
     */
    Set<ServerPool> remove(String name) {
        configuration.server(name);
        synchronized (this) {
            configuration = configuration.without(name);
        }
        Set<ServerPool> found = allOf(name);
        ServerSwitch toggle = switchOf(name);
        toggle.remove();
        switches.remove(name, toggle);
        named.remove(name);
        routes.values().removeIf(route -> route.toggle() == toggle);
        return found;
    }

    /** The successor of a server that was dropped for not having been used. */
    ServerPool renew(ServerPool dropped) {
        return Objects.requireNonNull(servers.compute(
                dropped.key(),
                (k, known) -> known != null && !known.isGone()
                        ? known
                        : new ServerPool(services, dropped.key(), dropped.target(), dropped.settingValues())));
    }

    private void warnOfOtherSettings(ServerPool server, SettingValues settings, ServerTarget target) {
        settings.given().forEach((setting, value) -> {
            Object inUse = server.settingValues().get(setting);
            // How long a caller waits is its own affair.
            if (setting != PoolSetting.MAX_WAIT
                    && !value.equals(inUse)
                    && warned.putIfAbsent(server.key(), true) == null) {
                log.warn(
                        "Server '{}' is used with {}={}, as it was given first; {}={} of '{}' has no effect. Connections"
                                + " to one server have the same settings",
                        server.name(),
                        setting.settingName(),
                        SettingValues.text(inUse),
                        setting.settingName(),
                        SettingValues.text(value),
                        target.uri());
            }
        });
    }

    PoolConfiguration configuration() {
        return configuration;
    }

    Collection<ServerPool> servers() {
        return servers.values();
    }

    /** The server behind a configured name, if anybody has used it by that name. */
    @Nullable
    ServerPool used(String name) {
        return named.get(name);
    }

    /** The server that a name or URI has led to, if anybody has used it. */
    @Nullable
    ServerPool known(String uriOrServerName) {
        ServerPool server = named.get(uriOrServerName);
        if (server != null) {
            return server;
        }
        Route route = routes.get(uriOrServerName);
        return route == null ? null : route.server();
    }

    /** Forgets the servers that were not used for a time and have no connection. */
    void dropUnused(long nanos) {
        servers.values().removeIf(server -> server.dropIfUnused(nanos));
        routes.values().removeIf(route -> route.server().isGone());
        named.values().removeIf(ServerPool::isGone);
    }
}
