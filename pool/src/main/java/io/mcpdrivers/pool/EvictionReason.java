package io.mcpdrivers.pool;

/** Why a connection left the pool. */
public enum EvictionReason {
    /** It was idle for longer than {@code idleTimeout}. */
    IDLE,
    /** It reached {@code maxAge}. */
    AGE,
    /** It served {@code maxUses} leases. */
    USES,
    /** There were {@code maxIdle} idle connections when it came back. */
    EXCESS,
    /** Its server ended, or the connection broke. */
    LOST,
    /** It did not answer when it was checked. */
    INVALID,
    /** As many as {@code maxAbandoned} requests were given up on it and never answered. */
    ABANDONED,
    /** It was idle, and another server needed its place within {@code maxTotal}. */
    ROOM,
    /** The processes of its server used more memory than {@code maxProcessMemory} or {@code maxPoolMemory}. */
    MEMORY,
    /** Somebody asked for it: {@link McpPool#softEvict}. */
    ASKED,
    /** Its server was disabled or removed, or is configured otherwise now. */
    WITHDRAWN,
    /** The pool was closed. */
    CLOSED
}
