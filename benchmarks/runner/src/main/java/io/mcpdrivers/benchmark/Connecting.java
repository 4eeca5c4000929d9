package io.mcpdrivers.benchmark;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What a connection costs that is made, and one that is held. */
final class Connecting {

    private static final int LEAST = 5;

    private final Peer.Factory factory;
    private final String variant;
    private final Target target;
    private final long warmNanos;
    private final long nanos;

    Connecting(Peer.Factory factory, String variant, Target target, long warmNanos, long nanos) {
        this.factory = factory;
        this.variant = variant;
        this.target = target;
        this.warmNanos = warmNanos;
        this.nanos = nanos;
    }

    void measureTimes(Measures measures) throws Exception {
        List<Double> times = new ArrayList<>();
        long begin = System.nanoTime();
        while (times.size() < LEAST || System.nanoTime() - begin < warmNanos + nanos) {
            boolean counts = System.nanoTime() - begin > warmNanos;
            long start = System.nanoTime();
            Peer peer = factory.connect(target, variant);
            if (counts) {
                times.add((System.nanoTime() - start) / 1e6);
            }
            peer.close();
        }
        List<Double> counted = times.stream().sorted().toList();
        measures.put("errors", 0);
        measures.put("connectMs", counted.get(counted.size() / 2));
        measures.put("slowestConnectMs", counted.get(counted.size() - 1));
    }

    void measureIdle(Measures measures) throws Exception {
        int count = target.isStdio() ? 50 : 200;
        List<Peer> held = new ArrayList<>();
        // Classes, pools of threads and the like that are there once come with the first one.
        held.add(connectAndCall());
        Thread.sleep(200);
        long threads = Threads.count();
        long heap = heap();
        long descriptors = descriptors();
        for (int i = 0; i < count; i++) {
            held.add(connectAndCall());
        }
        Thread.sleep(1000);
        measures.put("errors", 0);
        measures.put("threadsEach", (Threads.count() - threads) / (double) count);
        measures.put("heapEach", (heap() - heap) / (double) count);
        measures.put("descriptorsEach", (descriptors() - descriptors) / (double) count);
        if (held.size() != count + 1) {
            throw new IllegalStateException();
        }
    }

    private Peer connectAndCall() throws Exception {
        Peer peer = factory.connect(target, variant);
        if (!peer.echo(Fork.MESSAGE).equals(Fork.MESSAGE)) {
            throw new IllegalStateException("A wrong answer");
        }
        return peer;
    }

    private static long heap() throws InterruptedException {
        for (int i = 0; i < 3; i++) {
            System.gc();
            Thread.sleep(100);
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static long descriptors() throws IOException {
        long count = 0;
        try (DirectoryStream<Path> open = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path ignored : open) {
                count++;
            }
        }
        return count;
    }
}
