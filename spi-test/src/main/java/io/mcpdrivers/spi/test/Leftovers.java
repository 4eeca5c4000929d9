package io.mcpdrivers.spi.test;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Counts what a transport that was closed must not leave behind. */
final class Leftovers {

    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    private Leftovers() {}

    /** The names of the live threads of this library, which all begin with {@code mcp-}. */
    static Set<String> threads() {
        Set<String> names = new TreeSet<>();
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().startsWith("mcp-")) {
                names.add(thread.getName());
            }
        }
        return names;
    }

    /** How many descriptors this process holds; -1 where that cannot be told. */
    static int descriptors() {
        String[] names = Files.isDirectory(DESCRIPTORS) ? DESCRIPTORS.toFile().list() : null;
        return names == null ? -1 : Objects.requireNonNull(names).length;
    }

    /** Whether the condition became true in time. */
    static boolean becomes(BooleanSupplier condition, long seconds) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        CountDownLatch never = new CountDownLatch(1);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0 || never.await(20, TimeUnit.MILLISECONDS)) {
                return false;
            }
        }
        return true;
    }
}
