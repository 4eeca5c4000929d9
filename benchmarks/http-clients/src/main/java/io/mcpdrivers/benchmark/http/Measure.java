package io.mcpdrivers.benchmark.http;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/** Measures one client in this JVM; prints a line per case: {@code threads path calls/s p50us cpuUs bytes errors idle}. */
final class Measure {

    private static final int MOST_SAMPLES = 2_000_000;

    private final Client client;
    private final byte[] body =
            ("{\"jsonrpc\":\"2.0\",\"id\":1234,\"method\":\"tools/call\",\"params\":{\"name\":\"get_weather\","
                            + "\"arguments\":{\"location\":\"Seattle\"},\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":"
                            + "\"2026-07-28\",\"io.modelcontextprotocol/clientInfo\":{\"name\":\"benchmark\",\"version\":\"1\"},"
                            + "\"io.modelcontextprotocol/clientCapabilities\":{}}}}")
                    .getBytes(StandardCharsets.US_ASCII);
    private final AtomicLong errors = new AtomicLong();

    private Measure(Client client) {
        this.client = client;
    }

    public static void main(String[] arguments) throws Exception {
        int threadsBefore = Thread.activeCount();
        try (Client client = Client.of(arguments[0], Integer.parseInt(arguments[1]))) {
            Measure measure = new Measure(client);
            long nanos = Long.parseLong(arguments[2]) * 1_000_000_000L;
            for (int threads : new int[] {1, 16}) {
                for (String path : new String[] {"/json", "/sse"}) {
                    measure.run(threads, path, nanos / 2);
                    measure.report(threads, path, nanos, threadsBefore);
                }
            }
        }
        System.exit(0);
    }

    private void report(int threads, String path, long nanos, int threadsBefore) throws Exception {
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        errors.set(0);
        long cpu = system.getProcessCpuTime();
        Run run = run(threads, path, nanos);
        cpu = system.getProcessCpuTime() - cpu;
        long calls = run.latencies.length;
        System.out.println(String.format(
                Locale.ROOT,
                "%d %s %d %.1f %.1f %d %d %d",
                threads,
                path.substring(1),
                calls * 1_000_000_000L / run.nanos,
                calls == 0 ? 0 : run.latencies[(int) (calls / 2)] / 1000.0,
                cpu / 1000.0 / Math.max(1, calls),
                run.allocated / Math.max(1, calls),
                errors.get(),
                Thread.activeCount() - threadsBefore));
    }

    private record Run(int[] latencies, long nanos, long allocated) {}

    private Run run(int threads, String path, long nanos) throws InterruptedException {
        int[][] samples = new int[threads][];
        long[] allocatedByCallers = new long[threads];
        CountDownLatch ready = new CountDownLatch(threads);
        CountDownLatch go = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(threads);
        CountDownLatch counted = new CountDownLatch(1);
        ThreadMXBean beans = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (int i = 0; i < threads; i++) {
            int index = i;
            Thread thread = new Thread(
                    () -> {
                        int[] own = new int[MOST_SAMPLES / threads];
                        ready.countDown();
                        try {
                            go.await();
                            long before = beans.getCurrentThreadAllocatedBytes();
                            samples[index] = Arrays.copyOf(own, call(path, own, System.nanoTime() + nanos));
                            allocatedByCallers[index] =
                                    beans.getCurrentThreadAllocatedBytes() - before - 16 - 4L * samples[index].length;
                            done.countDown();
                            counted.await();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                    },
                    "caller-" + i);
            thread.setDaemon(true);
            thread.start();
        }
        ready.await();
        long others = allocatedByOthers(beans);
        long begin = System.nanoTime();
        go.countDown();
        done.await();
        long took = System.nanoTime() - begin;
        long allocated = allocatedByOthers(beans)
                - others
                + Arrays.stream(allocatedByCallers).sum();
        counted.countDown();
        int[] all = Arrays.stream(samples).flatMapToInt(Arrays::stream).sorted().toArray();
        return new Run(all, took, allocated);
    }

    /** What the library's own threads have allocated; the callers count for themselves. */
    private static long allocatedByOthers(ThreadMXBean beans) {
        long sum = 0;
        for (var thread : beans.getThreadInfo(beans.getAllThreadIds())) {
            if (thread != null
                    && !thread.getThreadName().startsWith("caller-")
                    && thread.getThreadId() != Thread.currentThread().getId()) {
                sum += Math.max(0, beans.getThreadAllocatedBytes(thread.getThreadId()));
            }
        }
        return sum;
    }

    private int call(String path, int[] latencies, long until) {
        int calls = 0;
        while (calls < latencies.length) {
            long begin = System.nanoTime();
            if (begin - until > 0) {
                break;
            }
            try {
                if (client.post(path, body) < 100) {
                    errors.incrementAndGet();
                }
            } catch (Exception e) {
                if (errors.incrementAndGet() < 3) {
                    e.printStackTrace();
                }
            }
            latencies[calls++] = (int) (System.nanoTime() - begin);
        }
        return calls;
    }
}
