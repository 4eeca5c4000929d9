package io.mcpdrivers.integration;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;

/** What the threads of this JVM are at, virtual ones included. */
public final class Stacks {

    /** {@code dumpThreads(String, ThreadDumpFormat)}, which Java 17 does not have, nor virtual threads. */
    private static final Method DUMP = Arrays.stream(HotSpotDiagnosticMXBean.class.getMethods())
            .filter(method -> method.getName().equals("dumpThreads"))
            .findFirst()
            .orElse(null);

    private Stacks() {}

    /** Whether a thread is in a method of a class and in none that this calls, as one that waits for the lock of it. */
    public static boolean isAnyIn(String className) {
        return tops().anyMatch(frame -> frame.contains(className + "."));
    }

    /** The method that each thread is in. */
    private static Stream<String> tops() {
        if (DUMP == null) {
            return Thread.getAllStackTraces().values().stream()
                    .filter(stack -> stack.length > 0)
                    .map(stack -> stack[0].toString());
        }
        // A block for each thread; its name and number are in the first line.
        return Arrays.stream(dump().split("\\R\\R"))
                .map(thread -> thread.lines().skip(1).findFirst().orElse(""));
    }

    private static String dump() {
        try {
            Path folder = Files.createTempDirectory("stacks");
            Path file = folder.resolve("dump");
            try {
                Object plainText = DUMP.getParameterTypes()[1].getEnumConstants()[0];
                DUMP.invoke(
                        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class), file.toString(), plainText);
                return Files.readString(file);
            } finally {
                Files.deleteIfExists(file);
                Files.delete(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("The stacks cannot be seen", e);
        }
    }
}
