package io.mcpdrivers.engine;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which era a server was found to be of, so that only the first connection to it has to find out. Keyed by a hash of
 * the server's identity, which may hold secrets.
 */
final class EraMemory {

    enum Era {
        LEGACY,
        MODERN
    }

    private static final int MOST_REMEMBERED = 10_000;

    private static final Map<String, Era> ERAS = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Era> eldest) {
            return size() > MOST_REMEMBERED;
        }
    };

    private EraMemory() {}

    static @Nullable Era recall(ServerTarget target) {
        String key = key(target);
        synchronized (ERAS) {
            return ERAS.get(key);
        }
    }

    static void remember(ServerTarget target, Era era) {
        String key = key(target);
        synchronized (ERAS) {
            ERAS.put(key, era);
        }
    }

    static void forget(ServerTarget target) {
        String key = key(target);
        synchronized (ERAS) {
            ERAS.remove(key);
        }
    }

    private static String key(ServerTarget target) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest(target.identity().getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JVM has SHA-256", e);
        }
    }
}
