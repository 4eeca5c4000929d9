package io.mcpdrivers.engine;

import io.mcpdrivers.spi.McpUri;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which era a server was found to be of, so that only the first connection to it has to find out. A server over HTTP is
 * known by its URL without query, and by its origin as long as all servers found there are of one era; any other by its
 * identity. Keys are hashed, since identities may hold secrets.
 */
final class EraMemory {

    enum Era {
        LEGACY,
        MODERN
    }

    private static final int MOST_REMEMBERED = 10_000;

    private static final Set<Era> BOTH = Set.of(Era.LEGACY, Era.MODERN);

    private static final Map<String, Set<Era>> ERAS = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Set<Era>> eldest) {
            return size() > MOST_REMEMBERED;
        }
    };

    /**
     * What a verdict is remembered for.
     *
     * @param server the server itself
     * @param origin where it may have neighbours; null if it has none
     */
    private record Place(String server, @Nullable String origin) {
        static Place of(ServerTarget target) {
            McpUri uri = target.uri();
            String url = uri.target();
            int authority = url.indexOf("://") + 3;
            if (authority < 3 || !uri.scheme().equals("http") && !uri.scheme().equals("https")) {
                return new Place(hash("server " + target.identity()), null);
            }
            int path = end(url, authority, "/?#");
            String hosts = url.substring(Math.max(authority, url.lastIndexOf('@', path) + 1), path);
            String usualPort = uri.scheme().equals("http") ? ":80" : ":443";
            if (hosts.endsWith(usualPort)) {
                hosts = hosts.substring(0, hosts.length() - usualPort.length());
            }
            String origin = uri.scheme() + "://" + hosts.toLowerCase(Locale.ROOT);
            return new Place(
                    hash("url " + origin + url.substring(path, end(url, path, "?#"))), hash("origin " + origin));
        }

        private static int end(String url, int from, String delimiters) {
            int end = from;
            while (end < url.length() && delimiters.indexOf(url.charAt(end)) < 0) {
                end++;
            }
            return end;
        }
    }

    private EraMemory() {}

    static @Nullable Era recall(ServerTarget target) {
        Place place = Place.of(target);
        synchronized (ERAS) {
            Set<Era> eras = ERAS.get(place.server);
            if (eras == null && place.origin != null) {
                eras = ERAS.get(place.origin);
            }
            return eras == null || eras.size() > 1 ? null : eras.iterator().next();
        }
    }

    static void remember(ServerTarget target, Era era) {
        Place place = Place.of(target);
        Set<Era> verdict = Set.of(era);
        synchronized (ERAS) {
            ERAS.put(place.server, verdict);
            if (place.origin != null) {
                ERAS.merge(place.origin, verdict, (before, now) -> before.equals(now) ? now : BOTH);
            }
        }
    }

    static void forget(ServerTarget target) {
        Place place = Place.of(target);
        synchronized (ERAS) {
            ERAS.remove(place.server);
            if (place.origin != null) {
                ERAS.remove(place.origin);
            }
        }
    }

    private static String hash(String text) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JVM has SHA-256", e);
        }
    }
}
