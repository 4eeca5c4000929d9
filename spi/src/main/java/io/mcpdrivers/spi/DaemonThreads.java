package io.mcpdrivers.spi;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/** Makes the threads of this library: daemons with a name, virtual where that is possible and of use. */
public final class DaemonThreads {

    /** {@code Thread.ofVirtual().name(prefix, 0).factory()}, which Java 17 does not have. */
    private static final @Nullable MethodHandle VIRTUAL_FACTORY = findVirtualFactory();

    private static final long SMALL_STACK = 256 * 1024;

    private DaemonThreads() {}

    /**
     * Platform threads, for work that blocks where a virtual thread would hold on to its carrier, such as reading a
     * pipe.
     *
     * @param name the name of each thread
     * @return a factory of daemon threads
     */
    public static ThreadFactory platform(String name) {
        return task -> {
            Thread thread = new Thread(null, task, name, SMALL_STACK, false);
            thread.setDaemon(true);
            return thread;
        };
    }

    /**
     * Virtual threads where the running JVM has them (Java 21 and later), platform daemon threads where not.
     *
     * @param name the name of each thread
     * @return a factory of threads
     */
    public static ThreadFactory light(String name) {
        if (VIRTUAL_FACTORY == null) {
            return platform(name);
        }
        try {
            return (ThreadFactory) VIRTUAL_FACTORY.invoke(name);
        } catch (Throwable e) {
            return platform(name);
        }
    }

    private static @Nullable MethodHandle findVirtualFactory() {
        try {
            MethodHandles.Lookup lookup = MethodHandles.publicLookup();
            Class<?> builder = Class.forName("java.lang.Thread$Builder$OfVirtual");
            MethodHandle ofVirtual = lookup.findStatic(Thread.class, "ofVirtual", MethodType.methodType(builder));
            MethodHandle named = MethodHandles.foldArguments(
                    lookup.findVirtual(builder, "name", MethodType.methodType(builder, String.class)), ofVirtual);
            MethodHandle factory = lookup.findVirtual(builder, "factory", MethodType.methodType(ThreadFactory.class));
            return MethodHandles.filterReturnValue(named, factory);
        } catch (ReflectiveOperationException e) {
            return null;
        }
    }
}
