package io.mcpdrivers.driver.http;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The last values of each header that was supplied, so that they are known when a server repeats one. By header, since one
 * that is another for each request must not push a token out that stays. Thread-safe.
 */
final class SuppliedValues {

    static final int MOST_PER_HEADER = 32;
    private static final int MOST_HEADERS = 64;

    /** The one that was used last first; replaced when there is another. */
    private final ConcurrentHashMap<String, List<String>> byHeader = new ConcurrentHashMap<>();

    /** Most often it is the one that was supplied the last time, which costs a look-up. */
    void add(String header, String value) {
        List<String> known = byHeader.get(header);
        if (known != null && known.get(0).equals(value)) {
            return;
        }
        if (known == null && byHeader.size() >= MOST_HEADERS) {
            byHeader.clear();
        }
        byHeader.compute(header, (name, before) -> inFront(value, before == null ? List.of() : before));
    }

    /** What is used again is kept for as long as what is new. */
    private static List<String> inFront(String value, List<String> before) {
        List<String> values = new ArrayList<>(before);
        values.remove(value);
        values.add(0, value);
        return List.copyOf(values.subList(0, Math.min(values.size(), MOST_PER_HEADER)));
    }

    List<String> all() {
        List<String> all = new ArrayList<>();
        byHeader.values().forEach(all::addAll);
        return all;
    }
}
