package io.mcpdrivers.benchmark;

import java.util.ArrayList;
import java.util.List;

/** A server from npm: calls with a process of their own, through a pool that has to be filled first, and in a batch. */
final class RealServer {

    private static final int FEW = 3;
    private static final int MANY = 10;

    private final Peer.Factory factory;
    private final Target target;

    RealServer(Peer.Factory factory, Target target) {
        this.factory = factory;
        this.target = target;
    }

    void run(Measures measures) throws Exception {
        ownProcess();
        List<Double> own = new ArrayList<>();
        for (int i = 0; i < FEW; i++) {
            long begin = System.nanoTime();
            ownProcess();
            own.add((System.nanoTime() - begin) / 1e6);
        }
        double each = own.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
        double few = pooled(FEW, false);
        double many = pooled(MANY, false);
        double batch = pooled(MANY, true);
        measures.put("errors", 0);
        measures.put("ownProcessMs", each);
        measures.put("threePooledMs", few);
        measures.put("tenPooledMs", many);
        measures.put("batchOfTenMs", batch);
        measures.put("threeSaved", 1 - few / (FEW * each));
        measures.put("tenSaved", 1 - many / (MANY * each));
        measures.put("batchSaved", 1 - batch / (MANY * each));
    }

    private void ownProcess() throws Exception {
        try (Peer peer = factory.connect(target, "auto")) {
            call(peer);
        }
    }

    private double pooled(int calls, boolean batch) throws Exception {
        long begin = System.nanoTime();
        try (Peer pool = factory.pool(target, "auto", 1)) {
            if (batch) {
                if (pool.batch(Fork.MESSAGE, calls) != calls) {
                    throw new IllegalStateException("Wrong answers");
                }
            } else {
                for (int i = 0; i < calls; i++) {
                    call(pool);
                }
            }
        }
        return (System.nanoTime() - begin) / 1e6;
    }

    private static void call(Peer peer) throws Exception {
        String answer = peer.echo(Fork.MESSAGE);
        if (!answer.contains(Fork.MESSAGE)) {
            throw new IllegalStateException("A wrong answer: " + answer);
        }
    }
}
