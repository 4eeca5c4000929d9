package io.mcpdrivers.engine;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Lets so many different names through and no more. Whoever calls tools may make up their names, and each would be a
 * time series. Thread-safe; when several threads come with new names at once, a few more may get through.
 */
final class NameLimit {

    private final int most;
    private final Set<String> names = ConcurrentHashMap.newKeySet();

    NameLimit(int most) {
        this.most = most;
    }

    boolean admits(String name) {
        if (names.contains(name)) {
            return true;
        }
        if (names.size() >= most) {
            return false;
        }
        names.add(name);
        return true;
    }
}
