package io.mcpdrivers.pool;

import io.mcpdrivers.schema.Tool;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Gives the tools of many servers names that differ: {@code server__tool}, of at most 64 letters, digits, underscores and
 * hyphens, since that is what the common model APIs take. A name that has to be altered for that, or that could be read in
 * two ways, ends in a hash of the original ones, so that it does not depend on what other servers there are.
 */
final class AggregateNames {

    static final int MOST_CHARACTERS = 64;

    private static final String SEPARATOR = "__";
    private static final int HASH_DIGITS = 8;

    private AggregateNames() {}

    /**
     * Names all tools.
     *
     * @param tools the tools of each server, by the servers' names, in their order
     */
    static Map<String, AggregatedTool> name(Map<String, List<Tool>> tools) {
        Map<String, AggregatedTool> named = new LinkedHashMap<>();
        tools.forEach((server, its) -> {
            Set<String> seen = new HashSet<>();
            for (Tool tool : its) {
                // A server that lists a name twice can be called by it only once.
                if (seen.add(tool.name())) {
                    String name = of(server, tool.name());
                    for (int attempt = 1; named.containsKey(name); attempt++) {
                        name = hashed(server, tool.name(), attempt);
                    }
                    named.put(name, new AggregatedTool(name, server, tool));
                }
            }
        });
        return named;
    }

    static String of(String server, String tool) {
        String plain = server + SEPARATOR + tool;
        boolean ambiguous = server.contains(SEPARATOR) || server.endsWith("_") || server.isEmpty() || tool.isEmpty();
        return ambiguous || plain.length() > MOST_CHARACTERS || !plain.equals(allowed(plain))
                ? hashed(server, tool, 0)
                : plain;
    }

    /** Whether a name may be that of a tool of this server; true for too many rather than too few. */
    static boolean mayBeOf(String server, String name) {
        String prefix = allowed(server + SEPARATOR);
        int room = MOST_CHARACTERS - HASH_DIGITS - 1;
        return name.startsWith(prefix.length() > room ? prefix.substring(0, room) : prefix);
    }

    private static String hashed(String server, String tool, int attempt) {
        String text = allowed(server + SEPARATOR + tool);
        int room = MOST_CHARACTERS - HASH_DIGITS - 1;
        return text.substring(0, Math.min(room, text.length())) + "_" + hash(server, tool, attempt);
    }

    /** With an underscore for each character that is not allowed; some APIs want a letter or underscore first. */
    private static String allowed(String text) {
        StringBuilder allowed = new StringBuilder(text.length());
        text.codePoints().forEach(c -> allowed.append(isAllowed(c) ? (char) c : '_'));
        if (allowed.length() > 0 && !isLetter(allowed.charAt(0)) && allowed.charAt(0) != '_') {
            allowed.insert(0, '_');
        }
        return allowed.toString();
    }

    private static boolean isAllowed(int c) {
        return isLetter(c) || c >= '0' && c <= '9' || c == '_' || c == '-';
    }

    private static boolean isLetter(int c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
    }

    private static String hash(String server, String tool, int attempt) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            // The lengths keep apart what would be the same when put together.
            String both = server.length() + ":" + server + tool + (attempt == 0 ? "" : ":" + attempt);
            return HexFormat.of()
                    .formatHex(digest.digest(both.getBytes(StandardCharsets.UTF_8)))
                    .substring(0, HASH_DIGITS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JVM has SHA-256", e);
        }
    }
}
