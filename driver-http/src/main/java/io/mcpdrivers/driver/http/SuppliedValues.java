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

    /** The newest first; replaced when there is another. */
    private final ConcurrentHashMap<String, List<String>> byHeader = new ConcurrentHashMap<>();

    /** Most often it is the one that was supplied the last time, which costs a look-up. */
    void add(String header, String value) {
        List<String> known = byHeader.get(header);
        if (known != null && known.contains(value)) {
            return;
        }
        if (known == null && byHeader.size() >= MOST_HEADERS) {
            byHeader.clear();
        }
        byHeader.merge(header, List.of(value), SuppliedValues::joined);
    }

    private static List<String> joined(List<String> known, List<String> newest) {
        List<String> values = new ArrayList<>(newest);
        values.addAll(known.subList(0, Math.min(known.size(), MOST_PER_HEADER - 1)));
        return List.copyOf(values);
    }

    List<String> all() {
        List<String> all = new ArrayList<>();
        byHeader.values().forEach(all::addAll);
        return all;
    }
}
