package io.mcpdrivers.engine;

import java.util.concurrent.atomic.AtomicInteger;

/** Lets tests see what the engine holds. */
public final class EngineState {

    private static final AtomicInteger REFUSED = new AtomicInteger();

    private EngineState() {}

    /** Has no task find a thread that needs one from now on, as on a machine that has no more. */
    public static void refuseThreads() {
        REFUSED.set(0);
        Background.wayToThread = () -> {
            REFUSED.incrementAndGet();
            throw new OutOfMemoryError("unable to create native thread, as told");
        };
    }

    /** Lets all tasks find one again. */
    public static void giveThreads() {
        Background.wayToThread = () -> {};
    }

    /** How often a thread was refused since it last began. */
    public static int refused() {
        return REFUSED.get();
    }

    /** How many timers wait to run. */
    public static int timersWaiting() {
        return Background.timersWaiting();
    }
}
