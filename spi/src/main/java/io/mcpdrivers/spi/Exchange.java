package io.mcpdrivers.spi;

/** A request on its way, as the transport that carries it knows it. */
@FunctionalInterface
public interface Exchange {

    /** For transports that keep nothing per request: the server has to be told by a message. */
    Exchange NONE = () -> false;

    /**
     * Abandons the request: its answer is no longer awaited. Frees what the transport holds for it. Idempotent, does
     * not block.
     *
     * @return true if this alone tells the server, as closing a response stream does; false if the caller has to send
     *     {@code notifications/cancelled}
     * @see <a href="https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/cancellation">Specification:
     *     Cancellation</a>
     */
    boolean cancel();
}
