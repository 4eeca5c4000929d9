package io.mcpdrivers.spi;

import org.jspecify.annotations.Nullable;

/**
 * Hears what a transport receives. Messages that the server sent in an order are handed over in that order; what arrived
 * on separate streams may be handed over at once, by several threads. The methods must return soon, must not block and
 * must not run user code.
 */
public interface TransportListener {

    /**
     * One whole message, or what a server sent in the place of one: the transport does not look into it.
     *
     * @param buffer holds the message; from now on it belongs to the listener, see {@link Transport#recycle}
     * @param offset where the message begins
     * @param length its length in bytes, at least 1; the line break that framed it is not part of it
     */
    void onMessage(byte[] buffer, int offset, int length);

    /**
     * A response to a request, whatever its id says: the transport knows whose it is, since it came where only the
     * response to that request can come. It is called for responses without an id, with which servers answer what they
     * could not read or would not look into.
     *
     * @param requestId the {@link Envelope#id()} of the request
     * @param buffer as in {@link #onMessage}
     * @param offset as in {@link #onMessage}
     * @param length as in {@link #onMessage}
     */
    default void onResponse(long requestId, byte[] buffer, int offset, int length) {
        onMessage(buffer, offset, length);
    }

    /**
     * A message over {@link OpenOptions#maxMessageSize()} was skipped. The transport goes on.
     *
     * @param head the first bytes of it, at most 4 KiB
     * @param tail the last bytes of it, at most 4 KiB; they may overlap with {@code head}
     * @param size its length in bytes
     */
    void onOversized(byte[] head, byte[] tail, long size);

    /**
     * One request failed although the transport lives, or a request turned out not to have been delivered.
     *
     * @param requestId the {@link Envelope#id()} of the request
     * @param cause why; says whether the server may have seen it
     */
    void onRequestFailed(long requestId, TransportException cause);

    /**
     * The transport has ended. Called exactly once, after which no other method is called.
     *
     * @param cause why, or null if this side closed it
     */
    void onClosed(@Nullable TransportException cause);
}
