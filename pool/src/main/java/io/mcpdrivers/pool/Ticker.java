package io.mcpdrivers.pool;

/** Where the pool takes the time from by which connections age and back-off ends, so that a test can turn it. */
@FunctionalInterface
interface Ticker {

    /** The time of this JVM. */
    Ticker SYSTEM = System::nanoTime;

    /** The time, comparable with {@link System#nanoTime()}. */
    long now();
}
