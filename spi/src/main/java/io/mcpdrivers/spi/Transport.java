package io.mcpdrivers.spi;

import java.util.OptionalLong;

/**
 * Moves whole JSON-RPC messages, as UTF-8 bytes, between this client and one server. It knows nothing of what they
 * mean.
 *
 * <p>All methods may be called from any thread at any time. The listener's methods are called from threads of the
 * transport, or from one that waits in {@link #send}.
 *
 * @see <a href="https://modelcontextprotocol.io/specification/2026-07-28/basic/transports">Specification: Transports</a>
 */
public interface Transport extends AutoCloseable {

    /**
     * Begins delivering inbound messages. Called exactly once, before the first {@link #send}.
     *
     * @param listener takes the messages, and at the end exactly one {@link TransportListener#onClosed}
     * @throws IllegalStateException if called twice
     */
    void start(TransportListener listener);

    /**
     * Sends one message. Messages of one thread are sent in the order of the calls.
     *
     * <p>A transport may queue the message behind others that are being written, within a bound; when the bound is
     * reached the call waits, at the longest until {@link Envelope#deadlineNanos()}.
     *
     * @param envelope what is known of the message beside its bytes
     * @param message one JSON-RPC message without a line break, in UTF-8; the transport may keep the array, so the
     *     caller must not change it afterwards
     * @return a handle to abandon the request; for a message that is not a request it has no effect
     * @throws TransportException if the message was certainly not delivered:
     *     {@link TransportException#mayHaveBeenDelivered()} is then false. If that becomes known only later, or
     *     delivery is uncertain, the listener hears of it instead
     */
    Exchange send(Envelope envelope, byte[] message) throws TransportException;

    /**
     * Whether messages can be sent, as far as is known without I/O.
     *
     * @return false once the transport is closed or was found broken; it never becomes true again
     */
    boolean isOpen();

    /**
     * Whether each request is an exchange of its own, as over Streamable HTTP, and not one message among others on a
     * stream. Then neither silence nor a lost connection says more than what became of that one request, and what an
     * {@link Envelope} says beside the message reaches the server. It may change until the handshake is over.
     *
     * @return false unless overridden
     */
    default boolean hasExchangePerRequest() {
        return false;
    }

    /**
     * Whether what this transport speaks exists only in protocol revisions that begin with {@code initialize}, so that
     * nobody has to find out whether the server is of a newer one. Asked once the transport was started; it may change
     * until the handshake is over.
     *
     * @return true for HTTP with SSE of revision 2024-11-05; by default false
     */
    default boolean isLegacyOnly() {
        return false;
    }

    /**
     * What the server last said beside its messages, such as the end of its standard error, to be quoted when a
     * connection fails. No I/O.
     *
     * @return some lines at most, secrets masked; empty if there is nothing
     */
    default String lastWords() {
        return "";
    }

    /**
     * Hides in a text what this transport knows to be secret and no URI holds, such as the headers that it was given for
     * its requests: a server may repeat what it was sent. Called for whatever is quoted of a server. No I/O.
     *
     * @param text any text
     * @return the text with {@code ***} for each such secret; by default as it is
     */
    default String redact(String text) {
        return text;
    }

    /**
     * The process that the transport runs for itself and that ends with it.
     *
     * @return its id in the operating system; by default, and if there is none, empty
     */
    default OptionalLong processId() {
        return OptionalLong.empty();
    }

    /**
     * Hands back an array that {@link TransportListener#onMessage} delivered, once its content is no longer needed,
     * so that the transport may read another large message into it. Optional; the caller must not touch the array
     * afterwards.
     *
     * @param buffer the array as it was delivered
     */
    default void recycle(byte[] buffer) {}

    /**
     * Closes the transport and frees everything it holds, the server process included; returns when that has
     * happened. Each wait in it is bounded. Idempotent: a second call waits for the first. An interrupt does not
     * shorten the clean-up, but is kept for the caller to see.
     */
    @Override
    void close();
}
