package io.mcpdrivers.pool;

import io.mcpdrivers.ConnectionOptions;
import io.mcpdrivers.McpConfigurationException;
import io.mcpdrivers.McpTelemetry;
import io.mcpdrivers.engine.CommonParameters;
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
import java.util.function.Function;
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

    /** A configuration, and what was found by it. Another configuration begins with nothing found. */
    private static final class State {
        final PoolConfiguration configuration;
        /** Where texts lead to. */
        final Map<String, Route> routes = new ConcurrentHashMap<>();
        /** What the configured names were last used for. */
        final Map<String, ServerPool> named = new ConcurrentHashMap<>();
        /** What texts whose placeholders may stand for something else each time have led to the last time. */
        final Map<String, ServerPool> last = new ConcurrentHashMap<>();

        State(PoolConfiguration configuration) {
            this.configuration = configuration;
        }
    }

    /** Held by whoever puts a configuration in the place of another; nothing is read and nobody asked under it. */
    final Object applying = new Object();

    private volatile State state;
    private final PoolServices services;
    private final @Nullable McpTelemetry telemetry;
    private final Map<ServerKey, ServerPool> servers;

    /** What turns the configured names on and off. */
    private final Map<String, ServerSwitch> switches = new ConcurrentHashMap<>();

    private final Map<ServerKey, Boolean> warned = new ConcurrentHashMap<>();

    /**
     * Knows what is configured.
     *
     * @param telemetry what measures connections whose options name nothing else; null if nothing does
     */
    ServerDirectory(
            PoolConfiguration configuration,
            PoolServices services,
            Map<ServerKey, ServerPool> servers,
            @Nullable McpTelemetry telemetry) {
        this.telemetry = telemetry;
        this.state = new State(configuration);
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
        Route known = state.routes.get(uriOrServerName);
        if (known != null) {
            return known;
        }
        if (!isUri(uriOrServerName)) {
            return current(uriOrServerName, now -> ofEntry(now, uriOrServerName, null, uriOrServerName));
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
        Route known = state.routes.get(text);
        return known != null ? known : route(uri, text);
    }

    private Route route(McpUri uri, String text) {
        return uri.scheme().equals("server")
                ? current(uri.target(), now -> ofEntry(now, uri.target(), uri, text))
                : current(null, now -> resolved(now, text, uri, null, false));
    }

    /**
     * Finds something by the configuration that is in use when it is found.
     *
     * @param name the configured name by which it is found; null if there is none
     */
    private Route current(@Nullable String name, Function<State, Route> find) {
        State now = state;
        Route found = find.apply(now);
        if (now == state) {
            return found;
        }
        // Whoever has put another configuration in its place may have looked for what is out of use before this was
        // found.
        ServerPool meant = null;
        try {
            Route again = current(name, find);
            meant = again.server();
            return again;
        } finally {
            if (name != null && meant != found.server()) {
                abandon(name, found.server());
            }
        }
    }

    /** Has a server that a name meant by a configuration out of use be wanted only by those who find it otherwise. */
    private void abandon(String name, ServerPool server) {
        synchronized (applying) {
            State now = state;
            if (!now.configuration.servers().containsKey(name)) {
                forget(name);
            } else if (now.named.get(name) != server) {
                server.disown(name);
            }
            for (Map.Entry<String, ServerPool> other : now.named.entrySet()) {
                if (other.getValue() == server) {
                    server.configuredAs(other.getKey(), switchOf(other.getKey()));
                    server.claim(other.getKey());
                    return;
                }
            }
            if (now.routes.values().stream().noneMatch(route -> route.server() == server)) {
                server.retire();
            }
            reviveFound();
        }
    }

    /** Finds what a URI means now, given what its placeholders stand for. */
    private Route resolved(State now, String text, McpUri uri, @Nullable ServerEntry entry, boolean asConfigured) {
        String name = entry == null ? null : entry.name();
        McpUri resolved;
        try {
            resolved = entry == null ? uri.resolve() : entry.resolve(uri);
        } catch (McpUriException e) {
            throw new McpConfigurationException(String.valueOf(e.getMessage()), e);
        }
        // A URI without placeholders always means the same, so its text is enough to know it by.
        String known = resolved.equals(uri) ? text : (name == null ? "" : name + " ") + resolved.canonical();
        Route route = now.routes.get(known);
        if (route == null) {
            route = find(now, resolved, entry, asConfigured);
            if (now.routes.size() >= MOST_ROUTES) {
                now.routes.clear();
            }
            now.routes.put(known, route);
            // Somebody may have retired it since it was found; who does so later sees the route, see reviveFound.
            route.server().revive();
        }
        if (!asConfigured && !known.equals(text) && now.last.get(text) != route.server()) {
            if (now.last.size() >= MOST_ROUTES) {
                now.last.clear();
            }
            now.last.put(text, route.server());
        }
        return route;
    }

    /** The route to a configured server, with the parameters of a {@code mcp:server:} URI on top of its own. */
    private Route ofEntry(State now, String name, @Nullable McpUri with, String text) {
        ServerEntry entry = now.configuration.server(name);
        McpUri configured = entry.uri();
        boolean asConfigured = with == null || with.parameterNames().isEmpty();
        try {
            McpUri uri =
                    with == null || asConfigured ? configured : CommonParameters.withOwnParameters(configured, with);
            Route route = resolved(now, text, uri, entry, asConfigured);
            route.server().configuredAs(name, route.toggle());
            if (asConfigured) {
                now.named.put(name, route.server());
                entry.worked();
            } else {
                now.named.putIfAbsent(name, route.server());
            }
            return route;
        } catch (McpConfigurationException e) {
            if (asConfigured) {
                entry.failed(String.valueOf(e.getMessage()));
            }
            throw entry.broken(String.valueOf(e.getMessage()), e);
        }
    }

    private ConnectionOptions measured(ConnectionOptions options) {
        return telemetry == null || options.telemetry() != null ? options : options.withTelemetry(telemetry);
    }

    private Route find(State now, McpUri uri, @Nullable ServerEntry entry, boolean asConfigured) {
        SettingValues.checkUri(uri);
        String name = entry == null ? null : entry.name();
        ConnectionOptions options = entry == null ? ConnectionOptions.defaults() : entry.options();
        ServerTarget target = Connector.prepare(uri, name, measured(options));
        // The application's code is known to belong to this name; nothing else tells whose it is.
        boolean ownCode = options != ConnectionOptions.defaults();
        ServerKey key = ServerKey.of(target.identity() + (ownCode ? "\nwith options of " + name : ""), target.name());
        SettingValues settings = SettingValues.of(target.uri(), now.configuration.settings());
        ServerPool server = Objects.requireNonNull(servers.compute(
                key,
                (k, known) ->
                        known != null && !known.isGone() ? known : new ServerPool(services, key, target, settings)));
        server.revive();
        if (name != null && asConfigured && server.claim(name)) {
            server.configure(target, settings);
        } else {
            warnOfOtherSettings(server, settings, target);
        }
        return new Route(this, server, target, settings, name == null ? null : switchOf(name));
    }

    /** What turns a configured name on and off. */
    ServerSwitch switchOf(String name) {
        return switches.computeIfAbsent(name, unused -> new ServerSwitch());
    }

    /** Whether a configured server may be used. */
    boolean isEnabled(ServerEntry entry) {
        boolean configured = entry.isEnabled(configuration().settings());
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
        for (Route route : state.routes.values()) {
            if (route.toggle() == toggle) {
                found.add(route.server());
            }
        }
        return found;
    }

    /**
     * Puts a configuration in the place of another.
     *
     * @param before the one that was looked at
     * @return false, and nothing has changed, if that is no longer in use
     */
    @SuppressWarnings("ReferenceEquality") // Another one that says the same was read by somebody else.
    synchronized boolean replace(PoolConfiguration before, PoolConfiguration after) {
        State now = state;
        if (now.configuration != before) {
            return false;
        }
        State next = new State(after);
        Set<ServerSwitch> same = new HashSet<>();
        before.servers().forEach((name, old) -> {
            ServerEntry entry = after.servers().get(name);
            if (entry != null && entry.isSameServerAs(old)) {
                same.add(switchOf(name));
                ServerPool server = now.named.get(name);
                if (server != null) {
                    next.named.put(name, server);
                }
            }
        });
        // What these are used as with other parameters stays what it is as well.
        now.routes.forEach((text, route) -> {
            if (isUri(text) && same.contains(route.toggle()) && next.last.size() < MOST_ROUTES) {
                next.last.put(text, route.server());
            }
        });
        now.last.forEach((text, server) -> {
            if (same.contains(server.toggle()) && next.last.size() < MOST_ROUTES) {
                next.last.put(text, server);
            }
        });
        state = next;
        return true;
    }

    /** Has a name that is no longer configured mean nothing to those who hold a route by it. */
    void forget(String name) {
        ServerSwitch toggle = switchOf(name);
        toggle.remove();
        switches.remove(name, toggle);
        servers.values().forEach(server -> server.disown(name));
    }

    /**
     * Has the servers be wanted that were found by the configuration in use, which whoever put that there may have retired
     * since. To be called after that.
     */
    void reviveFound() {
        for (Route route : state.routes.values()) {
            ServerPool server = route.server();
            server.revive();
            // It may have been dropped, and its successor be on its way here.
            servers.computeIfPresent(server.key(), (key, known) -> {
                known.revive();
                return known;
            });
        }
    }

    /**
     * Forgets a configured server. Who holds a route to it is told that it was removed.
     *
     * @return what connections were made to
     * @throws McpConfigurationException if there is none of that name
     */
    Set<ServerPool> remove(String name) {
        while (true) {
            PoolConfiguration before = configuration();
            before.server(name);
            Set<ServerPool> found = allOf(name);
            if (replace(before, before.without(name))) {
                // Somebody may have come in between.
                found.addAll(allOf(name));
                forget(name);
                return found;
            }
        }
    }

    /** The successor of a server that was dropped for not having been used. */
    ServerPool renew(ServerPool dropped) {
        ServerPool successor = Objects.requireNonNull(servers.compute(
                dropped.key(), (k, known) -> known != null && !known.isGone() ? known : dropped.successor()));
        String owner = successor.owner();
        State now = state;
        if (owner != null && now.configuration.servers().containsKey(owner)) {
            now.named.compute(owner, (name, known) -> known != null && !known.isGone() ? known : successor);
        }
        return successor;
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
        return state.configuration;
    }

    Collection<ServerPool> servers() {
        return servers.values();
    }

    /** The server behind a configured name, if anybody has used it by that name. */
    @Nullable
    ServerPool used(String name) {
        return state.named.get(name);
    }

    /** Those that a name or text leads to now, whatever its placeholders have stood for before. */
    Set<ServerPool> ledTo() {
        State now = state;
        Set<ServerPool> found = new HashSet<>(now.named.values());
        found.addAll(now.last.values());
        now.routes.forEach((text, route) -> {
            // Else it is what placeholders of an entry have stood for at some time.
            if (isUri(text)) {
                found.add(route.server());
            }
        });
        return found;
    }

    /**
     * Whether a configured name led to it whose placeholders stand for something else by now.
     *
     * @param ledTo those that names and texts lead to now
     */
    boolean isSuperseded(ServerPool server, Set<ServerPool> ledTo) {
        if (ledTo.contains(server)) {
            return false;
        }
        String owner = server.owner();
        if (owner == null) {
            return switches.get(server.name()) == server.toggle();
        }
        ServerPool now = state.named.get(owner);
        return now != null && owner.equals(now.owner());
    }

    /** The name of a configured server, if a text says no more than that; else the text. */
    private static String configuredName(String uriOrServerName) {
        if (uriOrServerName.regionMatches(true, 0, "mcp:server:", 0, 11)) {
            try {
                McpUri uri = McpUri.parse(uriOrServerName);
                return uri.parameterNames().isEmpty() ? uri.target() : uriOrServerName;
            } catch (McpUriException e) {
                return uriOrServerName;
            }
        }
        return uriOrServerName;
    }

    /** The server that a name or URI has led to, if anybody has used it. */
    @Nullable
    ServerPool known(String uriOrServerName) {
        State now = state;
        ServerPool server = now.named.get(configuredName(uriOrServerName));
        if (server != null) {
            return server;
        }
        Route route = now.routes.get(uriOrServerName);
        return route == null ? now.last.get(uriOrServerName) : route.server();
    }

    /**
     * The servers that the configured names lead to, as they are configured: one for each name that was used, whatever its
     * placeholders have stood for.
     */
    Set<ServerPool> configured() {
        Set<ServerPool> found = new HashSet<>();
        for (ServerPool server : state.named.values()) {
            // One that was only used with other parameters is as good as any URI.
            if (server.owner() != null) {
                found.add(server);
            }
        }
        return found;
    }

    /**
     * Forgets the servers that were not used for a time and have no connection. Those that are configured and fail are not
     * forgotten while another attempt may do better.
     */
    void dropUnused(long nanos) {
        Set<ServerPool> configured = configured();
        servers.values().removeIf(server -> server.dropIfUnused(nanos, configured.contains(server)));
        State now = state;
        now.routes.values().removeIf(route -> route.server().isGone());
        now.named.values().removeIf(ServerPool::isGone);
        now.last.values().removeIf(ServerPool::isGone);
        warned.keySet().retainAll(servers.keySet());
    }
}
