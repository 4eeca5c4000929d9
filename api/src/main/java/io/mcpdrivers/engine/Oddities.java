package io.mcpdrivers.engine;

import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs what a server does that it should not: once for each kind as a warning, since it may do it all the time. */
final class Oddities {

    enum Kind {
        NOISE,
        RESPONSE_WITHOUT_ID,
        RESPONSE_TO_NOTHING,
        FORBIDDEN_REQUEST,
        TOO_MANY_REQUESTS,
        OVERSIZED,
        UNREADABLE
    }

    private static final Logger log = LoggerFactory.getLogger(Oddities.class);

    private final String serverName;
    private final Set<Kind> reported =
            ConcurrentHashMap.newKeySet(EnumSet.allOf(Kind.class).size());

    Oddities(String serverName) {
        this.serverName = serverName;
    }

    void report(Kind kind, Supplier<String> what) {
        report(kind, what, null);
    }

    void report(Kind kind, Supplier<String> what, @Nullable Throwable cause) {
        if (reported.add(kind)) {
            log.warn("Server '{}' {} (more of that kind is logged at debug level)", serverName, what.get(), cause);
        } else if (log.isDebugEnabled()) {
            log.debug("Server '{}' {}", serverName, what.get(), cause);
        }
    }
}
