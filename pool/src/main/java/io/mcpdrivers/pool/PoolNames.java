package io.mcpdrivers.pool;

import java.util.HashSet;
import java.util.Set;

/** Gives each pool that is measured a name of its own, as long as it is open. Thread-safe. */
final class PoolNames {

    private static final Set<String> TAKEN = new HashSet<>();

    private PoolNames() {}

    /** Takes a name: the one wanted, or that with the first number that is free. */
    static synchronized String take(String wanted) {
        String name = wanted;
        for (int i = 2; !TAKEN.add(name); i++) {
            name = wanted + i;
        }
        return name;
    }

    static synchronized void free(String name) {
        TAKEN.remove(name);
    }
}
