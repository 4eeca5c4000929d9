package io.mcpdrivers.pool;

import io.mcpdrivers.McpConfigurationException;
import io.mcpdrivers.McpPoolException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What an operator does to a pool and its servers while it runs. Nothing here waits for a server. Thread-safe. */
final class PoolControl {

    private static final Logger log = LoggerFactory.getLogger(PoolControl.class);

    private final PoolServices services;
    private final ServerDirectory directory;

    PoolControl(PoolServices services, ServerDirectory directory) {
        this.services = services;
        this.directory = directory;
    }

    void enable(String uriOrServerName) {
        toggle(uriOrServerName).enable();
        log.info("Server '{}' is enabled", shown(uriOrServerName));
    }

    void disable(String uriOrServerName) {
        toggle(uriOrServerName).disable();
        for (ServerPool server : found(uriOrServerName)) {
            withdraw(server, Refusals.switchedOff(server.name()));
        }
        log.info("Server '{}' is disabled", shown(uriOrServerName));
    }

    void remove(String name) {
        synchronized (directory.applying) {
            for (ServerPool server : directory.remove(name)) {
                server.retire();
                withdraw(server, Refusals.removed(server.name()));
            }
            directory.reviveFound();
        }
        log.info("Server '{}' is removed", name);
    }

    private static void withdraw(ServerPool server, McpPoolException refusal) {
        server.lending().withdraw(refusal);
    }

    void softEvict(String uriOrServerName) {
        for (ServerPool server : found(uriOrServerName)) {
            server.lending().evictAll(EvictionReason.ASKED);
        }
    }

    void suspend() {
        services.suspend(true);
        log.info("The pool is suspended; callers wait");
    }

    void resume() {
        services.suspend(false);
        for (ServerPool server : directory.servers()) {
            server.lending().dispatchIfAnyoneWaits();
        }
        log.info("The pool is resumed");
    }

    private ServerSwitch toggle(String uriOrServerName) {
        String name = configuredName(uriOrServerName);
        return name != null
                ? directory.switchOf(name)
                : directory.route(uriOrServerName).toggle();
    }

    private Set<ServerPool> found(String uriOrServerName) {
        String name = configuredName(uriOrServerName);
        return name != null
                ? directory.allOf(name)
                : Set.of(directory.route(uriOrServerName).server());
    }

    /**
     * The name of a configured server, whose entry need not be usable; null of a URI.
     *
     * @throws McpConfigurationException if it is neither
     */
    private @Nullable String configuredName(String uriOrServerName) {
        if (ServerDirectory.isUri(uriOrServerName)) {
            return null;
        }
        return directory.configuration().server(uriOrServerName).name();
    }

    /** What may be logged; a URI may hold secrets. */
    private String shown(String uriOrServerName) {
        return ServerDirectory.isUri(uriOrServerName)
                ? directory.route(uriOrServerName).server().name()
                : uriOrServerName;
    }
}
