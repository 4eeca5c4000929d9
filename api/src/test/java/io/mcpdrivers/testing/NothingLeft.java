package io.mcpdrivers.testing;

import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Proves after a class of tests that no thread is left but those that all connections share. */
public final class NothingLeft implements AfterAllCallback {

    private static final Set<String> SHARED = Set.of("mcp-timer", "mcp-task");

    @Override
    public void afterAll(ExtensionContext context) {
        Await.that(() -> SHARED.containsAll(threads()), "threads are left: " + threads());
    }

    /** The names of the live threads of this library. */
    public static Set<String> threads() {
        Set<String> names = new TreeSet<>();
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().startsWith("mcp-") && thread.isAlive()) {
                names.add(thread.getName());
            }
        }
        return names;
    }
}
