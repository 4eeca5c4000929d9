package io.mcpdrivers.pool;

/** How a server stands. */
public enum ServerState {
    /** No connection has been made yet. */
    INITIALIZING,
    /** Connections can be had. */
    READY,
    /** The last attempt to connect failed, or its configuration cannot be used. */
    ERROR,
    /** The pool was closed. */
    SHUTDOWN
}
