package io.mcpdrivers.engine;

/** Lets tests see what the engine holds. */
public final class EngineState {

    private EngineState() {}

    /** How many timers wait to run. */
    public static int timersWaiting() {
        return Background.timersWaiting();
    }
}
