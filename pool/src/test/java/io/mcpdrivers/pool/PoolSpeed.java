package io.mcpdrivers.pool;

import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpDrivers;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.LongAdder;
import org.apache.commons.pool2.BaseKeyedPooledObjectFactory;
import org.apache.commons.pool2.PooledObject;
import org.apache.commons.pool2.impl.DefaultPooledObject;
import org.apache.commons.pool2.impl.GenericKeyedObjectPool;
import org.apache.commons.pool2.impl.GenericKeyedObjectPoolConfig;

/**
 * Measures borrowing and giving back, without calls in between. Run it by hand; the numbers are of this machine. A
 * program of its own, not a test, since nothing is to depend on how fast a machine is at the moment.
 */
final class PoolSpeed {

    private static final int ROUNDS = 7;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private PoolSpeed() {}

    public static void main(String[] args) throws Exception {
        McpDrivers.register(new MemoryDriver());
        int loops = args.length > 0 ? Integer.parseInt(args[0]) : 1_000_000;
        try (McpPool pool = McpPool.builder().set("jmxEnabled", "false").build()) {
            String legacy = MemoryServer.of("one").uri();
            String modern = MemoryServer.modern("many").uri();
            measure(
                    "borrow and return, 1 key, exclusive",
                    loops,
                    1,
                    i -> pool.getConnection(legacy).close());
            measure(
                    "borrow and return, 1 key, shared, alone",
                    loops,
                    1,
                    i -> pool.getConnection(modern).close());
            try (McpConnection other = pool.getConnection(modern)) {
                measure(
                        "join and leave, 1 key, shared",
                        loops,
                        1,
                        i -> pool.getConnection(modern).close());
                measure(
                        "join and leave, 1 key, shared, 16 threads",
                        loops / 16,
                        16,
                        i -> pool.getConnection(modern).close());
            }
            measure(
                    "borrow and return, 1 key, exclusive, 4 threads",
                    loops / 4,
                    4,
                    i -> pool.getConnection(legacy).close());
        }
        int keys = 10_000;
        String[] uris = new String[keys];
        try (McpPool pool = McpPool.builder()
                .set("jmxEnabled", "false")
                .set("aliveBypass", "1h")
                .build()) {
            for (int i = 0; i < keys; i++) {
                uris[i] = MemoryServer.of("key" + i).uri();
                pool.getConnection(uris[i]).close();
            }
            SplittableRandom random = new SplittableRandom(1);
            int[] order = random.ints(1 << 16, 0, keys).toArray();
            measure(
                    "borrow and return, 10,000 keys at random, exclusive",
                    loops,
                    1,
                    i -> pool.getConnection(uris[order[i & 0xFFFF]]).close());
        }
        commonsPoolAlone(keys, loops);
    }

    /** What of it is Commons Pool, set as the pool sets it. */
    private static void commonsPoolAlone(int keys, int loops) throws Exception {
        GenericKeyedObjectPoolConfig<Object> config = new GenericKeyedObjectPoolConfig<>();
        config.setMaxTotalPerKey(-1);
        config.setMaxIdlePerKey(-1);
        config.setBlockWhenExhausted(false);
        config.setReuseCapacityOnReturn(false);
        config.setJmxEnabled(false);
        try (GenericKeyedObjectPool<String, Object> alone = new GenericKeyedObjectPool<>(new Objects(), config)) {
            String[] names = new String[keys];
            for (int i = 0; i < keys; i++) {
                names[i] = "key" + i;
                alone.addObject(names[i]);
            }
            int[] order = new SplittableRandom(1).ints(1 << 16, 0, keys).toArray();
            measure("Commons Pool alone, 1 key", loops, 1, i -> lend(alone, names[0]));
            measure("Commons Pool alone, 10,000 keys at random", loops, 1, i -> lend(alone, names[order[i & 0xFFFF]]));
        }
    }

    private static void lend(GenericKeyedObjectPool<String, Object> pool, String key) {
        try {
            pool.returnObject(key, pool.borrowObject(key));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static final class Objects extends BaseKeyedPooledObjectFactory<String, Object> {
        @Override
        public Object create(String key) {
            return new Object();
        }

        @Override
        public PooledObject<Object> wrap(Object value) {
            return new DefaultPooledObject<>(value);
        }
    }

    private interface Body {
        void run(int index);
    }

    private static void measure(String what, int loops, int threads, Body body) throws InterruptedException {
        double[] nanos = new double[ROUNDS];
        double[] processor = new double[ROUNDS];
        for (int round = -2; round < ROUNDS; round++) {
            CountDownLatch go = new CountDownLatch(1);
            LongAdder used = new LongAdder();
            List<Thread> all = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                int offset = t * 7919;
                Thread thread = new Thread(
                        () -> {
                            try {
                                go.await();
                            } catch (InterruptedException e) {
                                return;
                            }
                            long before = THREADS.getCurrentThreadCpuTime();
                            for (int i = 0; i < loops; i++) {
                                body.run(i + offset);
                            }
                            used.add(THREADS.getCurrentThreadCpuTime() - before);
                        },
                        "speed");
                thread.start();
                all.add(thread);
            }
            long begun = System.nanoTime();
            go.countDown();
            for (Thread thread : all) {
                thread.join();
            }
            if (round >= 0) {
                nanos[round] = (System.nanoTime() - begun) / ((double) loops * threads);
                processor[round] = used.sum() / ((double) loops * threads);
            }
        }
        Arrays.sort(nanos);
        Arrays.sort(processor);
        System.out.printf(
                "%-55s %7.0f ns (best %.0f, worst %.0f), %.0f ns of processor time%n",
                what, nanos[ROUNDS / 2], nanos[0], nanos[ROUNDS - 1], processor[ROUNDS / 2]);
    }
}
