package io.mcpdrivers.engine;

import org.jspecify.annotations.Nullable;

/** Measures what happens on one connection. Must not throw. Thread-safe. */
abstract class ConnectionMeter {

    /**
     * A request is about to be sent, by the thread that does that.
     *
     * @param call the request
     * @param revision the protocol revision that it is sent with
     * @param repeated the operation that it repeats, since the server wanted that; null if none
     * @return what is told of it
     */
    abstract OperationMeter started(PendingCall call, String revision, @Nullable OperationMeter repeated);

    /**
     * The connection has ended after it was usable. Called once, by a thread of the library that does not read.
     *
     * @param revision the protocol revision
     * @param failure the class of the failure; null if it was closed by this side
     */
    abstract void ended(String revision, @Nullable Class<?> failure);
}
