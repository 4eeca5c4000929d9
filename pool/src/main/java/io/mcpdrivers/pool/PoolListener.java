package io.mcpdrivers.pool;

/**
 * Is told what happens in a pool. It runs on a thread of the pool that does nothing else for it, under no lock, so it may
 * be slow: then events wait for it, 10,000 at most, and the newest are lost beyond that. Events come one at a time, in the
 * order in which they were noted; those of different threads have no other order. What it throws is logged.
 *
 * @see PoolBuilder#listener
 */
@FunctionalInterface
public interface PoolListener {

    /**
     * Something happened.
     *
     * @param event what
     */
    void onEvent(PoolEvent event);
}
