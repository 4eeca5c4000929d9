package io.mcpdrivers.benchmark;

import java.util.ArrayList;
import java.util.List;

/** What the cases do, once the connection's library is there. */
final class Cases {

    private static final int BATCH = 100;
    private static final int POOLED = 4;

    private final Peer.Factory factory;
    private final String variant;
    private final Target target;
    private final long warmNanos;
    private final long nanos;
    private final Measures measures;

    Cases(Peer.Factory factory, String variant, Target target, long warmNanos, long nanos, Measures measures) {
        this.factory = factory;
        this.variant = variant;
        this.target = target;
        this.warmNanos = warmNanos;
        this.nanos = nanos;
        this.measures = measures;
    }

    void run(String name) throws Exception {
        switch (name) {
            case "one-thread", "one-thread-pinned" -> echoes(1, false);
            case "shared-16" -> echoes(16, false);
            case "virtual-1000" -> echoes(1000, true);
            case "pool-16x4" -> pooled();
            case "batch-100" -> batches();
            case "blob-64k" -> blobs(64 * 1024);
            case "blob-1m" -> blobs(1024 * 1024);
            case "blob-8m" -> blobs(8 * 1024 * 1024);
            case "connect" -> new Connecting(factory, variant, target, warmNanos, nanos).measureTimes(measures);
            case "idle" -> new Connecting(factory, variant, target, warmNanos, nanos).measureIdle(measures);
            case "first-call" -> firstCall();
            case "real-server" -> new RealServer(factory, target).run(measures);
            default -> throw new IllegalArgumentException("No case '" + name + "'");
        }
    }

    private void echoes(int threads, boolean virtual) throws Exception {
        try (Peer peer = factory.connect(target, variant)) {
            load(peer, threads, virtual);
        }
    }

    private void load(Peer peer, int threads, boolean virtual) throws Exception {
        new Load(() -> peer.echo(Fork.MESSAGE).equals(Fork.MESSAGE)).run(threads, virtual, warmNanos, nanos, measures);
    }

    private void pooled() throws Exception {
        Peer pool = factory.pool(target, variant, POOLED);
        if (pool == null) {
            List<Peer> peers = new ArrayList<>();
            for (int i = 0; i < POOLED; i++) {
                peers.add(factory.connect(target, variant));
            }
            pool = new QueuedPeers(peers);
        }
        try (Peer closed = pool) {
            // The other pool of connections is full, too.
            closed.echo(Fork.MESSAGE);
            load(closed, 16, false);
        }
    }

    private void blobs(int size) throws Exception {
        try (Peer peer = factory.connect(target, variant)) {
            new Load(() -> peer.blob(size) == size).run(1, false, warmNanos, nanos, measures);
        }
        measures.put("mbPerSecond", measures.get("callsPerSecond") * size / 1e6);
        measures.put("bytesPerByte", measures.get("bytes") / size);
    }

    /** A hundred calls one after the other and a hundred at once, in turn. */
    private void batches() throws Exception {
        try (Peer peer = factory.connect(target, variant)) {
            List<Double> singles = new ArrayList<>();
            List<Double> batches = new ArrayList<>();
            int errors = 0;
            long begin = System.nanoTime();
            while (System.nanoTime() - begin < warmNanos + nanos) {
                boolean counts = System.nanoTime() - begin > warmNanos;
                long start = System.nanoTime();
                for (int i = 0; i < BATCH; i++) {
                    errors += peer.echo(Fork.MESSAGE).equals(Fork.MESSAGE) ? 0 : 1;
                }
                long between = System.nanoTime();
                errors += BATCH - peer.batch(Fork.MESSAGE, BATCH);
                long end = System.nanoTime();
                if (counts || batches.isEmpty()) {
                    singles.add((between - start) / 1000.0);
                    batches.add((end - between) / 1000.0);
                }
            }
            double single = Summary.Range.of(singles).median();
            double batch = Summary.Range.of(batches).median();
            measures.put("errors", errors);
            measures.put("singlesUs", single);
            measures.put("batchUs", batch);
            measures.put("saved", 1 - batch / single);
        }
    }

    private void firstCall() throws Exception {
        long begin = System.nanoTime();
        Peer peer = factory.connect(target, variant);
        boolean right = peer.echo(Fork.MESSAGE).equals(Fork.MESSAGE);
        measures.put("connectAndCallMs", (System.nanoTime() - begin) / 1e6);
        measures.put("errors", right ? 0 : 1);
    }
}
