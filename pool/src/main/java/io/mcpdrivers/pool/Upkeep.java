package io.mcpdrivers.pool;

import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a pool does from time to time: closes what has expired, keeps connections warm, sends keepalive pings. */
final class Upkeep implements Runnable {

    private static final long UNUSED_NANOS = TimeUnit.MINUTES.toNanos(10);

    private static final Logger log = LoggerFactory.getLogger(Upkeep.class);

    private final PoolServices services;
    private final ServerDirectory directory;
    private final MemoryWatch memory;
    private final KeepAlive keepAlive;

    Upkeep(PoolServices services, ServerDirectory directory, MemoryWatch memory) {
        this.memory = memory;
        this.services = services;
        this.directory = directory;
        this.keepAlive = new KeepAlive(services.background(), services::now);
    }

    @Override
    public void run() {
        if (services.isClosing()) {
            return;
        }
        services.idle().evict();
        services.leaks().run();
        memory.request();
        // Before what was not used is kept warm once more.
        directory.dropUnused(UNUSED_NANOS);
        useConfigured();
        boolean roomNeeded = services.permits().isRoomNeeded();
        Set<ServerPool> ledTo = null;
        for (ServerPool server : directory.servers()) {
            if (server.settings().minIdle() > 0) {
                ledTo = ledTo == null ? directory.ledTo() : ledTo;
                server.superseded(directory.isSuperseded(server, ledTo));
            }
            if (!roomNeeded && server.minIdle() > 0 && server.isEnabled() && !server.isRetired()) {
                server.lending().warm();
            }
            keepAlive.look(server);
        }
        keepAlive.begin();
        services.events().updateMeters(directory.servers());
    }

    /** Configured servers are kept warm from the beginning, before anybody asks for them. */
    private void useConfigured() {
        for (ServerEntry entry : directory.configuration().servers().values()) {
            if (entry.error() != null || directory.used(entry.name()) != null || entry.asks()) {
                continue;
            }
            if (entry.uri().parameter("minIdle") == null
                    && directory.configuration().settings().integer(PoolSetting.MIN_IDLE) == 0) {
                continue;
            }
            if (entry.readsFile()) {
                services.background().execute(() -> use(entry));
            } else {
                use(entry);
            }
        }
    }

    private void use(ServerEntry entry) {
        try {
            directory.route(entry.name());
        } catch (RuntimeException e) {
            log.debug("Server '{}' cannot be kept warm: {}", entry.name(), e.getMessage());
        }
    }
}
