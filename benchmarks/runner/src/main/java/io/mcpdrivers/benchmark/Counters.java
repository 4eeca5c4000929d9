package io.mcpdrivers.benchmark;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** What this process has used up to now. */
final class Counters {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private static final Method TOTAL_ALLOCATED = totalAllocated();

    final long nanos = System.nanoTime();
    final long cpuNanos = SYSTEM.getProcessCpuTime();
    final long systemCalls = readsAndWrites();
    private final Map<Long, Long> allocatedByThread = new HashMap<>();
    private final long allocatedInAll;

    Counters() {
        if (TOTAL_ALLOCATED != null) {
            try {
                allocatedInAll = (Long) TOTAL_ALLOCATED.invoke(THREADS);
                return;
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(e);
            }
        }
        allocatedInAll = 0;
        long[] ids = THREADS.getAllThreadIds();
        long[] allocated = THREADS.getThreadAllocatedBytes(ids);
        for (int i = 0; i < ids.length; i++) {
            allocatedByThread.put(ids[i], allocated[i]);
        }
    }

    /** In bytes. Before Java 21 without what threads allocated that have ended since. */
    long allocatedSince(Counters earlier) {
        long sum = allocatedInAll - earlier.allocatedInAll;
        for (Map.Entry<Long, Long> thread : allocatedByThread.entrySet()) {
            sum += Math.max(0, thread.getValue() - earlier.allocatedByThread.getOrDefault(thread.getKey(), 0L));
        }
        return sum;
    }

    /** There from Java 21 on; it counts threads that have ended, too. */
    private static Method totalAllocated() {
        try {
            return ThreadMXBean.class.getMethod("getTotalThreadAllocatedBytes");
        } catch (NoSuchMethodException e) {
            return null;
        }
    }

    /** How many reads and writes the kernel has counted; 0 where it does not tell. */
    private static long readsAndWrites() {
        long sum = 0;
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/io"))) {
                if (line.startsWith("syscr:") || line.startsWith("syscw:")) {
                    sum += Long.parseLong(line.substring(6).trim());
                }
            }
        } catch (IOException e) {
            return 0;
        }
        return sum;
    }
}
