package io.mcpdrivers.benchmark;

import java.lang.management.ManagementFactory;

/** Platform and virtual threads, compiled for a Java that has no virtual ones. */
final class Threads {

    private Threads() {}

    static void start(boolean virtual, String name, Runnable task) throws ReflectiveOperationException {
        if (virtual) {
            Thread.class.getMethod("startVirtualThread", Runnable.class).invoke(null, task);
            return;
        }
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    /** How many platform threads Java code runs on; those that carry virtual ones count. */
    static int count() {
        return ManagementFactory.getThreadMXBean().getThreadCount();
    }
}
