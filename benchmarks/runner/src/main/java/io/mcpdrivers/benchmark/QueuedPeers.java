package io.mcpdrivers.benchmark;

import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/** What one writes who has a client and no pool: the connections in a queue, taken for a call and put back. */
final class QueuedPeers implements Peer {

    private final BlockingQueue<Peer> free;

    QueuedPeers(List<Peer> peers) {
        free = new ArrayBlockingQueue<>(peers.size(), false, peers);
    }

    @Override
    public String echo(String message) throws Exception {
        Peer peer = free.take();
        try {
            return peer.echo(message);
        } finally {
            free.put(peer);
        }
    }

    @Override
    public int blob(int size) throws Exception {
        Peer peer = free.take();
        try {
            return peer.blob(size);
        } finally {
            free.put(peer);
        }
    }

    @Override
    public void close() throws Exception {
        for (Peer peer : free) {
            peer.close();
        }
    }
}
