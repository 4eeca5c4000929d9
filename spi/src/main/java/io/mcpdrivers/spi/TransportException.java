package io.mcpdrivers.spi;

import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A transport could not be opened, was lost, or failed to carry a message. The message is fit to be shown to a user:
 * it names the server and the reason, with secrets masked.
 */
public class TransportException extends IOException {

    private static final long serialVersionUID = 1L;

    /** What failed, so that the layers above can decide what to do. */
    public enum Kind {
        /**
         * The target does not exist, or the URI's parameters or options do not fit it; trying again changes nothing. Of a
         * message: it was not sent for such a reason, and the transport is as usable as before.
         */
        CONFIGURATION,
        /** The server could not be reached, ended, or stopped reading; a later attempt may succeed. */
        CONNECTION,
        /**
         * The server rejects the request as one that it does not understand, without a word in the protocol: it may be
         * of another era. It has not acted on the request, and the transport is as usable as before. Over HTTP a 4xx
         * status that says nothing of authorization or load.
         */
        REJECTED,
        /**
         * The server refuses the request for now, as one of too many. It has not acted on it, and the transport is as
         * usable as before, so that sending it over another one does not help; it says nothing of the server's era.
         * Over HTTP status 429.
         */
        REFUSED,
        /** The server has forgotten the session that the request belongs to, and has not acted on the request. */
        SESSION_LOST,
        /** The server refuses for lack of authorization. */
        AUTHORIZATION,
        /** What the server sent is not what the transport's specification allows. */
        PROTOCOL,
        /** The time for it ran out. */
        TIMEOUT
    }

    private final Kind kind;
    private final boolean mayHaveBeenDelivered;

    /**
     * Creates an exception.
     *
     * @param kind what failed
     * @param message what happened, with values, without secrets
     * @param mayHaveBeenDelivered whether the server may have seen the message that this is about; false also if it is
     *     about none
     * @param cause the failure beneath; may be null
     */
    public TransportException(Kind kind, String message, boolean mayHaveBeenDelivered, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = Objects.requireNonNull(kind, "kind");
        this.mayHaveBeenDelivered = mayHaveBeenDelivered;
    }

    /**
     * An exception about no message in particular.
     *
     * @param kind what failed
     * @param message what happened, with values, without secrets
     */
    public TransportException(Kind kind, String message) {
        this(kind, message, false, null);
    }

    /**
     * What failed.
     *
     * @return never null
     */
    public Kind kind() {
        return kind;
    }

    /**
     * Whether the server may have seen the message that this exception is about.
     *
     * @return false only if it certainly has not
     */
    public boolean mayHaveBeenDelivered() {
        return mayHaveBeenDelivered;
    }
}
